import cv2
import numpy as np
import pytest
from trees import person

from cxr_models.data import copies
from cxr_models.data.thumbnails import SIDE
from cxr_models.imaging.preprocess import grey

PEOPLE = 6


def thumbnail(picture: np.ndarray) -> np.ndarray:
    return np.rint(grey(picture / np.float32(255), SIDE) * 255).astype(np.uint8)


def gamma(picture: np.ndarray) -> np.ndarray:
    return np.rint(255 * (picture / 255.0) ** 0.6).astype(np.uint8)


CHANGES = {
    "encoded": lambda p: cv2.imdecode(cv2.imencode(".jpg", p, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 0),
    "half the size": lambda p: cv2.resize(p, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "gamma": gamma,
    "cropped all round": lambda p: p[14:-10, 10:-14],
    "cropped on one side": lambda p: p[:, 14:],
    "cropped, gamma": lambda p: gamma(p[8:-14, 14:-6]),
}


@pytest.fixture(scope="module")
def people():
    return np.stack([thumbnail(person(i)) for i in range(PEOPLE)])


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found_and_no_one_else(people, change):
    copy = thumbnail(CHANGES[change](person(2)))
    pairs, alike = copies.pairs(np.concatenate([people, copy[None]]))
    assert pairs.tolist() == [[2, PEOPLE]]
    assert copies.PROOF <= alike[0] <= 1


def test_only_new_films_are_compared(people):
    twice = np.concatenate([people[:2], people[:2]])
    assert sorted(copies.pairs(twice)[0].tolist()) == [[0, 2], [1, 3]]
    assert copies.pairs(twice, np.array([False, False, False, True]))[0].tolist() == [[1, 3]]
    assert copies.pairs(twice, np.zeros(4, bool))[0].shape == (0, 2)


def test_blocks_change_nothing(people, monkeypatch):
    twice = np.concatenate([people, people])
    whole = copies.candidates(twice, np.ones(len(twice), bool))[:, :2]
    monkeypatch.setattr(copies, "ROWS", 5)
    monkeypatch.setattr(copies, "COLUMNS", 3)
    parts = copies.candidates(twice, np.ones(len(twice), bool))[:, :2]
    assert {frozenset(pair) for pair in parts.tolist()} == {frozenset(pair) for pair in whole.tolist()}
    assert len(parts) == len(whole) >= PEOPLE


def test_a_film_has_at_most_so_many_candidates_the_most_alike(monkeypatch):
    monkeypatch.setattr(copies, "MOST", 2)
    rows = np.array([[0, 1, 0, 0.7], [0, 2, 3, 0.9], [0, 2, 5, 0.95], [1, 2, 0, 0.6], [0, 3, 0, 0.8], [0, 2, 1, 0.85]])
    assert copies._best(rows).tolist() == [[0, 2, 5, 0.95], [0, 3, 0, 0.8], [1, 2, 0, 0.6]]


def test_proof_undoes_a_crop(people):
    crop = np.array([0.05, 0.03, 0.02, 0.06])
    left, right, top, bottom = np.rint(crop * 256).astype(int)
    part = thumbnail(person(1)[top : 256 - bottom, left : 256 - right])
    assert copies.proof(people[1], part, copies.CROPS[1]) > 0.95
    assert copies.proof(people[1], people[3], copies.CROPS[0]) < copies.PROOF


def test_a_film_without_content_is_nobodys_copy(people):
    blank = np.zeros((2, SIDE, SIDE), np.uint8)
    assert len(copies.pairs(np.concatenate([people, blank]))[0]) == 0
