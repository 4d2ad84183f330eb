import numpy as np
import pytest
from sklearn.metrics import auc, balanced_accuracy_score, precision_recall_curve, precision_recall_fscore_support

from cxr_models.evaluation.definitions import (
    RATES,
    accuracy,
    balanced_accuracy,
    f1,
    npv,
    ppv,
    pr_of_hard_labels,
    sensitivity,
    specificity,
)
from cxr_models.evaluation.measures import counted

COUNTS = np.array([[8, 1, 1], [2, 16, 2], [0, 3, 17]])


def test_figures_of_the_first_class_by_hand():
    values = [rate(COUNTS)[0] for rate in (sensitivity, specificity, ppv, npv, f1)]
    assert values == pytest.approx([8 / 10, 38 / 40, 8 / 10, 38 / 40, 16 / 20])
    assert accuracy(COUNTS) == 41 / 50
    assert balanced_accuracy(COUNTS) == pytest.approx((0.8 + 0.8 + 0.85) / 3)


def test_what_the_hrnet_paper_prints_as_specificity_and_accuracy():
    counts = np.array([[40, 1], [0, 50]])  # one of 41 missed, all 50 others spared
    assert npv(counts)[0] == 50 / 51 and specificity(counts)[0] == 1
    assert round(float(balanced_accuracy(counts)), 4) == 0.9878 and round(float(accuracy(counts)), 4) == 0.9890


def test_what_the_code_of_the_coronet_paper_prints_as_auc():
    assert pr_of_hard_labels(COUNTS)[0] == pytest.approx(0.8 * 1.8 / 2 + 0.2 * 1.0 / 2)
    rng = np.random.default_rng(0)
    truth, answer = rng.integers(2, size=50), rng.integers(2, size=50)
    precision, recall, _ = precision_recall_curve(truth == 1, answer == 1)
    assert pr_of_hard_labels(counted(truth, answer, 2))[1] == pytest.approx(auc(recall, precision))


def test_as_scikit_learn_has_them():
    rng = np.random.default_rng(1)
    truth, answer = rng.integers(3, size=200), rng.integers(3, size=200)
    counts = counted(truth, answer, 3)
    theirs = precision_recall_fscore_support(truth, answer)
    assert ppv(counts) == pytest.approx(theirs[0]) and sensitivity(counts) == pytest.approx(theirs[1])
    assert f1(counts) == pytest.approx(theirs[2])
    assert balanced_accuracy(counts) == pytest.approx(balanced_accuracy_score(truth, answer))


def test_nothing_to_divide_by_is_nan_and_no_warning():
    counts = np.array([[0, 0], [0, 5]])  # no films of the first class, and it is never answered
    assert np.isnan([RATES[name](counts)[0] for name in ("sensitivity", "PPV", "F1")]).all()
    assert balanced_accuracy(counts) == 1


def test_many_resamples_at_once_are_the_same_as_one_by_one():
    rng = np.random.default_rng(2)
    many = rng.integers(1, 9, size=(3, 3, 5))
    for rate in (*RATES.values(), pr_of_hard_labels, accuracy, balanced_accuracy):
        apart = np.stack([rate(many[..., b]) for b in range(5)], -1)
        assert rate(many) == pytest.approx(apart)
