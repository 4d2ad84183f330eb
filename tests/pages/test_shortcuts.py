"""The page Shortcuts: the bench with its table, and the mark, on models whose answers are known."""

from dataclasses import replace

import numpy as np
import pytest
from by_hand import reading_of
from film_open import FILM, flat_map, html, visit, words
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from cxr_models import explain
from cxr_models.errors import Cancelled
from cxr_models.shortcuts import EDITS, looks, sweeps
from cxr_models.shortcuts import bench as benches
from cxr_models.shortcuts.bench import Bench
from cxr_models.shortcuts.sweeps import Dose
from cxr_models.types import COVID19, Map, Reading
from pages.shared import jobs
from pages.shared.lab import choices, figures, kept
from pages.shared.lab import edits as lab_edits
from pages.shared.lab import words as said

BEFORE = {"one": [0.8, 0.15, 0.05], "two": [0.2, 0.7, 0.1], "three": [0.9, 0.1]}
PATIENCE = 240_000


def after(model: str) -> np.ndarray:
    """Alpha keeps its answer whatever is done, Beta and Gamma lose theirs with the lungs."""
    rows = np.tile(BEFORE[model], (len(EDITS), 1))
    if model != "one":
        rows[:5] = np.roll(rows[:5], 1, axis=1)
    return rows


class Lab:
    """Stands in for the computing: known answers; what was asked is kept."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fail = False

    def bench(self, film, lungs, model_ids, progress, cancelled) -> Bench:
        self.asked.append("bench")
        if self.fail:
            raise Cancelled("Cancelled: nothing was kept.")
        before = {name: np.array(BEFORE[name]) for name in model_ids}
        return Bench(film, lungs, tuple(EDITS), before, {name: after(name) for name in model_ids})

    def dose(self, film, lungs, mark, ids, progress, cancelled) -> Dose:
        self.asked.append("dose")
        return Dose(mark, np.array([0.0, 1.0]), {name: np.stack([np.array(BEFORE[name])] * 2) for name in ids})

    def placement(self, film, lungs, mark, model_id, target, progress, cancelled) -> Map:
        self.asked.append("placement")
        grid = np.array([[0.0, 0.3], [-0.1, 0.0]], np.float32)
        return flat_map(model_id, "placement", target, signed=True, extra={"grid": grid})


class Looks:
    """With the mark Alpha answers 0.1 more, the others as before."""

    def __init__(self, shown) -> None:
        self.count = len(shown)

    def probabilities(self, name: str) -> np.ndarray:
        rows = np.tile(BEFORE[name], (self.count, 1))
        rows[1, 0] += 0.1 if name == "one" else 0
        return rows


def rising(film, lungs, model, method, target) -> Map:
    """A map that rises from left to right."""
    rows, columns = film.pixels.shape
    return flat_map(model, method, target, values=np.tile(np.linspace(0, 1, columns, dtype=np.float32), (rows, 1)))


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch, known_specs: dict) -> Lab:
    stand_in = Lab()
    kept.of(FILM).clear()  # one film object serves all tests
    monkeypatch.setattr(benches, "bench", stand_in.bench)
    monkeypatch.setattr(sweeps, "dose", stand_in.dose)
    monkeypatch.setattr(sweeps, "placement", stand_in.placement)
    monkeypatch.setattr(looks, "Looks", Looks)
    monkeypatch.setattr(explain, "explain", rising)
    monkeypatch.setattr(explain, "methods_for", lambda model: ("cam",))
    return stand_in


def settled(app: AppTest) -> AppTest:
    """The page once its work has ended."""
    if jobs.KEY in app.session_state:
        assert app.session_state[jobs.KEY].wait(20)
        app.run()
    assert not app.exception
    return app


@pytest.fixture
def edits(lab: Lab, app: AppTest) -> AppTest:
    return settled(visit(app.run(), "shortcuts"))


@pytest.fixture
def marker(lab: Lab, app: AppTest) -> AppTest:
    app = settled(visit(app.run(), "shortcuts"))
    app.segmented_control(key="lab-what").set_value("marker").run()
    return settled(app)


def test_without_a_film_the_page_says_what_to_do(known_specs: dict, app: AppTest):
    app.run().switch_page("pages/shortcuts.py").run()
    assert not app.exception
    assert "No film is open" in words(app) and "changes a film in known ways" in words(app)


def test_the_bench_says_who_answers_without_lungs(edits: AppTest, lab: Lab):
    """Beta reads the lungs alone and is not asked; Gamma's 0.9 becomes 0.1."""
    assert lab.asked == ["bench"]
    assert "With the lungs erased Alpha still says COVID-19" in html(edits)
    assert "this answer does not need the lungs" in html(edits)
    assert "No change of greys or file moves any model by 0.1 or more." in words(edits)


def test_edit_and_model_choose_the_film_that_is_shown(edits: AppTest):
    assert "Alpha, Lungs only: COVID-19 0.80 → 0.80 (0)" in words(edits)
    edits.selectbox(key="lab-edit").set_value("lungs-erased-blur").run()
    edits.selectbox(key="lab-model").set_value("three").run()
    assert not edits.exception
    assert "Gamma, Lungs erased: blurred: COVID-19 0.90 → 0.10 (−0.80)" in words(edits)
    assert "It looks at the same places as before (likeness 1.00 of 1)." in words(edits)
    edits.selectbox(key="lab-edit").set_value("mirrored").run()
    assert "It looks at other places than before (likeness -1.00 of 1)." in words(edits)


def test_a_map_without_evidence_is_a_sentence_under_the_bare_film(lab, app: AppTest, monkeypatch):
    """Of the film as it came; after the edit there is something."""

    def against(film, lungs, model, method, target) -> Map:
        found = rising(film, lungs, model, method, target)
        return replace(found, values=-found.values, signed=True) if film is FILM else found

    drawn, real = {}, lab_edits.viewer

    def seen(film, *, key, overlays=(), **rest):
        drawn[key] = len(overlays)
        real(film, key=key, overlays=overlays, **rest)

    monkeypatch.setattr(explain, "explain", against)
    monkeypatch.setattr(lab_edits, "viewer", seen)
    edits = settled(visit(app.run(), "shortcuts"))
    assert (drawn["lab-before"], drawn["lab-after"]) == (0, 1)
    assert words(edits).count("By this method nothing on the film speaks for COVID-19: there is no map to show.") == 1
    assert "likeness" not in words(edits)


@pytest.mark.parametrize("view", ["both", "after", "before"])
@pytest.mark.parametrize("edit", ["cropped", "mirrored", "jpeg-10"])
def test_every_view_of_every_kind_of_edit_is_drawn(edits: AppTest, view: str, edit: str):
    edits.selectbox(key="lab-edit").set_value(edit).run()
    edits.segmented_control(key="lab-view").set_value(view).run()
    assert not edits.exception


def test_work_that_came_to_nothing_can_be_tried_again(lab: Lab, app: AppTest):
    lab.fail = True
    app = settled(visit(app.run(), "shortcuts"))
    assert "Cancelled" in words(app)
    lab.fail = False
    next(button for button in app.button if button.label == "Try again").click().run()
    assert "still says COVID-19" in html(settled(app))


def test_without_lungs_the_other_edits_are_shown(monkeypatch: pytest.MonkeyPatch, lab: Lab, app: AppTest):
    names = tuple(name for name, edit in EDITS.items() if not edit.needs_lungs)

    def bench(film, lungs, model_ids, progress, cancelled) -> Bench:
        before = {name: np.array(BEFORE[name]) for name in model_ids}
        rows = {name: np.tile(BEFORE[name], (len(names), 1)) for name in model_ids}
        rows["two"][:] = np.nan
        return Bench(film, None, names, before, rows, {name: "needs the lungs" for name in EDITS if name not in names})

    monkeypatch.setattr(benches, "bench", bench)
    read = reading_of(FILM)
    app = settled(visit(app.run(), "shortcuts", Reading(FILM, read.verdict, None, read.predictions)))
    assert "6 edits need the lungs, and none were found on this film." in words(app)


def test_a_mark_moves_a_model_and_the_row_says_so(marker: AppTest):
    assert "0.80 → 0.90" in html(marker) and "+0.10" in html(marker)
    assert html(marker).count("crosses its threshold") == 0


def test_a_click_puts_the_mark_there(marker: AppTest):
    marker.session_state[choices.ROW], marker.session_state[choices.COLUMN] = 30.0, 40.0
    marker.run()
    assert marker.number_input(key=choices.ROW).value == 30.0


def test_own_letters_are_needed(marker: AppTest):
    marker.selectbox(key="lab-mark").set_value("own").run()
    marker.text_input(key="lab-letters").set_value("  ").run()
    assert not marker.exception and "Type the letters" in words(marker)


@pytest.mark.parametrize("mark", ["leads", "tube", "border", "date"])
def test_every_mark_is_drawn(marker: AppTest, mark: str):
    marker.selectbox(key="lab-mark").set_value(mark).run()
    assert not marker.exception
    assert ("lab-place" in {button.key for button in marker.button}) == (mark != "border")


def test_a_mark_begins_where_such_marks_stand_unless_the_reader_has_placed_it(marker: AppTest):
    def place() -> tuple[float, float]:
        return tuple(marker.number_input(key=key).value for key in (choices.ROW, choices.COLUMN))

    assert place() == choices.START  # the letter L: on the patient's left, which is the right of the film
    marker.selectbox(key=choices.MARK).set_value("R").run()
    assert place() == (8.0, 10.0)
    marker.selectbox(key=choices.MARK).set_value("tube").run()
    assert place() == choices.STARTS["tube"]
    marker.number_input(key=choices.ROW).set_value(33.0).run()
    marker.selectbox(key=choices.MARK).set_value("L").run()
    assert place() == (33.0, 50.0)


def test_without_any_answer_there_is_nothing_to_compare_with(lab: Lab, app: AppTest):
    reading = replace(reading_of(FILM), predictions={}, failures={"one": "The weights of one are missing."})
    visit(app.run(), "shortcuts", reading)
    assert not app.exception and lab.asked == []
    assert "No model has read this film" in app.info[0].value and "The weights of one are missing." in app.info[0].value


def test_dose_and_places_are_made_by_a_button_and_kept(marker: AppTest, lab: Lab):
    marker.button(key="lab-dose").click().run()
    settled(marker)
    marker.button(key="lab-place").click().run()
    settled(marker)
    assert lab.asked == ["bench", "dose", "placement"]
    assert "Moving the mark about changes COVID-19 by −0.10 to +0.30." in words(marker)
    assert {"lab-place", "lab-dose"}.isdisjoint({button.key for button in marker.button})


def test_the_heat_map_by_hand():
    figure = figures.heat_map(["A", "B"], ["M"], np.array([0.5]), np.array([[0.75], [np.nan]]), (1, 0))
    heat, points = figure.data
    assert heat.text[0][0] == "+0.25" and heat.text[1][0] == "–"
    assert [*points.x], [*points.y] == ([0, 0], [0, 1])
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].y1) == (0.5, 1.5)
    assert figure.layout.xaxis.ticktext == ("<b>M</b><br>0.50",)


@pytest.mark.parametrize(
    "change, text", [(0.124, "+0.12"), (-0.8, "−0.80"), (0.004, "0"), (-0.004, "0"), (np.nan, "–")]
)
def test_a_change_in_figures(change: float, text: str):
    assert said.signed(change) == text


def test_who_still_answers_without_lungs(known_specs: dict):
    def sentence(before: dict, erased: dict) -> str:
        return said.without_lungs(known_specs, before, {name: np.array(v) for name, v in erased.items()})

    assert sentence({"one": 0.2, "three": 0.1}, {"one": [0.1], "three": [0.3]}) == (
        "No model says COVID-19 of this film, with the lungs or without."
    )
    assert sentence({"one": 0.2}, {"one": [0.1, 0.9]}) == (
        "No model says COVID-19 of this film; with the lungs erased Alpha does."
    )
    assert sentence({"one": 0.9}, {"one": [0.1, 0.9]}).startswith("With the lungs erased Alpha may still say COVID-19")
    assert sentence({"one": 0.9, "three": 0.9}, {"one": [0.1], "three": [0.2]}) == (
        "With the lungs erased no model says COVID-19 any more; Alpha and Gamma did."
    )


def test_the_change_that_moves_most(known_specs: dict):
    changes = {"one": np.array([0.0, np.nan]), "three": np.array([0.05, -0.4])}
    assert said.moved_most(known_specs, ["A", "B"], changes, COVID19) == (
        "B alone moves Gamma by −0.40 for COVID-19: the chest is the same."
    )
    assert said.moved_most(known_specs, ["A"], {"one": np.array([np.nan])}, COVID19) == ""


def test_places_and_likeness_in_words():
    assert "less than 0.01" in said.placed(0.004, -0.002, COVID19)
    assert said.alike(None) == "" and "other places" in said.alike(0.1) and "partly" in said.alike(0.5)
    assert "could not read" in said.cell("Cropped", "Alpha", COVID19, 0.5, np.nan)


def test_a_teacher_edits_a_phantom_and_puts_a_letter_on_it(page: Page, server: str):
    page.goto(server)
    page.get_by_role("link", name="Shortcuts", exact=True).first.click()
    page.get_by_role("button", name="Phantom with COVID-19").click()
    table = page.get_by_test_id("stPlotlyChart")
    expect(table).to_be_visible(timeout=PATIENCE)
    box = table.bounding_box()
    across, down = box["x"] + 0.9 * box["width"], box["y"] + 44 + 22 * 9.5
    page.mouse.click(across, down)
    expect(page.get_by_text("ResNet-18, Mirrored: COVID-19")).to_be_visible()
    page.get_by_text("Put a mark on it").click()
    down = page.get_by_role("spinbutton", name="Down, %")
    expect(down).to_have_value("8.00")
    canvas = page.locator("canvas").first
    expect(canvas).to_have_class("pick")
    film = canvas.bounding_box()
    canvas.click(position={"x": film["width"] / 2, "y": film["height"] / 2})
    expect(down).not_to_have_value("8.00")
    expect(page.locator("section.moved output").first).to_contain_text("→")
    assert page.locator("[data-testid=stException]").count() == 0
