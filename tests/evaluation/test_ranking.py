import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from cxr_models.evaluation.ranking import POINTS, Ranking, precision_recall, roc

TRUTH, SCORE = np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1])


def test_areas_by_hand():
    roc_area, pr_area = Ranking(TRUTH, SCORE).areas
    assert roc_area == 3 / 4  # of the four pairs only 0.7 against 0.8 is the wrong way round
    assert pr_area == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_resamples_are_what_scikit_learn_gives_for_the_same_weights_ties_included():
    rng = np.random.default_rng(0)
    truth, score = rng.random(60) < 0.4, rng.integers(8, size=60) / 7
    weights = rng.integers(4, size=(60, 20)).astype(float)
    roc_areas, pr_areas = Ranking(truth, score).resampled(weights)
    assert roc_areas == pytest.approx([roc_auc_score(truth, score, sample_weight=w) for w in weights.T])
    assert pr_areas == pytest.approx([average_precision_score(truth, score, sample_weight=w) for w in weights.T])


def test_one_side_alone_has_no_area():
    assert np.isnan(Ranking(np.ones(4, bool), SCORE).areas).all()
    only_cases = TRUTH[:, None].astype(float)
    assert np.isnan(Ranking(TRUTH, SCORE).resampled(only_cases)).all()
    assert np.isnan(Ranking(TRUTH, SCORE).resampled(1 - only_cases)).all()


def test_curves_end_where_they_must_and_stay_short():
    rng = np.random.default_rng(1)
    truth, score = rng.random(3000) < 0.5, rng.random(3000)
    curve, other = roc(truth, score), precision_recall(truth, score)
    assert (curve["fpr"][0], curve["tpr"][0], curve["fpr"][-1], curve["tpr"][-1]) == (0, 0, 1, 1)
    assert (other["recall"][0], other["precision"][0], other["recall"][-1]) == (0, 1, 1)
    assert len(curve["fpr"]) <= POINTS and len(other["recall"]) == len(other["precision"]) <= POINTS
