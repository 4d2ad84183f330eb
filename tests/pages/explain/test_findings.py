"""What is said of a map: its badge with reasons, where it lies, how it was made, and nothing more than was found."""

from dataclasses import replace

import pytest
from film_open import flat_map, html, visit, words
from maps_open import DOUBTFUL, SMALL, Work, ask, settled
from streamlit.testing.v1 import AppTest

from cxr_models import explain
from cxr_models.results import Measure
from cxr_models.types import COVID19, Map
from pages.shared import cached, jobs, map_words


def test_the_badge_gives_its_reasons_and_the_rest_is_one_click_below(app: AppTest, work: Work):
    settled(visit(app, "explain"))
    assert "After moving the film the map is another one." in html(app)
    assert "The answer follows the map." not in html(app)
    (checked,) = [one for one in app.expander if one.label == "What was checked"]
    assert "✓ The answer follows the map." in checked.markdown[0].value
    assert "shuffled weights draws another map.  \n\u2003Likeness of the map as more of" in checked.markdown[0].value
    assert "its last layers 0.90, also its later half 0.40 and all of it 0.05" in checked.markdown[0].value
    assert "0.60" in checked.caption[0].value
    assert "<td>right lung, lower third</td><td>60%</td><td>10%</td>" in html(app)
    assert "This map marks mostly: right lung, lower third (60% of it" in words(app)
    assert "It may not show what the answer rests on." in words(app)


def test_beside_the_badge_stands_how_often_such_maps_pass(app: AppTest, work: Work, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cached, "passing", lambda model_id: {"cam": Measure("badge passes", "", 0.3, 0.17, 0.48, 30)})
    settled(visit(app, "explain"))
    assert [one.value for one in app.caption].count(
        "On test films 9 of 30 such maps of Alpha's most probable answer passed."
    ) == 1
    settled(ask(app, SMALL))
    assert "On test films" not in words(app)


def test_a_map_without_evidence_is_not_shown(app: AppTest, work: Work, drawn: dict):
    work.against = (COVID19,)
    visit(app, "explain")
    assert not app.exception
    assert drawn["explain"] == []  # from the first moment on: there is nothing to check
    assert jobs.KEY not in app.session_state and work.checked == []
    assert f"No evidence for this answer.</b> {map_words.nothing(COVID19)}</p>" in html(app)
    assert not app.select_slider and not app.get("download_button")


def test_of_a_map_that_passes_it_is_said_what_the_answer_rests_on(app: AppTest, work: Work):
    work.evidence = replace(DOUBTFUL, badge="passes")
    settled(visit(app, "explain"))
    assert "The evidence for COVID-19 that Alpha used lies mostly in: right lung, lower third (60% of it" in words(app)
    assert "50% of the evidence lies inside the lungs" in words(app)


def test_a_map_that_fails_is_not_said_to_be_what_the_answer_rests_on(app: AppTest, work: Work):
    work.evidence = replace(DOUBTFUL, badge="fails")
    settled(visit(app, "explain"))
    assert "This map marks mostly: right lung, lower third (60% of it" in words(app)
    assert "50% of what it marks lies inside the lungs" in words(app)
    assert "The evidence for COVID-19" not in words(app) and "% of the evidence" not in words(app)


def test_the_method_and_its_paper_are_one_click_below(app: AppTest, work: Work):
    settled(visit(app, "explain"))
    (below,) = [one for one in app.expander if one.label == "Method and paper"]
    assert "Class activation map" in below.markdown[0].value
    assert "Zhou" in below.caption[0].value
    assert "Unit of the map: units." in below.caption[0].value and "odds" not in below.caption[0].value
    assert not any("activation" in option for option in app.selectbox(key="explain-question").options)


def test_a_unit_in_logits_is_told_in_odds(app: AppTest, work: Work, monkeypatch: pytest.MonkeyPatch):
    def logits(film, lungs, model_id, method, target, progress=None, cancelled=None) -> Map:
        return flat_map(model_id, method, target, unit="contribution to the logit of one cell")

    monkeypatch.setattr(explain, "explain", logits)
    settled(visit(app, "explain"))
    (below,) = [one for one in app.expander if one.label == "Method and paper"]
    assert "before it becomes a probability: 0.69 more doubles the odds." in below.caption[0].value
