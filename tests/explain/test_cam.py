"""Class activation maps computed by hand, on four quarters whose grey values are 0, 1/4, 1/2 and 1."""

import threading

import numpy as np
import pytest
import torch
from explain.tiny import QUARTERS, spec_of

from cxr_models.architectures.cae import CAE
from cxr_models.architectures.cnn_x import CNNX
from cxr_models.explain import explain
from cxr_models.imaging.preprocess import InputSpec

BY_HAND = {
    ("pooled", "covid19"): (3 * QUARTERS - 1) / 4,  # (2 q - (1 - q)) / 4 cells
    ("pooled", "non_covid19"): (1 - QUARTERS) / 4,
    ("flattened", "covid19"): QUARTERS * [[1, 2], [3, 4]],
    ("flattened", "non_covid19"): QUARTERS * 0,
    ("curved", "covid19"): QUARTERS * 0.875,  # mean gradient 2 mean(q) = 2 * 1.75 / 4
    ("curved", "non_covid19"): 1 - QUARTERS,
}


@pytest.mark.parametrize(("model", "target"), BY_HAND)
def test_map_as_computed_by_hand(serve, quarters, model, target):
    grid = explain(quarters, None, model, "cam", target).extra["grid"]
    np.testing.assert_allclose(grid, BY_HAND[model, target], atol=1e-6)


@pytest.mark.parametrize(("model", "logit", "bias"), [("pooled", 0.8125, 0.5), ("flattened", 5, -1)])
def test_linear_head_sums_to_the_logit(serve, quarters, model, logit, bias):
    extra = (found := explain(quarters, None, model, "cam", "covid19")).extra
    assert found.exact and found.signed
    assert extra["logit"] == pytest.approx(logit) and extra["bias"] == pytest.approx(bias)
    assert extra["grid"].sum() + extra["bias"] == pytest.approx(logit)


def test_grad_cam_does_not_claim_to_be_exact(serve, quarters):
    found = explain(quarters, None, "curved", "cam", "covid19")
    assert not found.exact and found.signed and "bias" not in found.extra
    assert found.extra["logit"] == pytest.approx(1.3125)  # 1/16 + 1/4 + 1
    assert found.unit.startswith("Grad-CAM")


def test_evidence_against_keeps_its_sign(serve, quarters):
    values = explain(quarters, None, "pooled", "cam", "covid19").values
    assert values[0, 0] == pytest.approx(-0.25) and values[-1, -1] == pytest.approx(0.5)


def test_map_lies_in_the_film_frame(serve, quarters):
    values = explain(quarters, None, "pooled", "cam", "covid19").values
    assert values.shape == (96, 160) and values.dtype == np.float32
    corners = values[[0, 0, -1, -1], [0, -1, 0, -1]].reshape(2, 2)
    np.testing.assert_allclose(corners, BY_HAND["pooled", "covid19"], atol=1e-6)
    assert values.mean() == pytest.approx(BY_HAND["pooled", "covid19"].mean(), abs=1e-6)


@pytest.mark.parametrize(("net", "channels", "size", "side"), [(CNNX(64), 1, 64, 21), (CAE(), 3, 224, 7)])
def test_networks_of_the_papers(serve, quarters, net, channels, size, side):
    classes = ("covid19", "normal", "pneumonia")
    spec = spec_of("real", classes, input=InputSpec(size, channels, (0.0,) * channels, (1.0,) * channels))
    serve(spec, net)
    found = explain(quarters, None, "real", "cam", "pneumonia")
    assert found.extra["grid"].shape == (side, side) and found.exact == net.linear_head
    if found.exact:
        assert found.extra["grid"].sum() + found.extra["bias"] == pytest.approx(found.extra["logit"], abs=1e-4)


def test_network_is_left_as_it_was(serve, quarters):
    net = serve(spec_of("real", input=InputSpec(64, 1, (0.0,), (1.0,))), CNNX(64, classes=2)).module
    before = {name: value.clone() for name, value in net.state_dict().items()}
    explain(quarters, None, "real", "cam", "covid19")
    assert not net.training and torch.is_grad_enabled()
    assert all(p.grad is None and p.requires_grad for p in net.parameters())
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())
    assert not any(m._forward_hooks or m._backward_hooks for m in net.modules())


def test_gradients_are_on_even_where_the_caller_turned_them_off(serve, quarters):
    with torch.no_grad():
        found = explain(quarters, None, "pooled", "cam", "covid19")
    assert found.extra["grid"].sum() == pytest.approx(0.3125)


def test_two_threads_agree_with_one(serve, quarters):
    alone = [explain(quarters, None, "curved", "cam", target).values for target in ("covid19", "non_covid19")]
    wrong = []

    def work(target, expected):
        for _ in range(20):
            if not np.array_equal(explain(quarters, None, "curved", "cam", target).values, expected):
                wrong.append(target)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(("covid19", "non_covid19"), alone, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
