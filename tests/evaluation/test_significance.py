import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from cxr_models.evaluation.intervals import Bootstrap
from cxr_models.evaluation.ranking import Ranking
from cxr_models.evaluation.significance import delong, delong_p, mcnemar_p

TRUTH = np.array([True, True, False, False])
MIXED, PERFECT = np.array([2.0, 4, 1, 3]), np.array([3.0, 4, 1, 2])


def test_delong_by_hand():
    # Case 2 beats one of two others, case 4 both: 1/2 and 1, variance 1/8. Others: 1 and 1/2, the same.
    areas, covariance = delong(TRUTH, np.stack([MIXED, PERFECT]))
    assert areas.tolist() == [0.75, 1.0]
    assert covariance == pytest.approx(np.array([[1 / 8 / 2 + 1 / 8 / 2, 0], [0, 0]]))
    assert delong_p(TRUTH, MIXED, PERFECT) == pytest.approx(0.4795, abs=1e-4)  # z = 0.25 / sqrt(1/8)


def test_a_score_against_itself_and_too_few_films():
    assert delong_p(TRUTH, MIXED, MIXED) == 1.0
    assert delong_p(TRUTH, PERFECT, -PERFECT) is None  # areas 1 and 0, neither of which varies
    assert delong_p(np.array([True, False, False]), MIXED[:3], PERFECT[:3]) is None


def test_delong_agrees_with_the_bootstrap():
    rng = np.random.default_rng(0)
    truth = rng.random(400) < 0.4
    a = truth + rng.normal(0, 1, 400)
    b = truth + 0.7 * a + rng.normal(0, 1.5, 400)
    areas, covariance = delong(truth, np.stack([a, b]))
    assert areas == pytest.approx([roc_auc_score(truth, a), roc_auc_score(truth, b)])
    one, other = Ranking(truth, a), Ranking(truth, b)
    key = ("ROC AUC", "")
    drawn = Bootstrap(np.arange(400), 2000).spread(lambda w: {key: one.resampled(w)[0] - other.resampled(w)[0]})[key]
    assert drawn.std() == pytest.approx(np.sqrt(covariance @ [1, -1] @ [1, -1]), rel=0.06)


def test_delong_keeps_its_level_where_two_models_are_equally_good():
    rng = np.random.default_rng(1)
    said = []
    for _ in range(400):
        truth = np.arange(120) < 60
        said.append(delong_p(truth, *(truth + rng.normal(0, 1, (2, 120)))) < 0.05)
    assert 0.02 < np.mean(said) < 0.09


def test_mcnemar_by_hand():
    assert mcnemar_p(5, 1) == pytest.approx(2 * (1 + 6) / 64)
    assert mcnemar_p(0, 0) == 1
