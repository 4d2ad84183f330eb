import json
from pathlib import Path

from cxr_models.results import Evaluation, Measure, evaluation, table

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
