"""The About page, and the phantom lesson on it."""

import numpy as np
import pytest
from film_open import words
from streamlit.testing.v1 import AppTest

from cxr_models import explain
from cxr_models.errors import WeightsMissing
from cxr_models.types import COVID19, Map
from pages.shared import lesson, map_words, viewer


@pytest.fixture(autouse=True)
def forget_maps():
    lesson.found.cache_clear()
    yield
    lesson.found.cache_clear()


def test_it_says_what_it_is_for_and_what_it_cannot_do(app: AppTest, known_specs: dict, monkeypatch):
    perfect = Map(lesson.phantom().opacity.astype(np.float32), "one", "cam", COVID19, False, "units")
    monkeypatch.setattr(explain, "explain", lambda *_, **__: perfect)
    app.switch_page("pages/about.py").run()
    assert not app.exception
    said = words(app)
    for part in ("not a medical device", "How to read a map", "What is kept", "Papers", "`make app`"):
        assert part in said
    assert "100% of the evidence lies in the true opacity" in said


def test_a_map_that_cannot_be_made_is_a_sentence(app: AppTest, known_specs: dict, monkeypatch):
    def missing(*_, **__):
        raise WeightsMissing("The weights of one are not on this machine.")

    monkeypatch.setattr(explain, "explain", missing)
    app.switch_page("pages/about.py").run()
    assert not app.exception
    assert app.warning[0].value == "The map could not be made. The weights of one are not on this machine."


def test_an_even_map_reaches_the_opacitys_area_and_no_more():
    area = float(lesson.phantom().opacity.mean())
    scored = lesson.score(np.ones((1024, 1024), np.float32))
    assert scored.inside == pytest.approx(area)
    assert lesson.verdict(scored).endswith("The map does not find it.")


def test_a_map_without_evidence_is_not_drawn_and_called_that(app: AppTest, known_specs: dict, monkeypatch):
    against = Map(np.full((1024, 1024), -1.0, np.float32), "one", "cam", COVID19, True, "units")
    drawn: dict[str, list] = {}
    monkeypatch.setattr(explain, "explain", lambda *_, **__: against)
    monkeypatch.setattr(viewer, "viewer", lambda film, *, key, overlays, **_: drawn.update({key: overlays}))
    app.switch_page("pages/about.py").run()
    assert not app.exception
    assert len(drawn["about-truth"]) == 1 and drawn["about-map"] == []
    assert map_words.nothing(COVID19) in words(app)


def test_the_lungs_of_the_lesson_are_the_phantoms_own():
    assert np.array_equal(lesson.lungs().mask, lesson.phantom().lungs)
    assert sum(lesson.lungs().areas) == pytest.approx(lesson.lungs().area_fraction)
