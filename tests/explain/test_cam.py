"""Class activation maps computed by hand, on four quarters whose grey values are 0, 1/4, 1/2 and 1."""

import numpy as np
import pytest
import torch
from explain.tiny import QUARTERS, spec_of

from cxr_models.architectures.cnn_x import CNNX
from cxr_models.explain import explain
from cxr_models.imaging.preprocess import InputSpec

BY_HAND = {
    ("pooled", "covid19"): (3 * QUARTERS - 1) / 4,  # (2 q - (1 - q)) / 4 cells
    ("pooled", "non_covid19"): (1 - QUARTERS) / 4,
    ("flattened", "covid19"): QUARTERS * [[1, 2], [3, 4]],
}


@pytest.mark.parametrize(("model", "target"), BY_HAND)
def test_map_as_computed_by_hand(serve, quarters, model, target):
    grid = explain(quarters, None, model, "cam", target).extra["grid"]
    np.testing.assert_allclose(grid, BY_HAND[model, target], atol=1e-6)


@pytest.mark.parametrize(("model", "logit", "bias"), [("pooled", 0.8125, 0.5), ("flattened", 5, -1)])
def test_cells_sum_to_the_logit(serve, quarters, model, logit, bias):
    extra = (found := explain(quarters, None, model, "cam", "covid19")).extra
    assert found.exact and found.signed
    assert extra["logit"] == pytest.approx(logit) and extra["bias"] == pytest.approx(bias)
    assert extra["grid"].sum() + extra["bias"] == pytest.approx(logit)


def test_evidence_against_keeps_its_sign(serve, quarters):
    values = explain(quarters, None, "pooled", "cam", "covid19").values
    assert values[0, 0] == pytest.approx(-0.25) and values[-1, -1] == pytest.approx(0.5)


def test_map_lies_in_the_film_frame(serve, quarters):
    values = explain(quarters, None, "pooled", "cam", "covid19").values
    assert values.shape == (96, 160) and values.dtype == np.float32
    corners = values[[0, 0, -1, -1], [0, -1, 0, -1]].reshape(2, 2)
    np.testing.assert_allclose(corners, BY_HAND["pooled", "covid19"], atol=1e-6)
    assert values.mean() == pytest.approx(BY_HAND["pooled", "covid19"].mean(), abs=1e-6)


def test_a_network_of_the_papers(serve, quarters):
    torch.manual_seed(0)
    classes = ("covid19", "normal", "pneumonia")
    serve(spec_of("real", classes, input=InputSpec(64, 1, (0.0,), (1.0,))), CNNX(64))
    found = explain(quarters, None, "real", "cam", "pneumonia")
    assert found.extra["grid"].shape == (21, 21) and found.unit.endswith("21 x 21 grid")
    assert found.extra["grid"].sum() + found.extra["bias"] == pytest.approx(found.extra["logit"], abs=1e-4)


def test_gradients_are_on_even_where_the_caller_turned_them_off(serve, quarters):
    with torch.no_grad():
        found = explain(quarters, None, "pooled", "cam", "covid19")
    assert found.extra["grid"].sum() == pytest.approx(0.3125)
