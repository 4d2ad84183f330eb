import numpy as np
import pytest

from cxr_models.evaluation.conformal import band, checked, fit, lower_cut
from cxr_models.evaluation.intervals import Bootstrap

CLASSES = ("covid19", "normal")


def test_the_cut_is_the_right_one_of_the_sorted_values():
    assert lower_cut(np.arange(9) / 10, 0.1) == 0.0  # 1st of 9
    assert lower_cut(np.arange(19)[::-1] / 20, 0.1) == 0.05  # 2nd of 19
    assert lower_cut(np.arange(8) / 10, 0.1) == float("-inf")  # 8 films cannot tell one in ten


def test_cuts_by_hand():
    p = np.linspace(0.05, 0.95, 19)
    found = fit(np.zeros(19, int), np.stack([p, 1 - p], 1), CLASSES, 0.9)
    assert found.cuts == {"covid19": pytest.approx(0.1), "normal": 0.0} and found.n == {"covid19": 19, "normal": 0}


def test_coverage_and_sizes_by_hand():
    cuts = fit(np.repeat([0, 1], 9), np.tile([[0.6, 0.4]], (18, 1)), CLASSES, 0.9)  # in the set from 0.6 and from 0.4
    p = np.array([[0.7, 0.3], [0.6, 0.4], [0.5, 0.5], [0.5, 0.5]])
    found = {(m.name, m.about): m.value for m in checked(np.array([0, 1, 0, 1]), p, CLASSES, cuts, Bootstrap(range(4)))}
    assert found[("coverage of sets", "covid19")] == 0.5 and found[("coverage of sets", "normal")] == 1
    assert found[("mean set size", "")] == pytest.approx(5 / 4)
    assert (found[("sets of one class", "")], found[("sets of several", "")], found[("empty sets", "")]) == (
        0.75,
        0.25,
        0,
    )


@pytest.mark.parametrize("n", [19, 60])
def test_new_films_are_covered_as_often_as_stated_whatever_the_prevalence(n):
    rng, covered = np.random.default_rng(0), []
    for _ in range(400):
        p = rng.beta([2, 5], [1, 1], size=(2, n + 1, 2))  # a class each: own probabilities, the last film is new
        own = np.stack([p[0, :, 0], p[1, :, 1]])
        cuts = [lower_cut(row[:-1], 0.1) for row in own]
        covered.append(own[:, -1] >= cuts)
    exactly = 1 - np.floor(0.1 * (n + 1)) / (n + 1)  # at least 0.9
    assert np.mean(covered, axis=0) == pytest.approx([exactly] * 2, abs=0.04)


def test_between_the_thresholds_lies_what_would_break_a_bound():
    score = np.r_[np.linspace(0.4, 0.94, 19), np.linspace(0.06, 0.6, 19)]  # cases, then others
    found = band(np.arange(38) < 19, score, 0.5)
    assert found.low == 0.4 and found.high == pytest.approx(0.6) and found.high > score[37]
    assert not (score[:19] < found.low).any() and not (score[19:] >= found.high).any()


def test_where_one_threshold_keeps_both_bounds_no_film_goes_unanswered():
    score = np.r_[np.linspace(0.7, 0.9, 19), np.linspace(0.1, 0.3, 19)]
    found = band(np.arange(38) < 19, score, 0.5)
    assert (found.low, found.high) == (0.5, 0.5)
    assert band(np.arange(38) < 19, score, 0.05).low == pytest.approx(0.3)


def test_too_few_films_answer_nothing():
    found = band(np.array([True, False]), np.array([0.9, 0.1]), 0.5)
    assert found.low == 0 and found.high > 1
