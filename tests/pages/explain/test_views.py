"""Maps in four ways: one large, two side by side, the difference of two answers, all models at once."""

import numpy as np
import pytest
from film_open import FILM, flat_map, html, visit, words
from maps_open import SMALL, Work, ask, seen, settled
from streamlit.testing.v1 import AppTest

from cxr_models.types import COVID19, NORMAL, PNEUMONIA
from pages.shared import map_words, session
from pages.shared.explain import views
from pages.shared.explain.asked import Answer, Asked


def test_two_maps_of_one_kind_are_on_one_scale(app: AppTest, work: Work, drawn: dict):
    settled(visit(app, "explain"))
    seen(app, "two")
    assert {"explain-0", "explain-1"} <= drawn.keys()
    app.selectbox(key="explain-question-2").set_value(map_words.WHERE).run()
    assert "Both are the same map" in app.info[0].value
    settled(app.selectbox(key="explain-model-2").set_value("three").run())
    assert [drawn[key][0].label for key in ("explain-0", "explain-1")] == ["Alpha: COVID-19", "Gamma: COVID-19"]
    assert drawn["explain-0"][0].high == drawn["explain-1"][0].high
    assert views.ONE_SCALE in words(app)
    assert html(app).count("Doubtful") == 2


@pytest.mark.parametrize(
    ("one", "two", "shared"),
    [(("one", "cam", "logit"), ("three", "cam", "logit"), True),
     (("one", "cam", "logit"), ("three", "cam", "score"), False),
     (("one", "grad_cam_pp", "score"), ("three", "grad_cam_pp", "score"), False),  # proportions only
     (("one", "grad_cam", "score"), ("three", "grad_cam", "score"), False),
     (("one", "grad_cam_pp", "score"), ("one", "grad_cam_pp", "score"), True)],
)  # fmt: skip
def test_maps_share_a_scale_where_their_sizes_mean_the_same(one: tuple, two: tuple, shared: bool):
    maps = [flat_map(model, method, COVID19, unit=unit) for model, method, unit in (one, two)]
    assert views.one_scale([Answer(None, made_map, None) for made_map in maps]) == shared
    against = flat_map("one", "cam", COVID19, values=-np.ones(FILM.pixels.shape, np.float32), signed=True)
    assert not views.one_scale([Answer(None, maps[0], None), Answer(None, against, None)])


def test_small_places_of_two_models_have_their_own_scales(app: AppTest, work: Work, drawn: dict):
    settled(ask(visit(app, "explain"), SMALL))
    seen(app, "two")
    app.selectbox(key="explain-question-2").set_value(SMALL).run()
    settled(app.selectbox(key="explain-model-2").set_value("three").run())
    assert drawn["explain-0"] and drawn["explain-1"]
    assert map_words.OWN_SCALES in words(app) and views.ONE_SCALE not in words(app)


def test_beside_another_a_map_without_evidence_is_a_bare_film_and_a_sentence(app: AppTest, work: Work, drawn: dict):
    work.against = (NORMAL,)
    settled(visit(app, "explain"))
    seen(app, "two")
    settled(app.selectbox(key="explain-model").set_value("two").run())
    assert drawn["explain-0"] == [] and map_words.nothing(NORMAL) in [one.value for one in app.caption]


def test_two_maps_of_different_units_keep_their_own_scales():
    assert views._up_to(3.0, views.Overlay.of(flat_map("one", "cam", COVID19), "A")).high == 3.0
    signed = views.Overlay.of(flat_map("one", "cam", COVID19, signed=True), "A")
    assert (views._up_to(3.0, signed).low, views._up_to(3.0, signed).high) == (-3.0, 3.0)


def test_the_difference_of_two_answers_is_the_first_map_less_the_second(app: AppTest, work: Work, drawn: dict):
    settled(visit(app, "explain"))
    seen(app, "difference")
    assert work.checked == [("one", "cam", COVID19), ("one", "cam", NORMAL)]
    assert views.NOT_CHECKED in words(app)
    less, *parts = drawn["explain"]
    assert less.label == "Alpha: COVID-19 less normal"
    assert less.signed and np.array_equal(less.values, np.full(FILM.pixels.shape, -1))  # 1 of COVID-19, 2 of normal
    assert [part.label for part in parts] == ["Alpha: COVID-19", "Alpha: normal"]
    (second,) = [one for one in app.button_group if one.label == "Less the map of"]
    settled(second.set_value(PNEUMONIA).run())
    assert drawn["explain"][0].values[0, 0] == -2


def test_proportions_are_not_taken_from_each_other(app: AppTest, work: Work, drawn: dict):
    settled(ask(visit(app, "explain"), SMALL))
    seen(app, "difference")
    assert drawn["explain"] == [] and not app.get("download_button")
    assert app.info[0].value == views.PROPORTIONS and views.NOT_CHECKED not in words(app)


def test_the_difference_of_two_answers_without_evidence_is_nothing(app: AppTest, work: Work, drawn: dict):
    work.against = (COVID19, NORMAL)
    settled(visit(app, "explain"))
    seen(app, "difference")
    assert drawn["explain"] == [] and not app.get("download_button")
    assert app.info[0].value == views.NO_EVIDENCE
    (second,) = [one for one in app.button_group if one.label == "Less the map of"]
    settled(second.set_value(PNEUMONIA).run())
    assert [overlay.label for overlay in drawn["explain"]] == ["Alpha: COVID-19 less pneumonia", "Alpha: pneumonia"]


def test_a_map_of_every_class_has_no_difference(known_specs: dict):
    case, spec = session.Case(FILM, "Film 1"), known_specs["one"]
    answers = [
        Answer(Asked(case, None, spec, "residual", target), flat_map("one", "residual", target), None)
        for target in (COVID19, NORMAL)
    ]
    assert views.no_difference(answers) == views.EQUAL_ANSWERS
    assert views.less_second(answers) is None


def test_the_gallery_holds_every_model_with_its_badge(app: AppTest, work: Work, drawn: dict):
    settled(visit(app, "explain"))
    seen(app, "all")
    assert work.checked == [("one", "cam", COVID19), ("two", "cam", NORMAL), ("three", "cam", COVID19)]
    assert {"explain-one", "explain-two", "explain-three"} <= drawn.keys()
    assert html(app).count("? doubtful") == 3
    assert "<b>Beta</b> normal 0.70" in html(app)
    assert f"{map_words.CAUTION} Unit: units." in words(app)
    assert f"{map_words.COLOURS} {map_words.OWN_SCALES}" not in words(app)  # no map here has a sign
    settled(app.button_group(key="explain-class-all").set_value(COVID19).run())
    assert work.checked[-1] == ("two", "cam", COVID19)
