"""The Compare page: answers and maps of this film, and stored test results."""

import json
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from film_open import flat_map, html, visit, words
from streamlit.testing.v1 import AppTest

from cxr_models import explain, results
from cxr_models.errors import WeightsMissing
from cxr_models.results import Comparison, Difference, Evaluation, Measure
from cxr_models.types import COVID19, NORMAL, THREE_CLASSES, Evidence, Map
from pages.shared import made, map_words, session, viewer

NOTE = "Test films come from the same collections as the training films."
ALPHA = Evaluation(
    "one", THREE_CLASSES, 30, "public test films", "2026-01-01", "python -m cxr_models evaluate one",
    ((8, 1, 1), (0, 9, 1), (2, 0, 8)), {COVID19: {"fpr": [0.0, 1.0], "tpr": [0.0, 1.0]}},
    (Measure("sensitivity", COVID19, 0.8, 0.49, 0.94, 10), Measure("F1", NORMAL, 0.9, 0.7, 0.97, 30),
     Measure("accuracy", "collection Elsewhere", 0.61, 0.5, 0.7, 12)), (NOTE,),
)  # fmt: skip


@pytest.fixture
def mapped(monkeypatch: pytest.MonkeyPatch, known_specs: dict) -> list[tuple[str, str]]:
    """Maps are flat, Gamma's cannot be made; lists (model, class) of each asked for."""
    calls = []

    def make(film, lungs, model_id, method, target, progress=None, cancelled=None):
        calls.append((model_id, target))
        if model_id == "three":
            raise WeightsMissing("Its weights are not on this machine.")
        return flat_map(model_id, method, target)

    monkeypatch.setattr(explain, "explain", make)
    return calls


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of results that holds Alpha's alone."""
    (tmp_path / "one.json").write_text(json.dumps(asdict(ALPHA)))
    monkeypatch.setattr(results, "evaluation", partial(results.evaluation, folder=tmp_path))
    return tmp_path


def test_all_models_answer_on_one_scale_and_their_agreement_is_said(app: AppTest, mapped: list, stored: Path):
    visit(app, "compare")
    assert not app.exception
    assert "2 of 3 say COVID-19; Beta, on the lungs alone, does not." in html(app)
    assert html(app).count('<article class="row') == 3
    assert 'style="width:80.0%' in html(app)


def test_the_gallery_shows_each_models_own_answer_or_all_covid(app: AppTest, mapped: list, stored: Path):
    visit(app, "compare")
    assert mapped == [("one", COVID19), ("two", NORMAL), ("three", COVID19)]
    assert '<b>Beta</b> normal 0.70 · <span class="none">– not checked</span>' in html(app)
    assert "50% of what it marks lies in the lungs (of an even map: 25%; the model is shown nothing else)" in html(app)
    assert f"{map_words.CAUTION} Unit: units." in words(app) and map_words.COLOURS not in words(app)
    assert "The map of Gamma could not be made. Its weights are not on this machine." in words(app)
    app.button_group(key="compare-maps").set_value(COVID19).run()
    assert ("two", COVID19) in mapped


def test_a_map_bears_the_badge_that_explain_gave_it(app: AppTest, mapped: list, stored: Path):
    visit(app, "compare")
    assert [link.proto.label for link in app.get("page_link")] == ["Maps that are not checked: see Explain"]
    maps = app.session_state[session.KEY].maps
    for one in maps.values():
        made.keep_evidence(one, Evidence("doubtful", ()))
    app.run()
    assert html(app).count('<span class="doubtful">? doubtful</span>') == len(maps) == 2
    assert "not checked" not in html(app) and not app.get("page_link")


def test_a_map_without_evidence_is_a_bare_film_and_a_sentence(app, mapped: list, stored: Path, monkeypatch):
    def make(film, lungs, model_id, method, target) -> Map:
        against = -np.ones(film.pixels.shape, np.float32)
        return flat_map(model_id, method, target, **({"values": against, "signed": True} if model_id == "one" else {}))

    monkeypatch.setattr(explain, "explain", make)
    drawn = {}
    real = viewer.viewer

    def seen(film, *, key, overlays=(), **rest):
        drawn[key] = len(overlays)
        real(film, key=key, overlays=overlays, **rest)

    monkeypatch.setattr(viewer, "viewer", seen)
    visit(app, "compare")
    assert not app.exception
    assert {key: drawn[key] for key in ("map-one", "map-two", "map-three")} == {
        "map-one": 0, "map-two": 1, "map-three": 1
    }  # fmt: skip
    assert "<br>By this method nothing on the film speaks for COVID-19: there is no map to show.</p>" in html(app)
    assert html(app).count("speaks for COVID-19: there is no map") == 1
    assert map_words.COLOURS not in words(app)  # the one map with a sign is not shown


def test_stored_results_stand_there_without_any_film(app: AppTest, mapped: list, stored: Path):
    app.switch_page("pages/compare.py").run()
    assert not app.exception
    assert "No film is open" in html(app)
    assert len(app.get("plotly_chart")) == 3  # intervals, confusion, ROC
    assert NOTE in words(app)
    tables = [one.value for one in app.dataframe]
    assert tables[0].to_dict("records") == [{"Model": "Alpha", "sensitivity": "0.800 (0.490 to 0.940), n = 10"}]
    assert tables[1].to_dict("records") == [
        {"Collection": "Elsewhere", "Share right": "0.610 (0.500 to 0.700), n = 12"}
    ]


def test_another_finding_shows_other_figures(app: AppTest, mapped: list, stored: Path):
    app.switch_page("pages/compare.py").run()
    app.button_group(key="compare-finding").set_value(NORMAL).run()
    assert app.dataframe[0].value.to_dict("records") == [{"Model": "Alpha", "F1": "0.900 (0.700 to 0.970), n = 30"}]


def test_a_model_without_results_says_so_and_gives_the_command(app: AppTest, mapped: list, stored: Path):
    app.switch_page("pages/compare.py").run()
    assert "No test results are stored for Beta and Gamma." in words(app)
    assert app.code[0].value == "python -m cxr_models evaluate two\npython -m cxr_models evaluate three"


def test_no_results_at_all_draw_no_empty_charts(app: AppTest, mapped: list, stored: Path):
    (stored / "one.json").unlink()
    app.switch_page("pages/compare.py").run()
    assert not app.exception
    assert len(app.code[0].value.splitlines()) == 3
    assert not app.get("plotly_chart")


def test_a_model_measured_elsewhere_and_against_another_says_so(app: AppTest, mapped: list, stored: Path, monkeypatch):
    line = {name: [0.5] for name in ("predicted", "observed", "low", "high")} | {"n": [3]}
    reliable = {"before": {COVID19: line}, "after": {COVID19: line}}
    alone = Measure("macro-F1", "source alone", 0.7, 0.6, 0.8, 12)
    other = replace(ALPHA, name="other-source", n=12, reliability=reliable, cramers_v=0.84, measures=(alone,))
    (stored / "one.other-source.json").write_text(json.dumps(asdict(other)))
    results.save_comparison(
        Comparison("one", "two", "test", THREE_CLASSES, 30, 30, 4, 2,
                   (Difference("ROC AUC", COVID19, 0.9, 0.8, 0.1, 0.02, 0.18, "DeLong", 0.012),), "", "", ""),
        stored,
    )  # fmt: skip
    monkeypatch.setattr(results, "elsewhere", partial(results.elsewhere, folder=stored))
    monkeypatch.setattr(results, "comparisons", partial(results.comparisons, folder=stored))
    app.switch_page("pages/compare.py").run()
    assert app.dataframe[1].value.to_dict("records") == [
        {"Models": "Alpha against Beta", "Figure": "ROC AUC, COVID-19", "Values": "0.900, 0.800",
         "Difference": "+0.100 (+0.020 to +0.180), n = 30", "p": "DeLong: 0.012"}
    ]  # fmt: skip
    app.button_group(key="compare-films").set_value("other-source").run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 4  # reliability too
    assert "Cramér's V 0.84" in words(app) and "macro-F1 0.700 (0.600 to 0.800), n = 12" in words(app)
