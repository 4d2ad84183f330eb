"""The Explain page: three choices, a map with its badge and its words, and what it says where there is none."""

import pytest
from by_hand import reading_of
from film_open import FILM, html, visit, words
from maps_open import REMOVE, SMALL, Work, ask, seen, settled
from streamlit.testing.v1 import AppTest

from cxr_models import explain, manifest
from cxr_models.errors import WeightsMissing
from cxr_models.types import COVID19, NORMAL, Reading, Reason, Verdict
from pages.shared import cached


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


def test_it_starts_with_the_models_own_answer_and_keeps_the_map_and_its_checks(app: AppTest, work: Work):
    settled(visit(app, "explain"))
    assert work.calls == [("one", "cam", COVID19), ("one", "grad_cam_pp", COVID19)]  # the second to check the first
    assert work.checked == [("one", "cam", COVID19)]
    assert "50% of what it marks lies inside the lungs, which are 25% of the film" in words(app)
    assert "would have 75% there" in words(app)
    assert "2.0 times" in words(app)
    app.switch_page("pages/about.py")
    settled(app.switch_page("pages/explain.py").run())
    assert (len(work.calls), len(work.checked)) == (2, 1)


def test_model_and_class_are_choices(app: AppTest, work: Work):
    settled(visit(app, "explain"))
    settled(app.selectbox(key="explain-model").set_value("two").run())
    (answer,) = [one for one in app.button_group if one.key and one.key.startswith("explain-class-two")]
    settled(answer.set_value(COVID19).run())
    assert work.checked[1:] == [("two", "cam", NORMAL), ("two", "cam", COVID19)]
    assert "shown the lungs alone" in words(app)


def test_the_question_stays_when_the_model_changes(app: AppTest, work: Work):
    settled(ask(visit(app, "explain"), SMALL))
    settled(app.selectbox(key="explain-model").set_value("three").run())
    assert app.selectbox(key="explain-question").value == SMALL
    assert work.checked[-1] == ("three", "grad_cam_pp", COVID19)


def test_every_map_shown_can_be_kept(app: AppTest, work: Work):
    settled(visit(app, "explain"))
    assert [button.proto.label for button in app.get("download_button")] == ["PNG", "NPY", "DICOM-ready NPZ"]


def test_a_map_that_cannot_be_made_is_a_sentence(app: AppTest, work: Work, monkeypatch: pytest.MonkeyPatch):
    def missing(*_, **__):
        raise WeightsMissing("The weights of one are not on this machine.")

    monkeypatch.setattr(explain, "explain", missing)
    settled(visit(app, "explain"))
    assert app.warning[0].value == "The map of Alpha could not be made. The weights of one are not on this machine."
    settled(ask(app, REMOVE))
    assert app.warning[0].value == "There is no map of Alpha. The weights of one are not on this machine."


def test_a_model_that_has_not_read_the_film_says_why(app: AppTest, work: Work):
    whole = reading_of(FILM)
    predictions = {name: one for name, one in whole.predictions.items() if name != "one"}
    visit(app, "explain", Reading(FILM, whole.verdict, whole.lungs, predictions, {"one": "Its weights are wrong."}))
    assert app.warning[0].value == "Alpha has not read this film. Its weights are wrong."
    assert work.calls == []
    seen(app, "all")
    assert "Not shown, as they have not read the film or have no such map: Alpha." in words(app)


def test_a_refused_film_is_shown_and_nothing_is_computed(app: AppTest, work: Work):
    refused = Verdict("refused", (Reason("lateral", "refuse", "This is a lateral film.", 0.93, 0.5),))
    visit(app, "explain", Reading(FILM, refused, None))
    assert not app.exception
    assert "This is a lateral film." in html(app)
    assert "Nothing is computed from a film the gate refused." in words(app)
    assert app.button(key="to-read").label == "Go to Read"
    assert work.calls == []
