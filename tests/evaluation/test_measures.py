import time

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from cxr_models.evaluation.intervals import Bootstrap
from cxr_models.evaluation.measures import classification, counted, of_class, resampled_counts

CLASSES = ("covid19", "normal", "pneumonia")


def named(found, name, about=""):
    return next(m for m in found if (m.name, m.about) == (name, about))


def answers(n, classes=3):
    rng = np.random.default_rng(0)
    truth = np.arange(n) % classes
    p = rng.dirichlet(np.ones(classes), n) + np.eye(classes)[truth]
    return truth, p / p.sum(1, keepdims=True)


def test_sensitivity_specificity_ppv_and_npv_by_hand():
    found = of_class("covid19", 0, np.array([[8, 1, 1], [2, 16, 2], [0, 3, 17]]))
    assert [(m.name, m.value, m.n) for m in found] == [
        ("sensitivity", 0.8, 10), ("specificity", 0.95, 40), ("PPV", 0.8, 10), ("NPV", 0.95, 40)
    ]  # fmt: skip


def test_perfect_answers_score_one_everywhere():
    truth = np.repeat([0, 1, 2], 10)
    found = classification(truth, np.eye(3)[truth], CLASSES, Bootstrap(np.arange(30)))
    assert {m.value for m in found} == {1.0}
    assert named(found, "macro-F1").low == 1.0


def test_macro_f1_by_hand():
    truth, answer = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 1, 2, 2])
    found = classification(truth, np.eye(3)[answer], CLASSES, Bootstrap(np.arange(6)))
    assert named(found, "macro-F1").value == pytest.approx((2 / 3 + 4 / 5 + 1) / 3, abs=1e-4)


def test_averages_are_scikit_learns():
    truth, p = answers(300)
    truth = np.where(np.arange(300) < 60, 0, truth)  # uneven classes
    found = classification(truth, p, CLASSES, Bootstrap(np.arange(300)))
    for average in ("macro", "weighted"):
        theirs = {
            "F1": f1_score(truth, p.argmax(1), average=average),
            "ROC AUC": roc_auc_score(truth, p, multi_class="ovr", average=average),
            "PR AUC": average_precision_score(np.eye(3)[truth], p, average=average),
        }
        for name, value in theirs.items():
            assert named(found, f"{average}-{name}").value == pytest.approx(value, abs=1e-4)
    assert named(found, "weighted-sensitivity").value == named(found, "accuracy").value
    assert named(found, "macro-sensitivity").value == named(found, "balanced accuracy").value


def test_a_class_without_films_has_no_figures_and_no_part_in_averages():
    truth, answer = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])
    found = classification(truth, np.eye(3)[answer], CLASSES, Bootstrap(np.arange(4)))
    assert not any(m.about == "pneumonia" and m.name in ("sensitivity", "F1", "ROC AUC") for m in found)
    assert named(found, "macro-F1").value == pytest.approx((1 + 2 / 3) / 2, abs=1e-4)


def test_films_of_one_class_have_no_averages():
    found = classification(np.zeros(4, int), np.eye(3)[[0, 0, 0, 1]], CLASSES, Bootstrap(np.arange(4)))
    assert named(found, "accuracy").value == 0.75
    assert [m.name for m in found if not m.about] == ["accuracy"]


def test_resampled_counts_are_those_of_the_films_drawn():
    truth, answer = np.array([0, 1, 1]), np.array([0, 1, 0])
    weights = np.array([[1, 0], [2, 1], [0, 3]], float)
    counts = resampled_counts(truth, answer, 2, weights)
    for b in range(2):
        drawn = np.repeat(np.arange(3), weights[:, b].astype(int))
        assert np.array_equal(counts[..., b], counted(truth[drawn], answer[drawn], 2))


def test_two_thousand_films_take_seconds():
    truth, p = answers(2171)
    started = time.process_time()
    classification(truth, p, CLASSES, Bootstrap(np.arange(2171) // 2))
    assert time.process_time() - started < 5
