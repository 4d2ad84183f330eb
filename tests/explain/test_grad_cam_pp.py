"""Grad-CAM++ by hand: ``alpha = g^2 / (2 g^2 + sum(A) g^3)``; the quarters' grey values q sum to 7/4."""

import numpy as np
import pytest
import torch
from explain.tiny import QUARTERS, Flattened, spec_of

from cxr_models.errors import MapError
from cxr_models.explain import explain
from cxr_models.explain.grad_cam_pp import weighted


def weight(gradients, total):
    """Of one map: sum of alpha * g over its cells; alpha = 1 / (2 + sum(A) g) where g is not 0."""
    return sum(g / (2 + total * g) for g in gradients)


BY_HAND = {
    ("pooled", "covid19"): 16 / 23 * QUARTERS,  # 4 * 0.5 / (2 + 1.75 * 0.5); the map of 1 - q has g < 0, no weight
    ("pooled", "non_covid19"): 16 / 41 * (1 - QUARTERS),  # 4 * 0.25 / (2 + 2.25 * 0.25)
    ("flattened", "covid19"): weight([1, 2, 3, 4], 1.75) * QUARTERS,
    ("curved", "covid19"): weight([0, 0.5, 1, 2], 1.75) * QUARTERS,  # g = 2 q
}


@pytest.mark.parametrize(("model", "target"), BY_HAND)
def test_map_as_computed_by_hand(serve, quarters, model, target):
    found = explain(quarters, None, model, "grad_cam_pp", target)
    np.testing.assert_allclose(found.extra["grid"], BY_HAND[model, target], atol=1e-6)
    np.testing.assert_allclose(found.values[[0, 0, -1, -1], [0, -1, 0, -1]], BY_HAND[model, target].ravel(), atol=1e-6)
    assert not found.signed and not found.exact
    assert found.unit == "Grad-CAM++ score (proportions only) of one cell of the 2 x 2 grid"


def test_several_places_weigh_as_much_as_one():
    """The paper's reason: Grad-CAM weighs a map by how many of its cells count, Grad-CAM++ nearly not."""
    features = torch.zeros(2, 4, 4)
    features[0, 0, 0] = features[1, 2:] = 1  # one cell, eight cells
    gradient = features.clone()
    found = weighted(features, gradient).sum(0)
    assert found[0, 0] == pytest.approx(1 / (2 + 1)) and found[3, 3] == pytest.approx(8 / (2 + 8))
    assert found[3, 3] / found[0, 0] < 8 / 2  # Grad-CAM: 8 times as much


def test_where_nothing_counts_there_is_zero_and_not_a_division_by_it():
    assert not weighted(torch.ones(3, 2, 2), torch.zeros(3, 2, 2)).any()
    cancels = weighted(torch.full((1, 2, 2), 0.5), torch.full((1, 2, 2), -1.0))  # 2 g^2 + 2 g^3 = 0
    assert torch.equal(cancels, torch.zeros(1, 2, 2))


def test_evidence_against_alone_is_no_map(serve, quarters):
    net = serve(spec_of("flattened"), Flattened()).module
    net.head[-1].weight.data.neg_()
    with pytest.raises(MapError, match=r"Grad-CAM\+\+ of Flattened is zero everywhere.* nothing .* speaks for this"):
        explain(quarters, None, "flattened", "grad_cam_pp", "covid19")


def test_a_named_layer_by_hand(serve, quarters):
    """``first`` gives x and 1 - x; class 1 counts the second alone, with g = 1/4096 in three quarters of the film."""
    found = explain(quarters, None, "layered", "grad_cam_pp", "non_covid19", layer="first")
    each = weight([1 / 4096] * 3072, 2304)  # sum(1 - x) = 2.25 * 1024
    np.testing.assert_allclose(found.extra["grid"], np.kron(each * (1 - QUARTERS), np.ones((32, 32))), atol=1e-6)
