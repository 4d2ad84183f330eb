import numpy as np
import pandas as pd
import pytest

from cxr_models.evaluation import sources
from cxr_models.evaluation.intervals import Bootstrap

CLASSES = ("covid19", "normal", "pneumonia")


def test_each_class_from_a_collection_of_its_own_is_refused_with_the_reason():
    source, label = pd.Series(["a", "a", "b"]), np.array(["covid19", "covid19", "normal"])
    said = sources.refusal(source, label)
    assert "perfectly confounded here (a: covid19; b: normal)" in said and sources.v(source, label) == 1
    assert sources.refusal(source, np.array(["covid19", "normal", "normal"])) == ""


def test_one_collection_alone_has_no_cramers_v_and_no_refusal():
    source, label = pd.Series(["a", "a"]), np.array(["covid19", "normal"])
    assert sources.v(source, label) is None and sources.refusal(source, label) == ""


def test_the_guess_is_each_collections_most_frequent_training_class():
    trained, label = pd.Series(["a", "a", "a", "b", "b"]), np.array([0, 0, 1, 2, 1])
    answer = sources.guess(trained, label, pd.Series(["b", "a", "c"]), 3)
    assert answer.tolist() == [
        1,
        0,
        0,
    ]  # b: a tie, the first of both; c: unknown, the first of the most frequent of all


def test_how_far_the_collection_alone_gets_by_hand():
    truth, answer = np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])
    accuracy, macro = sources.guessed(truth, answer, 3, Bootstrap(np.arange(4)))
    assert (accuracy.name, accuracy.about, accuracy.value, accuracy.n) == ("accuracy", "source alone", 0.75, 4)
    assert macro.value == pytest.approx((4 / 5 + 2 / 3) / 2, abs=1e-4)


def test_a_collection_has_the_area_of_a_class_only_where_it_has_both():
    source, truth = pd.Series(["a", "a", "a", "b", "b"]), np.array([0, 0, 1, 2, 2])
    p = np.array([[0.8, 0.2, 0], [0.4, 0.6, 0], [0.5, 0.5, 0], [0, 0, 1], [1, 0, 0]])
    found = {(m.name, m.about): m.value for m in sources.figures(source, truth, p, CLASSES, np.arange(5))}
    assert found == {
        ("accuracy", "collection a"): pytest.approx(1 / 3, abs=1e-4),
        ("ROC AUC", "covid19, collection a"): 0.5,
        ("ROC AUC", "normal, collection a"): 0.5,
        ("accuracy", "collection b"): 0.5,
    }
