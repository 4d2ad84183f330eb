"""The search by itself, on log odds given by a formula: its cost by hand, its steps, and how it ends."""

import numpy as np
import pytest
from scipy.optimize import check_grad, minimize
from scipy.special import expit

from cxr_models.errors import Cancelled
from cxr_models.explain import search as s
from cxr_models.explain.search import Walk, cost, search


def quietly(share, doing):
    return None


def linear(weight, at_zero=-3.0):
    """Log odds that grow with what is kept where ``weight`` (28, 28) is: a look as ``search`` wants it."""

    def look(which, masks):
        return at_zero + (weight * masks).sum((1, 2)), np.broadcast_to(weight, masks.shape)

    return look


def bent(weight):
    """Log odds with a bend: the steps of the model promise too much."""

    def look(which, masks):
        inner = (weight * masks).sum((1, 2))
        return 6 * np.tanh(inner / 3) - 1, 2 * (1 - np.tanh(inner / 3)[:, None, None] ** 2) * weight

    return look


@pytest.fixture
def patch():
    weight = np.zeros((28, 28))
    weight[10:14, 10:14] = 0.5
    return weight


def test_settings_are_the_published_ones():
    assert (s.SIDE, s.SPARSE, s.SMOOTH, s.BETA) == (28, 1e-4, 1e-2, 3)


def test_cost_of_one_blurred_cell():
    mask = np.ones((28, 28))
    assert cost(mask)[0] == 0
    mask[10, 10] = 0  # its own gradient has length sqrt(2), that of its upper and left neighbours 1
    assert cost(mask)[0] == pytest.approx(1e-4 + 1e-2 * (2**1.5 + 1 + 1))


def test_slope_of_the_cost_is_its_derivative():
    draw = np.random.default_rng(0)
    flat = lambda x: x.reshape(28, 28)  # noqa: E731
    wrong = check_grad(lambda x: cost(flat(x))[0], lambda x: cost(flat(x))[1].ravel(), draw.random(784))
    assert wrong < 1e-5


def test_finds_what_a_patient_search_finds(patch):
    def objective(flat):
        mask = flat.reshape(28, 28)
        return float(expit(-3 + (patch * mask).sum()) + cost(mask)[0])

    def slope(flat):
        mask = flat.reshape(28, 28)
        p = expit(-3 + (patch * mask).sum())
        return (p * (1 - p) * patch + cost(mask)[1]).ravel()

    bounds = [(0, 1)] * 784
    patient = minimize(objective, np.full(784, 0.5), jac=slope, method="L-BFGS-B", bounds=bounds)
    (walk,) = search(linear(patch), 1, quietly, lambda: False)
    assert walk.objective == pytest.approx(patient.fun, rel=0.01)
    assert len(walk.curve) < s.LOOKS / 2
    assert walk.mask[11:13, 11:13].max() < 0.5 and walk.mask[20:].min() > 0.9


def test_never_gets_worse_where_the_model_promises_too_much(patch):
    (walk,) = search(bent(patch), 1, quietly, lambda: False)
    objective = np.array(walk.curve)[:, 0]
    assert (np.diff(objective) <= 0).all() and objective[-1] < objective[0]


def test_a_look_that_disappoints_is_undone_and_damps_more(patch):
    walk = Walk()
    walk.told(2.0, patch)
    mask, damping = walk.mask, walk.damping
    walk.told(5.0, patch)  # worse than before, whatever was promised
    assert walk.mask is mask and walk.damping == 4 * damping
    assert walk.curve[0] == walk.curve[1]


def test_nothing_to_gain_by_blurring_keeps_the_whole_film():
    (walk,) = search(linear(np.zeros((28, 28))), 1, quietly, lambda: False)
    assert walk.mask.min() > 0.999 and walk.objective == pytest.approx(expit(-3.0), abs=1e-4)


def test_several_masks_go_their_own_ways(patch):
    other = np.roll(patch, 8, axis=1)
    weights = np.stack([patch, other])

    def look(which, masks):
        return -3 + (weights[which] * masks).sum((1, 2)), weights[which]

    both = search(look, 2, quietly, lambda: False)
    for walk, weight in zip(both, weights, strict=True):
        (alone,) = search(linear(weight), 1, quietly, lambda: False)
        np.testing.assert_array_equal(walk.mask, alone.mask)


def test_stops_when_asked_and_says_how_far_it_is(patch):
    told = []
    with pytest.raises(Cancelled):
        search(bent(patch), 1, lambda *what: told.append(what), iter([False, False, True]).__next__)
    assert [share for share, _ in told] == [1 / s.LOOKS, 2 / s.LOOKS] and f"look 2 of at most {s.LOOKS}" in told[1][1]


def test_bends_are_those_of_a_bowl():
    """Along steps that were taken, BFGS gives back the change of slope that they showed; elsewhere a careful share."""
    bends, one, two = s.Bends(), np.zeros(784), np.zeros(784)
    one[0], two[1] = 1, 2
    assert not bends.times(one).any()
    bends.learn(one, 3 * one)
    bends.learn(two, 5 * two)
    np.testing.assert_allclose(bends.times(one), 3 * one, atol=1e-12)
    np.testing.assert_allclose(bends.times(two), 5 * two, atol=1e-12)
    other = np.eye(784)[7]
    np.testing.assert_allclose(bends.times(other), s.CAREFUL * 5 * other, atol=1e-12)


def test_a_bend_downwards_is_not_believed():
    bends, one = s.Bends(), np.eye(784)[0]
    bends.learn(one, -one)
    assert not bends.times(one).any()
