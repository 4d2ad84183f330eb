"""Figures that can be counted on one hand."""

import numpy as np
import pytest

from cxr_models.audits import CHANGE, FLIPS, RATIO, SCORE, SIZE, TILES, WHOLE
from cxr_models.shortcuts.audit.changes import changes, scores

COVID, NORMAL = [0.75, 0.25], [0.25, 0.75]
NONE = [np.nan, np.nan]


def of(measures):
    return {(m.name, m.about): m for m in measures}


def test_flips_and_changes_by_hand():
    said = np.array([
        [COVID, COVID, NORMAL],
        [COVID, NORMAL, NONE],
        [NORMAL, COVID, [0.45, 0.55]],
        [NORMAL, NORMAL, COVID],
    ])  # fmt: skip
    found = of(changes(said, ("first", "second"), np.arange(4)))
    assert (found[FLIPS, "first"].value, found[FLIPS, "first"].n) == (0.5, 4)
    assert found[CHANGE, "first"].value == 0 and found[SIZE, "first"].value == 0.25
    assert (found[FLIPS, "second"].value, found[FLIPS, "second"].n) == (0.6667, 3)  # one was not read
    assert found[CHANGE, "second"].value == pytest.approx((-0.5 + 0.2 + 0.5) / 3, abs=1e-4)
    # Wilson of 2 of 4.
    assert (found[FLIPS, "first"].low, found[FLIPS, "first"].high) == (0.15, 0.85)


def test_a_view_that_no_film_has_gives_no_figure():
    said = np.array([[COVID, NONE]] * 3)
    assert changes(said, ("gone",), np.arange(3)) == []


def test_macro_f1_of_what_is_left():
    # Whole films are all right; on the lungs alone every film is called normal; the tiles have one of four wrong.
    truth = np.array([0, 0, 1, 1])
    said = np.array([[COVID, NORMAL, COVID], [COVID, NORMAL, COVID], [NORMAL] * 3, [NORMAL] * 3])
    found = of(scores(said, ("Lungs only", "Mirrored"), np.array([0, 1, 1, 1]), truth, np.arange(4)))
    assert found[SCORE, WHOLE].value == 1
    assert found[SCORE, "Lungs only"].value == pytest.approx((0 + 2 / 3) / 2, abs=1e-4)
    assert found[SCORE, TILES].value == pytest.approx((2 / 3 + 4 / 5) / 2, abs=1e-4)
    assert found[RATIO, "Lungs only"].value == pytest.approx(1 / 3, abs=1e-4)
    assert ("Mirrored" not in {about for _, about in found}) and (RATIO, WHOLE) not in found


def test_all_ways_are_scored_on_the_same_films():
    said = np.array([[COVID, COVID], [NORMAL, NORMAL], [NORMAL, NONE]])
    found = of(scores(said, ("Lungs only",), np.array([0, 1, 0]), np.array([0, 1, 0]), np.arange(3)))
    assert found[SCORE, WHOLE].value == 1 and found[SCORE, WHOLE].n == 2
