"""Grow your own shortcut: begun, watched, cancelled, looked back at, two side by side; and what is said of it."""

import re
from pathlib import Path

import numpy as np
import pytest
from film_open import html, words
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from cxr_models.shortcuts.grow.exam import Snapshot
from cxr_models.shortcuts.grow.films import Example
from cxr_models.shortcuts.grow.growth import Growth
from cxr_models.shortcuts.grow.settings import Settings
from pages.shared import jobs
from pages.shared.grow import charts, picture, work
from pages.shared.grow import words as grow_words

SCRIPT = Path(__file__).with_name("grow_script.py")
PATIENCE = 120_000  # milliseconds
BROKEN = "[data-testid=stException]"


@pytest.fixture
def view(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The view; what is begun is not run."""
    monkeypatch.setattr(jobs, "Thread", NeverRun)
    return AppTest.from_file(str(SCRIPT), default_timeout=30)


class NeverRun:
    def __init__(self, **_: object) -> None:
        pass

    def start(self) -> None:
        pass


def snapshot(epoch: int, against: int = 12) -> Snapshot:
    maps = np.zeros((2, 4, 4), np.float32)
    maps[:, 0, 0] = epoch
    shares = {"letter": 0.75, "opacity": 0.125, "elsewhere": 0.125} if epoch else None
    right = {"aligned": 97, "clean": 58, "conflicting": against}
    return Snapshot(
        epoch, right, 100, shares, {"letter": 0.03, "opacity": 0.2, "elsewhere": 0.77}, maps, maps.max((1, 2)) / 4
    )


def growth(against: int = 12, **settings: object) -> Growth:
    film, opacity = np.full((64, 64), 0.5, np.float32), np.zeros((64, 64), bool)
    opacity[40:50, 20:30] = True
    examples = (Example.of(film, True, opacity), Example.of(film, False, np.zeros_like(opacity)))
    asked = Settings(**{"strength": 1.0, "visibility": 0.6} | settings)
    return Growth(asked, 3, examples, [snapshot(epoch, against) for epoch in range(4)])


def kept(view: AppTest, *growths: Growth) -> AppTest:
    view.session_state[work.KEY] = work.Growths(asked=growths[-1].settings, kept=growths)
    return view.run()


def test_at_first_the_view_says_what_to_do(view: AppTest):
    view.run()
    assert not view.exception
    assert "No network has been trained yet" in html(view)
    assert "100% of the ill and 0% of the healthy films bear the letter R." in words(view)
    view.slider(key="grow-strength").set_value(0.5).run()
    assert "75% of the ill and 25% of the healthy films bear the letter R." in words(view)


def test_train_begins_what_the_sliders_say_and_cancel_ends_it(view: AppTest):
    view.run()
    view.slider(key="grow-strength").set_value(0.2).run()
    view.slider(key="grow-visibility").set_value(0.4).run()
    view.number_input(key="grow-seed").set_value(7).run()
    view.button(key="grow-train").click().run()
    assert not view.exception
    assert view.session_state[work.KEY].live.settings == Settings(0.2, 0.4, 7)
    assert view.button(key="grow-train").disabled
    view.button(key="grow-cancel").click().run()
    assert view.session_state[jobs.KEY].stopping


def test_a_cancelled_growth_says_so(view: AppTest):
    asked = Settings(1.0, 0.6)
    view.session_state[work.KEY] = work.Growths(asked=asked)
    view.session_state[jobs.ENDS] = {work.ticket(asked): jobs.CANCELLED}
    assert jobs.CANCELLED in words(view.run())


def test_a_whole_growth_shows_its_finding_its_films_and_any_epoch(view: AppTest):
    kept(view, growth())
    assert not view.exception
    assert "the net is right 12 of 100 times: it follows the letter, not the lung" in html(view)
    assert "75% lies at the letter, which takes up 3% of the film" in html(view)
    assert "✓ The net says: ill (75%)" in html(view) and "✕ The net says: ill (75%)" in html(view)
    view.slider[-1].set_value(1).run()
    assert "✕ The net says: healthy (75%)" in html(view) and "✓ The net says: healthy (75%)" in html(view)
    view.slider[-1].set_value(2).run()
    assert "The net does not know" in html(view)


def test_the_last_two_stand_side_by_side(view: AppTest):
    kept(view, growth(), growth(96, strength=0.0))
    text = html(view)
    assert "Letter 1.00, visibility 0.60, seed 0" in text and "Letter 0.00, visibility 0.60, seed 0" in text
    assert "12 of 100" in text and "96 of 100" in text and "hardly sways it" in text
    assert view.slider(key="grow-strength").value == 0.0


def test_of_ended_growths_the_last_two_are_kept():
    mine = work.Growths()
    keep = work._keep(mine)
    all_three = [growth(seed=seed) for seed in (1, 2, 3)]
    for one in all_three:
        keep(one)
    assert list(mine.kept) == all_three[1:]


def test_own_films_need_their_paths_and_have_no_visibility(view: AppTest, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CXR_RUNS", "/nowhere")
    monkeypatch.delenv("CXR_FILMS", raising=False)
    view.run()
    view.segmented_control(key="grow-films").set_value("index").run()
    assert view.slider(key="grow-visibility").disabled
    view.text_input(key="grow-index").input("index.csv").run()
    view.button(key="grow-train").click().run()
    assert "Name both the index and the folder" in words(view)
    view.text_input(key="grow-root").input("/films").run()
    view.button(key="grow-train").click().run()
    assert view.session_state[work.KEY].live.settings == Settings(1.0, 0.6, 0, "index.csv", "/films")


@pytest.mark.parametrize(
    ("aligned", "clean", "against", "said"),
    [
        (100, 50, 0, "it follows the letter, not the lung"),
        (100, 85, 30, "it sees the lung too"),
        (55, 52, 50, "it learned nothing"),
        (95, 94, 92, "hardly sways it"),
        (96, 86, 73, "The letter sways the net"),
        (90, 60, 45, "The letter sways the net"),
    ],
)
def test_the_finding_says_what_the_figures_say(aligned: int, clean: int, against: int, said: str):
    assert said in grow_words.finding({"aligned": aligned, "clean": clean, "conflicting": against}, 100)


def test_a_coin_is_a_binomial():
    assert grow_words.coin(100) == pytest.approx((40.2, 59.8))


def test_the_lines_are_the_snapshots():
    rows = charts.accuracy_rows([snapshot(0), snapshot(1)])
    assert rows[rows.line == "no letter"].share.tolist() == [0.58, 0.58]
    shown = charts.evidence_rows([snapshot(0), snapshot(1)])
    assert list(shown.itertuples(index=False, name=None)) == [(1, "at the letter", 0.75), (1, "in the opacity", 0.125)]


def test_two_films_of_one_epoch_share_a_scale_and_no_evidence_has_one():
    assert picture.top(snapshot(3)) == 3 and picture.top(snapshot(0)) > 0


def test_a_net_grows_in_the_browser_and_the_same_seed_the_same(page: Page, serve, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GROW_TINY", "1")
    page.goto(serve(SCRIPT))
    page.get_by_role("button", name="Train").click()
    expect(page.locator(".grow.finding")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".grow figure img")).to_have_count(2)
    whole = "img => img.decode().then(() => img.naturalWidth > 0)"
    assert page.locator(".grow figure img").first.evaluate(whole)
    finding = page.locator(".grow.finding").inner_text()
    page.get_by_role("button", name="Train").click()
    expect(page.get_by_text("Side by side: the last two")).to_be_visible(timeout=PATIENCE)
    assert page.locator(".grow.finding").inner_text() == finding  # the same seed, the same result
    figures = page.locator(".grow.kept table")
    assert figures.nth(0).inner_text() == figures.nth(1).inner_text()
    assert re.search(r"\d of 6", figures.nth(0).inner_text())
    assert page.locator(BROKEN).count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
