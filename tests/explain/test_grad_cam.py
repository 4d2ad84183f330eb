"""Grad-CAM by hand, and beside captum's."""

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam
from explain.tiny import QUARTERS, Layered, spec_of

from cxr_models.architectures.cae import CAE
from cxr_models.architectures.cnn_x import CNNX
from cxr_models.explain import explain
from cxr_models.imaging.preprocess import InputSpec, prepare

BY_HAND = {
    "covid19": QUARTERS * 0.875,  # mean gradient 2 mean(q) = 2 * 1.75 / 4
    "non_covid19": 1 - QUARTERS,
}
EACH = 1 / 4096  # of the pixels of 64 x 64


def big(values):
    """(2, 2) -> (64, 64)."""
    return np.kron(values, np.ones((32, 32), np.float32))


@pytest.mark.parametrize("target", BY_HAND)
def test_map_as_computed_by_hand(serve, quarters, target):
    found = explain(quarters, None, "curved", "grad_cam", target)
    np.testing.assert_allclose(found.extra["grid"], BY_HAND[target], atol=1e-6)
    np.testing.assert_allclose(found.values[[0, 0, -1, -1], [0, -1, 0, -1]], BY_HAND[target].ravel(), atol=1e-6)


def test_it_does_not_claim_to_be_exact(serve, quarters):
    found = explain(quarters, None, "curved", "grad_cam", "covid19")
    assert not found.exact and found.signed and "bias" not in found.extra
    assert found.extra["logit"] == pytest.approx(1.3125)  # 1/16 + 1/4 + 1
    assert found.unit == "Grad-CAM score (sign and proportions only) of one cell of the 2 x 2 grid"


def test_a_named_layer_by_hand(serve, quarters):
    """Behind ``first`` a ReLU lets the gradient through where its map is above 0: each time three quarters of it."""
    found = explain(quarters, None, "layered", "grad_cam", "covid19", layer="first")
    expected = 0.75 * EACH * (2 * QUARTERS - (1 - QUARTERS))
    np.testing.assert_allclose(found.extra["grid"], big(expected), atol=1e-9)
    assert found.extra["logit"] == pytest.approx(0.8125)
    assert found.values.shape == (96, 160) and "64 x 64 grid" in found.unit


def test_with_one_linear_layer_above_it_is_the_class_activation_map(serve, quarters):
    found = explain(quarters, None, "layered", "grad_cam", "covid19", layer="bend")
    np.testing.assert_allclose(found.extra["grid"], big((3 * QUARTERS - 1) * EACH), atol=1e-9)
    assert found.extra["grid"].sum() + 0.5 == pytest.approx(found.extra["logit"], abs=1e-5)


@pytest.mark.parametrize(
    ("net", "layer"),
    [(Layered(), "first"), (CNNX(64, classes=2), "paths.0.1"), (CNNX(64, classes=2), "paths.3")],
    ids=["linear", "before a layer that works in place", "one of several paths"],
)
@pytest.mark.parametrize("index", [0, 1])
def test_a_named_layer_agrees_with_captum(serve, quarters, net, layer, index):
    model = serve(spec_of("real"), net)
    x = torch.from_numpy(prepare(quarters.pixels, model.spec.input))[None]
    theirs = LayerGradCam(net, net.get_submodule(layer)).attribute(x, target=index, relu_attributions=False)
    ours = explain(quarters, None, "real", "grad_cam", model.spec.classes[index], layer=layer).extra
    np.testing.assert_allclose(ours["grid"], theirs[0, 0].detach(), atol=1e-6)
    assert ours["logit"] == pytest.approx(net(x)[0, index].item(), abs=1e-5)


def test_a_network_of_the_papers(serve, quarters):
    torch.manual_seed(0)
    classes = ("covid19", "normal", "pneumonia")
    serve(spec_of("real", classes, input=InputSpec(224, 3, (0.0,) * 3, (1.0,) * 3)), CAE())
    found = explain(quarters, None, "real", "grad_cam", "pneumonia")
    assert found.extra["grid"].shape == (7, 7) and not found.exact
