import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from cxr_models.evaluation.measures import classification, dice, of_class, operating_point, proportion, resampled, roc

CLASSES = ("covid19", "normal", "pneumonia")


def named(found, name, about=""):
    return next(m for m in found if (m.name, m.about) == (name, about))


def test_wilson_interval_of_nine_in_ten():
    (m,) = proportion("sensitivity", "covid19", 9, 10)
    assert (m.value, m.n) == (0.9, 10)
    assert (m.low, m.high) == pytest.approx((0.596, 0.982), abs=5e-4)


def test_no_films_give_no_figure():
    assert proportion("PPV", "covid19", 0, 0) == []


def test_sensitivity_specificity_and_ppv_by_hand():
    confusion = np.array([[8, 1, 1], [2, 16, 2], [0, 3, 17]])
    found = of_class("covid19", 0, confusion)
    assert named(found, "sensitivity", "covid19").value == 0.8
    assert named(found, "specificity", "covid19").value == pytest.approx(38 / 40)
    assert named(found, "PPV", "covid19").value == 0.8


def test_perfect_answers_score_one_everywhere():
    truth = np.repeat([0, 1, 2], 10)
    found = classification(truth, np.eye(3)[truth], CLASSES, np.arange(30))
    assert {m.value for m in found} == {1.0}
    assert named(found, "macro-F1").low == 1.0


def test_macro_f1_by_hand():
    truth, answer = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 1, 2, 2])
    found = classification(truth, np.eye(3)[answer], CLASSES, np.arange(6))
    assert named(found, "macro-F1").value == pytest.approx((2 / 3 + 4 / 5 + 1) / 3, abs=1e-4)
    assert confusion_matrix(truth, answer).tolist() == [[1, 1, 0], [0, 2, 0], [0, 0, 2]]


def test_whole_groups_are_resampled_not_films():
    values = np.repeat([0.0, 1.0], 50)
    together = resampled("x", "", lambda rows: float(values[rows].mean()), np.repeat([0, 1], 50))
    apart = resampled("x", "", lambda rows: float(values[rows].mean()), np.arange(100))
    assert (together.low, together.high) == (0.0, 1.0)
    assert 0.35 < apart.low < apart.value == 0.5 < apart.high < 0.65


def test_operating_point_by_hand():
    truth, score = np.array([True, True, False, False]), np.array([0.9, 0.4, 0.5, 0.1])
    found = operating_point(truth, score, 0.5, "covid19")
    assert [m.value for m in found] == [0.5, 0.5]


def test_roc_ends_in_the_corners():
    curve = roc(np.array([True, False, True, False]), np.array([0.9, 0.1, 0.8, 0.3]))
    assert (curve["fpr"][0], curve["tpr"][0], curve["fpr"][-1], curve["tpr"][-1]) == (0, 0, 1, 1)


def test_dice_by_hand():
    a, b = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    a[:2], b[1:3] = True, True
    assert dice(a, b) == 0.5
    assert dice(a & ~a, b & ~b) == 1.0
