"""What was measured is kept, and made anew when what it hangs on has changed."""

import pytest

from cxr_models.evaluation.maps import kept as keeping
from cxr_models.evaluation.maps.kept import Kept


@pytest.fixture
def code(tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code/one.py").write_text("a = 1\n")
    return tmp_path / "code"


@pytest.fixture(autouse=True)
def one_network(monkeypatch):
    monkeypatch.setattr(keeping, "weights", lambda model_id: "first weights")


def counted(calls):
    return lambda: calls.append(1) or {"share": 0.5}


def test_a_record_is_made_once_and_read_back(tmp_path, code):
    calls, file = [], tmp_path / "maps/part.jsonl"
    assert Kept(file, code.glob("*.py")).get("film", "m", "cam", counted(calls)) == {"share": 0.5}
    assert Kept(file, code.glob("*.py")).get("film", "m", "cam", counted(calls)) == {"share": 0.5}
    assert len(calls) == 1 and len(file.read_text().splitlines()) == 1
    Kept(file, code.glob("*.py")).get("film", "m", "occlusion", counted(calls))
    assert len(calls) == 2


def test_a_line_that_was_cut_off_is_made_anew_and_the_others_stay(tmp_path, code):
    calls, file = [], tmp_path / "part.jsonl"
    for film in ("one", "two"):
        Kept(file, code.glob("*.py")).get(film, "m", "cam", counted(calls))
    file.write_text(file.read_text()[:-20])
    again = Kept(file, code.glob("*.py"))
    for film in ("one", "two"):
        again.get(film, "m", "cam", counted(calls))
    assert len(calls) == 3 and len(Kept(file, code.glob("*.py"))._known) == 2


def test_other_code_or_other_weights_make_it_anew(tmp_path, code, monkeypatch):
    calls, file = [], tmp_path / "part.jsonl"
    Kept(file, code.glob("*.py")).get("film", "m", "cam", counted(calls))
    (code / "one.py").write_text("a = 2\n")
    Kept(file, code.glob("*.py")).get("film", "m", "cam", counted(calls))
    assert len(calls) == 2
    monkeypatch.setattr(keeping, "weights", lambda model_id: "other weights")
    Kept(file, code.glob("*.py")).get("film", "m", "cam", counted(calls))
    assert len(calls) == 3
