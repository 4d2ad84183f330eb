"""The pages in a real browser: a phantom in one click, its film on the canvas, nothing cut off, no error anywhere."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

APP = Path(__file__).resolve().parents[2] / "app.py"
FRAME = "header.frame h1"
NOTICE = "Research and teaching only. Not for diagnosis."
PAGES = ("Residuals", "Explain", "Compare", "Shortcuts", "Audit", "Teach", "Models", "Train", "About")
BROKEN = "[data-testid=stException]"
PATIENCE = 240_000  # milliseconds: all checks of a map, on a busy machine
FITS = "() => document.documentElement.scrollWidth <= window.innerWidth"


@pytest.mark.parametrize("width", [1024, 1440])
def test_every_page_bears_the_notice_fits_the_screen_and_has_a_next_step(page: Page, server: str, width: int):
    page.set_viewport_size({"width": width, "height": 768})
    page.goto(server)
    for name in PAGES:
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.locator(FRAME)).to_have_text(name)
        expect(page.get_by_role("note").filter(has_text=NOTICE)).to_be_visible()
        if name in PAGES[:4]:
            expect(page.get_by_text("No film is open")).to_be_visible()
            expect(page.get_by_role("button", name="Phantom with COVID-19")).to_be_in_viewport()
        assert page.evaluate(FITS), f"{name} is wider than {width} px"
        assert page.locator(BROKEN).count() == 0, name


def test_a_deep_link_opens_with_the_frame_and_our_navigation_also_on_a_server_just_started(
    page: Page, serve: Callable[[Path], str]
):
    page.goto(f"{serve(APP)}/about")
    expect(page.locator(FRAME)).to_have_text("About")
    expect(page.get_by_text("It is not a medical device")).to_be_visible()
    for name in ("Read", *PAGES):
        expect(page.get_by_role("link", name=name, exact=True)).to_have_count(1)
    expect(page.get_by_role("link", name="app", exact=True)).to_have_count(0)


def test_one_click_opens_a_phantom_and_it_stays_open_on_the_other_pages(page: Page, server: str):
    page.goto(server)
    page.get_by_role("link", name="Residuals", exact=True).first.click()
    page.get_by_role("button", name="Normal phantom").click()
    shown = page.locator("canvas[data-drawn]").first
    film = shown.get_attribute("data-film")
    assert re.fullmatch("[0-9a-f]{64}", film)
    for name in ("Explain", "Compare", "Shortcuts"):
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.locator(FRAME)).to_have_text(name)
        expect(page.locator("canvas[data-drawn]").first).to_have_attribute("data-film", film)
        expect(page.get_by_role("heading", name="Film 1")).to_be_visible()
        assert page.locator(BROKEN).count() == 0, name


def explain(page: Page, server: str) -> None:
    """The page with ResNet-18's map of a phantom on its film."""
    page.goto(server)
    page.get_by_role("link", name="Explain", exact=True).first.click()
    page.get_by_role("button", name="Phantom with COVID-19").click()
    expect(page.locator("p.badge").first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="ResNet-18").click()
    expect(page.locator(".legend-label").first).to_contain_text("ResNet-18", timeout=PATIENCE)


def test_explain_shows_a_map_its_badge_and_the_film_without_its_evidence(page: Page, server: str):
    explain(page, server)
    expect(page.locator("p.badge.waiting")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("p.badge")).to_have_count(1)
    expect(page.get_by_text("On test films")).to_be_visible()
    assert page.locator(BROKEN).count() == 0
    assert page.evaluate(FITS)
    film = page.locator("canvas[data-drawn]").first
    assert film.bounding_box()["width"] >= 0.6 * 1440
    slider = page.get_by_role("slider", name="How much of the film to blur")
    drawn = film.get_attribute("data-drawn")
    small = page.locator("canvas[data-drawn]").nth(1)
    before = small.get_attribute("data-film")
    slider.press("ArrowRight")
    expect(small).not_to_have_attribute("data-film", before, timeout=PATIENCE)
    expect(page.get_by_text("with 30% blurred")).to_be_visible()
    assert film.get_attribute("data-drawn") == drawn  # the large film was left alone


def test_explain_is_worked_by_keys_alone(page: Page, server: str):
    explain(page, server)
    film = page.locator("canvas[data-drawn]").first
    film.press("c")
    expect(page.get_by_role("button", name="Contours")).to_have_attribute("aria-pressed", "true")
    film.press("m")
    expect(page.locator(".legend").first).to_be_hidden()
    film.press("+")
    film.press("0")
    question = page.get_by_role("combobox", name="Question")
    question.focus()
    question.press("ArrowDown")
    question.press("ArrowDown")
    question.press("Enter")
    expect(question).not_to_have_value("Where the answer comes from")
    expect(page.locator("p.badge").first).to_be_visible(timeout=PATIENCE)
    assert page.locator(BROKEN).count() == 0


@pytest.mark.parametrize("view", ["Two maps", "Two answers", "All models"])
def test_explain_has_every_view_without_overflow(page: Page, server: str, view: str):
    explain(page, server)
    page.get_by_role("radio", name=view).click()
    if view == "All models":
        expect(page.locator("p.small")).to_have_count(5, timeout=PATIENCE)
    else:
        expect(page.locator("p.badge")).to_have_count(2, timeout=PATIENCE)
    assert page.evaluate(FITS)
    assert page.locator(BROKEN).count() == 0
