"""The pages in a real browser: a phantom in one click, its film on the canvas, nothing cut off, no error anywhere."""

import re

import pytest
from playwright.sync_api import Page, expect

FRAME = "header.frame h1"
NOTICE = "Research and teaching only. Not for diagnosis."
PAGES = ("Residuals", "Explain", "Compare", "Models", "Train", "About")
BROKEN = "[data-testid=stException]"
FITS = "() => document.documentElement.scrollWidth <= window.innerWidth"


@pytest.mark.parametrize("width", [1024, 1440])
def test_every_page_bears_the_notice_fits_the_screen_and_has_a_next_step(page: Page, server: str, width: int):
    page.set_viewport_size({"width": width, "height": 768})
    page.goto(server)
    for name in PAGES:
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.locator(FRAME)).to_have_text(name)
        expect(page.get_by_role("note").filter(has_text=NOTICE)).to_be_visible()
        if name in PAGES[:3]:
            expect(page.get_by_text("No film is open")).to_be_visible()
            expect(page.get_by_role("button", name="Phantom with COVID-19")).to_be_in_viewport()
        assert page.evaluate(FITS), f"{name} is wider than {width} px"
        assert page.locator(BROKEN).count() == 0, name


def test_a_deep_link_opens_with_the_frame(page: Page, server: str):
    page.goto(f"{server}/about")
    expect(page.locator(FRAME)).to_have_text("About")
    expect(page.get_by_text("It is not a medical device")).to_be_visible()


def test_one_click_opens_a_phantom_and_it_stays_open_on_the_other_pages(page: Page, server: str):
    page.goto(server)
    page.get_by_role("link", name="Residuals", exact=True).first.click()
    page.get_by_role("button", name="Normal phantom").click()
    shown = page.locator("canvas[data-drawn]").first
    film = shown.get_attribute("data-film")
    assert re.fullmatch("[0-9a-f]{64}", film)
    for name in ("Explain", "Compare"):
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.locator(FRAME)).to_have_text(name)
        expect(page.locator("canvas[data-drawn]").first).to_have_attribute("data-film", film)
        expect(page.get_by_role("heading", name="Film 1")).to_be_visible()
        assert page.locator(BROKEN).count() == 0, name
