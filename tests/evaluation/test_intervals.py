import numpy as np
import pytest

from cxr_models.evaluation import intervals
from cxr_models.evaluation.intervals import Bootstrap, limits, mean_of, proportion


def test_wilson_interval_of_nine_in_ten():
    (m,) = proportion("sensitivity", "covid19", 9, 10)
    assert (m.value, m.n) == (0.9, 10)
    assert (m.low, m.high) == pytest.approx((0.596, 0.982), abs=5e-4)


def test_no_films_give_no_figure():
    assert proportion("PPV", "covid19", 0, 0) == []


def test_weights_are_the_draws_of_a_films_group():
    groups = np.array(["p", "q", "p", "r"])
    (weights,) = Bootstrap(groups, times=50).weights()
    assert weights.shape == (4, 50) and np.array_equal(weights[0], weights[2])
    assert set((weights[0] + weights[1] + weights[3]).tolist()) == {3.0}  # three groups are drawn each time


def test_blocks_do_not_change_the_draws(monkeypatch):
    whole = np.hstack(list(Bootstrap(np.arange(7), times=10).weights()))
    monkeypatch.setattr(intervals, "CELLS", 7 * 3)
    assert np.array_equal(np.hstack(list(Bootstrap(np.arange(7), times=10).weights())), whole)


def test_whole_groups_are_resampled_not_films():
    values = np.repeat([0.0, 1.0], 50)
    (together,) = mean_of("x", "", values, np.repeat([0, 1], 50))
    (apart,) = mean_of("x", "", values, np.arange(100))
    assert (together.low, together.value, together.high) == (0.0, 0.5, 1.0)
    assert 0.35 < apart.low < 0.43 and 0.57 < apart.high < 0.65  # 0.5 +- 1.96 x 0.05


def test_films_without_a_value_are_left_out_and_counted_out():
    (m,) = mean_of("distance", "", np.array([1.0, np.nan, 3.0]), np.arange(3))
    assert (m.value, m.n) == (2.0, 2)
    assert mean_of("distance", "", np.array([np.nan]), np.arange(1)) == []


def test_resamples_without_a_value_are_left_out_and_the_interval_holds_the_figure():
    assert limits(np.array([0.2, np.nan, 0.2]), 0.1) == (0.1, pytest.approx(0.2))
    assert limits(np.array([np.nan]), 0.4) == (0.4, 0.4)
