"""The badge and its reasons; the table of limits."""

import math

import numpy as np
import pytest
from explain.checks.nets import a_map

from cxr_models.explain import METHODS
from cxr_models.explain.checks.badge import badge, evidence, reasons
from cxr_models.explain.checks.limits import LIMITS
from cxr_models.types import Check

CODES = ("evidence", "curves", "random", "repeat", "agreement")


def checks(**passed):
    return [Check(code, passed.get(code, True), f"About {code}.", 0.0, 0.0) for code in CODES]


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        ({}, "passes"),
        ({"agreement": None}, "passes"),  # nothing to compare with is no fault of the map
        ({"agreement": False}, "passes"),  # methods ask different questions
        ({"repeat": False}, "doubtful"),
        ({"curves": None}, "doubtful"),
        ({"curves": False}, "fails"),
        ({"random": False, "repeat": False}, "fails"),
        ({"evidence": False, "random": False}, "no evidence"),
    ],
)
def test_badge(passed, expected):
    assert badge(checks(**passed)) == expected


def test_reasons_are_the_sentences_that_decided():
    assert reasons(checks()) == reasons(checks(agreement=None)) == reasons(checks(agreement=False)) == ()
    assert reasons(checks(curves=None, repeat=False)) == ("About curves.", "About repeat.")


@pytest.mark.parametrize(("values", "share"), [([[3, -1]], 0.75), ([[1, -99]], 0.01), ([[-1, -2]], 0), ([[0, 0]], 0)])
def test_positive_evidence_by_hand(values, share):
    found = evidence(a_map(values))
    assert found.value == pytest.approx(share) and found.passed is (share >= 0.02) and found.limit == 0.02


def test_sentences_on_evidence():
    assert (
        evidence(a_map([[3, -1]])).sentence == "75% of what the map holds speaks for this answer, the rest against it."
    )
    assert "nothing on the film speaks for this answer (1.0%" in evidence(a_map([[1, -99]])).sentence
    assert "no sign" in evidence(a_map(np.ones((2, 2)), signed=False)).sentence


def test_every_method_has_its_limits():
    assert tuple(LIMITS) == tuple(METHODS)
    assert all(math.isfinite(value) and 0 <= value <= 1 for row in LIMITS.values() for value in row)
