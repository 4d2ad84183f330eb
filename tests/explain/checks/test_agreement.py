"""How alike two maps are, by hand."""

import math

import numpy as np
import pytest
from explain.checks.nets import a_map

from cxr_models.explain.checks.agreement import agreement, alike, judged, ranks, spearman

RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(112, 112)).astype(np.float32)


def test_ranks_count_not_sizes():
    made = a_map(NOISE)
    assert alike(made, made) == pytest.approx(1)
    assert alike(made, a_map(-3 * NOISE + 7)) == pytest.approx(-1)
    steps = np.arange(56 * 56, dtype=float).reshape(56, 56)
    assert alike(a_map(steps), a_map(np.exp(steps / 1000))) == pytest.approx(1)


def test_spearman_by_hand():
    one, other = np.array([[1, 2], [3, 4]]), np.array([[10, 30], [20, 40]])
    assert spearman(one, other) == pytest.approx(1 - 6 * 2 / (4 * 15))  # two neighbours changed places: sum d^2 = 2


def test_equal_values_share_their_mean_rank():
    assert ranks(np.array([5, 1, 5, 2, 5])).tolist() == [4, 1, 4, 2, 4]


def test_maps_of_any_size_share_one_grid():
    grid = RNG.normal(size=(56, 56))
    assert alike(a_map(grid), a_map(np.kron(grid, np.ones((3, 2))))) == pytest.approx(1)


def test_only_positive_parts_beside_a_map_without_sign():
    values = np.kron(np.array([[1, 0.5], [-1, -5]]), np.ones((28, 28)))
    against = np.kron(np.array([[1, 0.5], [-5, -1]]), np.ones((28, 28)))
    assert alike(a_map(values), a_map(against)) < 1
    assert alike(a_map(values), a_map(np.clip(against, 0, None), signed=False)) == pytest.approx(1)


def test_only_places_that_are_shown_are_compared():
    """Both maps stop at one outline and say nothing of each other within."""
    rng = np.random.default_rng(3)
    shown = np.zeros((56, 56), bool)
    shown[14:42, 14:42] = True
    one, other = (a_map(np.where(shown, 1 + rng.random((56, 56)), 0)) for _ in range(2))
    assert alike(one, other) > 0.5
    assert abs(alike(one, other, shown)) < 0.1
    assert alike(one, one, np.kron(shown, np.ones((3, 3), bool))) == pytest.approx(1)
    assert alike(one, other, np.zeros((8, 8), bool)) is None


def test_a_map_that_ranks_nothing():
    made = a_map(NOISE)
    for other in (np.full_like(NOISE, 3), np.zeros_like(NOISE), np.full_like(NOISE, np.nan)):
        assert alike(made, a_map(other)) is None
    assert alike(a_map(NOISE, signed=False), a_map(-np.abs(NOISE))) is None


def test_agreement_leaves_out_its_own_method_and_maps_that_rank_nothing():
    others = [a_map(NOISE), a_map(-NOISE, "occlusion"), a_map(np.ones_like(NOISE), "integrated_gradients")]
    assert agreement(a_map(NOISE), others) == {"occlusion": pytest.approx(-1)}


def test_the_median_is_judged():
    found = judged({"occlusion": 0.9, "grad_cam_pp": 0.3, "perturbation": -0.5}, 0.2)
    assert (found.passed, found.value, found.limit) == (True, 0.3, 0.2)
    assert found.sentence == "This map agrees with the maps of 3 other methods (likeness 0.30 of 1, the median)."
    alone = judged({"occlusion": 0.1}, 0.2)
    assert alone.passed is False
    assert alone.sentence == "This map marks other places than the map of 1 other method (likeness 0.10 of 1)."


def test_without_others_the_check_is_not_made():
    found = judged({}, 0.2)
    assert found.passed is None and math.isnan(found.value) and "compare" in found.sentence
