import hashlib

import cv2
import numpy as np
import pandas as pd
import pytest
from trees import save

from cxr_models.data import checks
from cxr_models.data.masks import lung_mask
from cxr_models.errors import TrainingError

LABELS = ("covid19", "normal", "pneumonia")


@pytest.fixture
def films(tmp_path):
    """A sound index: a film of each label in each split; the first has a mask."""
    rows = []
    for number, (label, split) in enumerate((label, split) for split in ("train", "val", "test") for label in LABELS):
        path = f"{number}.png"
        save(tmp_path / path, np.full((6, 8), number, np.uint8))
        digest = hashlib.sha256((tmp_path / path).read_bytes()).hexdigest()
        rows.append({"path": path, "label": label, "split": split, "group": number, "sha256": digest})
    save(tmp_path / "mask.png", np.full((6, 8), 255, np.uint8))
    index = pd.DataFrame([dict.fromkeys(checks.COLUMNS, "") | row for row in rows])
    index.loc[0, "mask"] = "mask.png"
    return index


def only(films: pd.DataFrame, root) -> str:
    found = checks.faults(films, root)
    assert len(found) == 1, found
    return found[0]


def test_a_sound_index_has_no_faults(films, tmp_path):
    assert checks.faults(films, tmp_path) == []
    checks.require(films, tmp_path)


def test_a_duplicate_path_names_both_lines(films, tmp_path):
    twice = pd.concat([films, films.tail(1)])
    assert "8.png stands twice, in line 10 and line 11" in only(twice, tmp_path)


def test_an_empty_class_is_named(films, tmp_path):
    assert only(films[films.label != "covid19"], tmp_path).startswith("The class covid19 is empty")
    left_out = films.assign(split=films.split.where(films.label != "covid19", "left out"))
    assert only(left_out, tmp_path).startswith("The class covid19 is empty")


def test_a_label_on_one_side_only_is_named_with_its_line(films, tmp_path):
    said = only(films.drop(index=[6, 3]), tmp_path)
    assert "The label covid19 stands in train but not in val or test (first in line 2)" in said


def test_a_group_on_two_sides_is_a_leak(films, tmp_path):
    films.loc[8, "group"] = 0
    assert "Group 0 (line 2, line 10) stands in test and train" in only(films, tmp_path)


def test_a_changed_film_is_named(films, tmp_path):
    save(tmp_path / "4.png", np.zeros((6, 8), np.uint8))
    assert "4.png (line 6) has changed since it was indexed" in only(films, tmp_path)


def test_a_film_that_is_gone_is_named(films, tmp_path):
    (tmp_path / "4.png").unlink()
    assert "4.png (line 6) is not below" in only(films, tmp_path)


def test_a_mask_of_another_size_is_named(films, tmp_path):
    save(tmp_path / "mask.png", np.full((6, 9), 255, np.uint8))
    assert "mask.png is 9 x 6 pixels, but its film 0.png (line 2) 8 x 6" in only(films, tmp_path)


@pytest.mark.parametrize("text", [None, "no picture"])
def test_a_mask_that_is_no_picture_is_named(films, tmp_path, text):
    (tmp_path / "mask.png").unlink()
    if text:
        (tmp_path / "mask.png").write_text(text)
    assert "mask.png of 0.png (line 2) is missing or no picture" in only(films, tmp_path)


def test_unreadable_films_are_told_with_their_reason(films):
    films.loc[2, ["split", "note"]] = ["unreadable", "The file is empty."]
    assert list(checks.unreadable(films)) == ["2.png (line 4) cannot be read and is left out: The file is empty."]


def test_columns_that_are_missing_are_named(films, tmp_path):
    assert "no column sha256, group" in only(films.drop(columns=["sha256", "group"]), tmp_path)


def test_require_shows_the_first_faults_and_counts_the_rest(films, tmp_path):
    for path in films.path:
        (tmp_path / path).write_bytes(b"changed")
    with pytest.raises(TrainingError, match=r"0\.png \(line 2\) has changed(.|\n)*and \d+ more"):
        checks.require(films, tmp_path)


def test_left_and_right_masks_are_joined(tmp_path):
    left, right = np.zeros((2, 4, 4), np.uint8)
    left[:, 0], right[:, 3] = 255, 255
    save(tmp_path / "l.png", left), save(tmp_path / "r.png", right)
    assert lung_mask(tmp_path, "l.png|r.png").tolist() == [[True, False, False, True]] * 4
    assert lung_mask(tmp_path, "l.png").sum() == 4
    assert cv2.imwrite(str(tmp_path / "r.png"), right[:3])
    with pytest.raises(TrainingError, match="differ in size"):
        lung_mask(tmp_path, "l.png|r.png")


def test_a_mask_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(TrainingError, match=r"mask a\.png is missing"):
        lung_mask(tmp_path, "a.png")
