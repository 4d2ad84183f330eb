"""Drawn films: balanced, repeatable, found by structure, one person each."""

import cv2
import numpy as np
import pytest

from cxr_models.data import collections, index, phantoms
from cxr_models.errors import TrainingError

COUNT = 15


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("phantoms")


@pytest.fixture(scope="module")
def films(root):
    return phantoms.phantoms(root, COUNT)


def test_findings_are_balanced_and_a_fifth_of_each_validates(films):
    assert list(films) == index.COLUMNS
    counts = films.groupby(["label", "split"]).size()
    assert counts.to_dict() == {
        (label, part): n for label in ("covid19", "normal", "pneumonia") for part, n in (("train", 4), ("val", 1))
    }


def test_each_is_a_person_of_its_own_and_no_copy_of_another(films):
    assert films.group.nunique() == films.patient.nunique() == films.sha256.nunique() == COUNT
    assert set(films.note) == {""}


def test_the_source_says_that_they_are_drawn(root, films):
    assert set(films.source) == {"covidx-phantom"}
    assert "Nobody's films" in (root / "README.txt").read_text()


def test_a_plain_scan_finds_them_by_structure(root, films):
    found, absent = collections.scan(root)
    assert dict(zip(found.path, found.label, strict=True)) == dict(zip(films.path, films.label, strict=True))
    assert absent == {}


def test_the_mask_is_the_lung_of_its_own_film(root, films):
    for row in films.head(3).itertuples():
        film, mask = (cv2.imread(str(root / file), cv2.IMREAD_GRAYSCALE) for file in (row.path, row.mask))
        assert film.shape == mask.shape == (phantoms.SIDE,) * 2 and set(np.unique(mask)) == {0, 255}
        assert 0.1 < (mask > 0).mean() < 0.5
        around = cv2.dilate(mask, np.ones((15, 15))) & ~mask  # chest wall and heart: denser than lung
        assert film[mask > 0].mean() < film[around > 0].mean() - 20


def test_the_same_film_comes_again_and_is_not_drawn_twice(root, films, tmp_path, capsys):
    (tmp_path / "train").mkdir()
    (tmp_path / "masks").mkdir()
    phantoms.draw(tmp_path, 7)
    name = "train/phantom-00007.png"
    assert (tmp_path / name).read_bytes() == (root / name).read_bytes()
    phantoms.write(root, COUNT)
    said = capsys.readouterr().out
    assert said == f"15 phantoms (5 covid19, 5 normal, 5 pneumonia; 0 drawn now) in {root}: drawings, not patients.\n"


def test_too_few_are_refused_with_the_number_that_does():
    with pytest.raises(TrainingError, match="at least 15"):
        phantoms.phantoms(None, 14)
