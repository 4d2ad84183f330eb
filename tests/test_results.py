import json
from dataclasses import replace
from pathlib import Path

import pytest

from cxr_models.results import (
    Abstain,
    Comparison,
    Conformal,
    Difference,
    Evaluation,
    Measure,
    comparisons,
    elsewhere,
    evaluation,
    save,
    save_comparison,
    stored,
    table,
)

README = Path(__file__).parent.parent / "README.md"
STORED = {
    "model_id": "m",
    "classes": ["covid19", "normal"],
    "n": 10,
    "data": "test films",
    "date": "2026-01-31",
    "command": "python -m cxr_models evaluate m",
    "confusion": [[4, 1], [0, 5]],
    "roc": {"covid19": {"fpr": [0, 1], "tpr": [0, 1]}},
    "measures": [{"name": "macro-F1", "about": "", "value": 0.9, "low": 0.8, "high": 0.95, "n": 10}],
    "notes": ["A note."],
}


def test_an_evaluation_is_read_back(tmp_path):
    (tmp_path / "m.json").write_text(json.dumps(STORED))
    found = evaluation("m", tmp_path)
    assert isinstance(found, Evaluation) and found.confusion == ((4, 1), (0, 5))
    assert found.measure("macro-F1") == Measure("macro-F1", "", 0.9, 0.8, 0.95, 10)
    assert found.measure("Dice") is None and evaluation("other", tmp_path) is None


def test_the_table_has_every_headline_with_interval_and_n(tmp_path):
    (tmp_path / "m.json").write_text(json.dumps(STORED))
    assert table(tmp_path).splitlines()[-1] == "| m | 10 | macro-F1 | 0.900 | 0.800 to 0.950 |"


def test_the_readme_prints_what_is_stored():
    assert table() in README.read_text()


def test_files_from_before_these_fields_existed_are_read(tmp_path):
    (tmp_path / "m.json").write_text(json.dumps(STORED))
    found = evaluation("m", tmp_path)
    assert (found.name, found.groups, found.cramers_v, found.conformal, found.refused) == ("test", 0, None, None, "")
    assert found.prevalence("covid19") == 0.5
    with pytest.raises(ValueError):
        found.prevalence("pneumonia")


def test_cuts_and_curves_are_read_back_as_written(tmp_path):
    (tmp_path / "m.json").write_text(json.dumps(STORED))
    found = replace(
        evaluation("m", tmp_path),
        conformal=Conformal("LAC", 0.9, {"covid19": 0.2}, {"covid19": 40}),
        abstain=Abstain(0.1, 0.7, 0.05, 0.05),
        cramers_v=0.5,
        pr={"covid19": {"recall": [0, 1], "precision": [1, 0.5]}},
    )
    save(found, tmp_path)
    assert evaluation("m", tmp_path) == found


def test_other_films_lie_beside_the_test_films_and_are_not_taken_for_a_model(tmp_path):
    (tmp_path / "m.json").write_text(json.dumps(STORED))
    save(replace(evaluation("m", tmp_path), name="elsewhere"), tmp_path)
    assert [(one.model_id, one.name) for one in stored(tmp_path)] == [("m", "test")]
    assert [one.name for one in elsewhere("m", tmp_path)] == ["elsewhere"]
    assert evaluation("m", tmp_path, "elsewhere").name == "elsewhere" and evaluation("m", tmp_path, "none") is None


def test_a_comparison_takes_the_place_of_the_same_pair(tmp_path):
    assert comparisons(tmp_path) == []
    one = Comparison("a", "b", "test", ("x", "y"), 9, 9, 1, 2, (Difference("accuracy", "", 1, 1, 0, 0, 0),), "", "", "")
    save_comparison(one, tmp_path)
    save_comparison(replace(one, b="c"), tmp_path)
    save_comparison(replace(one, only_a=5), tmp_path)
    assert [(c.b, c.only_a) for c in comparisons(tmp_path)] == [("b", 5), ("c", 1)]
    assert stored(tmp_path) == []
