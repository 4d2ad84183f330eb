"""The Explain page: quick maps at once, slow ones in the background with progress, cancel and a result that stays."""

from threading import Event

import numpy as np
import pytest
from by_hand import reading_of
from film_open import FILM, flat_map, html, visit, words
from streamlit.testing.v1 import AppTest

from cxr_models import explain, manifest
from cxr_models.errors import Cancelled, WeightsMissing
from cxr_models.types import COVID19, NORMAL, Reading, Reason, Verdict
from pages.shared import cached, jobs, session

EXTRA = {"probability": [0.6, 0.3, 0.1], "objective": [0.7, 0.4, 0.2], "before": 0.8, "after": 0.1, "blurred": 0.2}


@pytest.fixture
def explained(monkeypatch: pytest.MonkeyPatch, known_specs: dict) -> list[tuple[str, str, str]]:
    """Every quick map is flat; lists (model, method, class) of each that was made."""
    calls = []

    def make(film, lungs, model_id, method, target, progress=None, cancelled=None):
        calls.append((model_id, method, target))
        return flat_map(model_id, method, target)

    monkeypatch.setattr(explain, "explain", make)
    return calls


class Slow:
    """A perturbation that goes on until it is let go or cancelled."""

    def __init__(self) -> None:
        self.begun, self.let_go = Event(), Event()

    def __call__(self, film, lungs, model_id, method, target, progress=None, cancelled=None):
        if method != "perturbation":
            return flat_map(model_id, method, target)
        progress(0.4, "Blurring the film")
        self.begun.set()
        while not self.let_go.wait(0.001):
            if cancelled():
                raise Cancelled("Cancelled.")
        extra = {name: np.asarray(value, np.float32) for name, value in EXTRA.items()}
        return flat_map(model_id, method, target, extra=extra)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, known_specs: dict) -> Slow:
    work = Slow()
    monkeypatch.setattr(explain, "explain", work)
    yield work
    work.let_go.set()


def asked_to_perturb(app: AppTest, slow: Slow) -> AppTest:
    """The page with the slow map under way."""
    visit(app, "explain")
    app.radio(key="explain-method-test").set_value("perturbation").run()
    app.button(key="explain-start").click().run()
    assert slow.begun.wait(10)
    return app.run()


def job(app: AppTest) -> jobs.Job:
    return app.session_state[jobs.KEY]


def test_without_a_film_it_offers_the_next_step(app: AppTest, known_specs: dict):
    app.switch_page("pages/explain.py").run()
    assert not app.exception
    assert "No film is open" in html(app)
    assert app.button(key="sample-covid19").label == "Phantom with COVID-19"


def test_without_models_there_is_nothing_to_explain_and_it_says_so(app: AppTest, monkeypatch: pytest.MonkeyPatch):
    cached.specs.clear()
    monkeypatch.setattr(manifest, "specs", lambda path=None: {})
    visit(app, "explain", Reading(FILM, Verdict("ok"), None))
    cached.specs.clear()
    assert not app.exception
    assert "No model here gives an answer" in app.info[0].value


def test_it_starts_with_the_models_own_answer_and_keeps_the_map(app: AppTest, explained: list):
    visit(app, "explain")
    assert not app.exception
    assert explained == [("one", "cam", COVID19)]
    assert "50% of the evidence lies inside the lungs, which are 25% of the film" in words(app)
    assert "2.0 times" in words(app)
    app.switch_page("pages/about.py")
    app.switch_page("pages/explain.py").run()
    assert len(explained) == 1


def test_model_and_class_are_choices(app: AppTest, explained: list):
    visit(app, "explain")
    app.selectbox(key="explain-model").set_value("two").run()
    app.button_group(key=f"explain-class-two-{FILM.sha256[:16]}").set_value(COVID19).run()
    assert not app.exception
    assert explained[1:] == [("two", "cam", NORMAL), ("two", "cam", COVID19)]
    assert "shown the lungs alone" in words(app)


def test_the_method_and_its_paper_are_one_click_below(app: AppTest, explained: list):
    visit(app, "explain")
    (below,) = [one for one in app.expander if one.label == "Method and paper"]
    assert "Class activation map" in below.markdown[0].value
    assert "Zhou" in below.caption[0].value
    assert "Class activation map" not in app.radio[0].options


def test_a_slow_map_shows_progress_and_can_be_cancelled(app: AppTest, slow: Slow):
    asked_to_perturb(app, slow)
    assert not app.exception
    assert job(app).share == 0.4
    under_way = job(app)
    app.button(key="explain-cancel").click().run()
    assert under_way.wait(10) and under_way.cancelled
    said = words(app)  # the work may have ended while this run was drawn, or after it
    assert "Cancelled: Alpha, COVID-19, Film 1." in said + words(app.run())
    assert jobs.KEY not in app.session_state
    app.run()
    assert app.button(key="explain-start").label == "Start"


def test_a_slow_map_goes_on_while_the_reader_is_on_another_page(app: AppTest, slow: Slow):
    asked_to_perturb(app, slow)
    app.switch_page("pages/models.py").run()
    slow.let_go.set()
    assert job(app).wait(10)
    app.switch_page("pages/explain.py").run()
    assert not app.exception
    kept = app.session_state[session.KEY].maps
    assert (FILM.sha256, "one", "perturbation", COVID19) in kept
    app.radio(key="explain-method-test").set_value("perturbation").run()
    assert "0.80 on the film as it is, 0.10 with the marked parts blurred" in words(app)
    assert len(app.get("plotly_chart")) == 1


def test_a_slow_map_of_a_film_that_was_closed_is_dropped(app: AppTest, slow: Slow):
    asked_to_perturb(app, slow)
    under_way = job(app)
    app.button(key=f"close-{FILM.sha256}").click().run()
    assert under_way.wait(10)
    assert under_way.cancelled


def test_a_map_that_cannot_be_made_is_a_sentence(app: AppTest, known_specs: dict, monkeypatch: pytest.MonkeyPatch):
    def missing(*_, **__):
        raise WeightsMissing("The weights of one are not on this machine.")

    monkeypatch.setattr(explain, "explain", missing)
    visit(app, "explain")
    assert not app.exception
    assert app.warning[0].value.endswith("could not be made. The weights of one are not on this machine.")


def test_a_model_that_has_not_read_the_film_says_why(app: AppTest, explained: list):
    whole = reading_of(FILM)
    predictions = {name: one for name, one in whole.predictions.items() if name != "one"}
    visit(app, "explain", Reading(FILM, whole.verdict, whole.lungs, predictions, {"one": "Its weights are wrong."}))
    assert app.warning[0].value == "Alpha has not read this film. Its weights are wrong."
    assert explained == []


def test_a_refused_film_is_shown_and_nothing_is_computed(app: AppTest, explained: list):
    refused = Verdict("refused", (Reason("lateral", "refuse", "This is a lateral film.", 0.93, 0.5),))
    visit(app, "explain", Reading(FILM, refused, None))
    assert not app.exception
    assert "This is a lateral film." in html(app)
    assert "Nothing is computed from a film the gate refused." in words(app)
    assert app.button(key="to-read").label == "Go to Read"
    assert explained == []
