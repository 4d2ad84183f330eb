from dataclasses import replace

import pytest

from cxr_models.evaluation.folds import averaged
from cxr_models.results import Evaluation, Measure

ACCURACY = Measure("accuracy", "", 0.9, 0.8, 1.0, 10)
ONE = Evaluation("m", ("covid19", "normal"), 10, "d", "2026-01-01", "c", ((4, 1), (0, 5)), {}, (ACCURACY,))
TWO = replace(ONE, measures=(Measure("accuracy", "", 0.7, 0.6, 0.8, 10), Measure("PPV", "covid19", 1.0, 0.9, 1.0, 4)))


def test_the_mean_over_folds_with_students_interval():
    found = averaged([ONE, TWO], "ten-fold")
    (accuracy,) = found.measures
    assert (accuracy.value, accuracy.n, found.n, found.name) == (pytest.approx(0.8), 20, 20, "ten-fold")
    assert (accuracy.low, accuracy.high) == (0, 1)  # t = 12.7 with one degree of freedom, standard error 0.1
    assert found.confusion == ((8, 2), (0, 10))
    assert averaged([ONE, ONE], "x").measures[0].low == pytest.approx(0.9)
