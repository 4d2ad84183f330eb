import numpy as np
import pandas as pd

from cxr_models.data import copies, groups
from cxr_models.data.thumbnails import Thumbnails


def test_copies_files_and_patients_join():
    films = pd.DataFrame({"sha256": list("aabcde"), "patient": ["", "", "x", "x", "", ""]})
    assert groups.group(films, np.array([[1, 2]])).tolist() == [0, 0, 0, 0, 1, 2]


def test_an_unknown_patient_joins_nobody():
    films = pd.DataFrame({"sha256": list("abc"), "patient": ["", "", ""]})
    assert groups.group(films, np.empty((0, 2))).tolist() == [0, 1, 2]


def test_conflicts_name_the_labels():
    films = pd.DataFrame({"group": [0, 0, 1, 1, 2], "label": ["normal", "covid19", "normal", "", "covid19"]})
    assert groups.conflicts(films).tolist() == ["covid19, normal", "covid19, normal", "", "", ""]


def thumbs(sha256: str) -> Thumbnails:
    """Films whose picture is the letter's number throughout."""
    letters = np.array(list(sha256))
    return Thumbnails(letters, np.zeros((len(letters), 2)), letters, letters, np.array([[[ord(c)]] for c in letters]))


def test_pairs_are_kept_and_only_new_films_compared(tmp_path, monkeypatch):
    asked = []

    def pairs(pictures, new):
        asked.append("".join(chr(p) for p in pictures[new, 0, 0]))
        return np.array([[0, 1]]) if new[:2].any() else np.empty((0, 2), int), np.array([0.9] * int(new[:2].any()))

    monkeypatch.setattr(copies, "pairs", pairs)
    assert groups.known_pairs(thumbs("ba"), tmp_path)[["i", "j"]].to_numpy().tolist() == [[1, 0]]
    assert groups.known_pairs(thumbs("bac"), tmp_path)[["i", "j", "alike"]].to_numpy().tolist() == [[1, 0, 0.9]]
    assert groups.known_pairs(thumbs("cab"), tmp_path)[["i", "j"]].to_numpy().tolist() == [[1, 2]]
    assert asked == ["ab", "c"]
    assert len(groups.known_pairs(thumbs("bc"), tmp_path)) == 0


def test_pairs_of_other_settings_are_found_again(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(
        copies, "pairs", lambda pictures, new: (calls.append(1), (np.empty((0, 2), int), np.empty(0)))[1]
    )
    groups.known_pairs(thumbs("ab"), tmp_path)
    monkeypatch.setattr(groups, "SETTINGS", groups.SETTINGS + 1)
    groups.known_pairs(thumbs("ab"), tmp_path)
    assert len(calls) == 2
