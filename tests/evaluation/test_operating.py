import numpy as np
import pytest

from cxr_models.evaluation.intervals import Bootstrap
from cxr_models.evaluation.operating import abstention, figures, youden
from cxr_models.results import Abstain

TRUTH, SCORE = np.array([True, True, False, False, False]), np.array([0.9, 0.4, 0.5, 0.1, 0.05])


def test_youden_by_hand():
    # At 0.4 both cases are named and two of three others spared: 1 + 2/3 - 1, more than 1/2 + 1 - 1 at 0.9.
    assert youden(TRUTH, SCORE) == 0.4
    assert youden(np.array([True, False]), np.array([1.0, 0.0])) == 0.99


def test_figures_at_a_threshold_by_hand():
    found = {m.name: m for m in figures(TRUTH, SCORE, 0.5, "covid19", Bootstrap(np.arange(5)))}
    assert found["sensitivity at threshold"].value == 0.5 and found["PPV at threshold"].value == 0.5
    assert found["specificity at threshold"].value == pytest.approx(2 / 3, abs=1e-4)
    assert found["NPV at threshold"].value == pytest.approx(2 / 3, abs=1e-4)
    assert found["PPV at prevalence 20%"].value == pytest.approx(0.1 / (0.1 + 0.8 / 3), abs=1e-4)
    assert found["NPV at prevalence 1%"].value == pytest.approx(0.66 / (0.66 + 0.005), abs=1e-4)


def test_abstention_by_hand():
    found = {m.name: (m.value, m.n) for m in abstention(TRUTH, SCORE, Abstain(0.3, 0.5, 0.05, 0.05), "covid19")}
    assert found == {
        "no answer": (0.2, 5),  # 0.4
        "missed when abstaining": (0.0, 2),
        "false alarms when abstaining": (0.3333, 3),  # 0.5
    }
