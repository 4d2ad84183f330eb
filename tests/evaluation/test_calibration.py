import numpy as np
import pytest
import torch
from scipy.special import softmax
from torchmetrics.functional.classification import multiclass_calibration_error

from cxr_models.evaluation.calibration import brier, curves, ece, figures, fit_temperature, nll, reliability
from cxr_models.evaluation.intervals import Bootstrap


def ones(truth):
    return np.ones((len(truth), 1))


def test_temperature_by_hand():
    # Right on three of four: the best odds are 3 to 1, so 2 log 3 / T = log 3.
    z = np.tile([np.log(3), -np.log(3)], (4, 1))
    assert fit_temperature(z, np.array([0, 0, 0, 1])) == pytest.approx(2, abs=1e-3)


def test_ece_by_hand():
    truth, p = np.array([0, 0, 0, 1]), np.tile([0.9, 0.1], (4, 1))
    assert ece(truth, p, ones(truth)) == pytest.approx([0.9 - 0.75])
    certain = np.tile([1.0, 0.0], (4, 1))
    assert ece(truth, certain, ones(truth)) == pytest.approx([0.25])


def test_ece_is_that_of_torchmetrics_and_resamples_are_films_drawn_again():
    rng = np.random.default_rng(0)
    p, truth = rng.dirichlet(np.ones(3), 400), rng.integers(3, size=400)
    theirs = multiclass_calibration_error(torch.tensor(p), torch.tensor(truth), 3, n_bins=15)
    assert ece(truth, p, ones(truth)) == pytest.approx([float(theirs)], abs=1e-6)
    drawn = rng.integers(400, size=400)
    weights = np.bincount(drawn, minlength=400)[:, None].astype(float)
    assert ece(truth, p, weights) == pytest.approx(ece(truth[drawn], p[drawn], ones(truth)))


def test_brier_and_likelihood_by_hand():
    truth, p = np.array([0, 1]), np.array([[0.8, 0.2], [0.5, 0.5]])
    assert brier(truth, p) == pytest.approx((0.04 + 0.25) / 2)
    assert nll(truth, p) == pytest.approx(-(np.log(0.8) + np.log(0.5)) / 2)
    three = np.array([[0.0, 1.0, 0.0]])
    assert brier(np.array([0]), three) == 1  # the worst there is


def test_reliability_by_hand():
    curve = reliability(np.array([False, False, True, True, True]), np.array([0.02, 0.04, 0.96, 0.98, 1.0]))
    assert curve["n"] == [2, 3] and curve["observed"] == [0, 1]
    assert curve["predicted"] == pytest.approx([0.03, 0.98])
    assert curve["low"][1] == pytest.approx(0.4385, abs=1e-3)  # Wilson of 3 in 3


def test_temperature_two_halves_overconfident_logits_again():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(4000, 3)) * 2
    truth = np.array([rng.choice(3, p=row) for row in softmax(z, 1)])
    temperature = fit_temperature(2 * z, truth)
    assert temperature == pytest.approx(2, rel=0.06)
    found = {(m.name, m.about): m.value for m in figures(2 * z, truth, temperature, Bootstrap(np.arange(4000), 50))}
    assert found[("ECE", "")] < 0.03 < 0.1 < found[("ECE", "before temperature")]
    assert found[("Brier", "")] < found[("Brier", "before temperature")]
    assert found[("NLL", "")] < found[("NLL", "before temperature")]
    assert set(curves(2 * z, truth, temperature, ("a", "b", "c"))["before"]) == {"a", "b", "c"}
