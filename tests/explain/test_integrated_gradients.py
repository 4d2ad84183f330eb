"""Integrated gradients by hand where the network is linear or square, and their sum where it is neither."""

import numpy as np
import pytest
import torch
from explain.tiny import QUARTERS, Curved, Flattened, a_film, settings, spec_of

from cxr_models.architectures.cnn_x import CNNX
from cxr_models.errors import MapError
from cxr_models.explain import explain
from cxr_models.explain.scene import AT, REFERENCE, blurred
from cxr_models.imaging.preprocess import InputSpec
from cxr_models.inference import predict

SQUARE = np.kron(QUARTERS, np.ones((32, 32), np.float32))
BLURRED = blurred(SQUARE, np.ones_like(SQUARE), REFERENCE * 64 / AT)
PIXELS = 32 * 32  # a quarter


@pytest.fixture
def film():
    """The quarters in 64 x 64 pixels: the film frame is the network's own."""
    return a_film(SQUARE)


@pytest.fixture
def unsmoothed(monkeypatch):
    monkeypatch.setattr(settings("integrated_gradients"), "SMOOTH", 0)


def means(square):
    """(64, 64) -> (2, 2), the mean of each quarter."""
    return square.reshape(2, 32, 2, 32).mean((1, 3))


def spread(quarters):
    return np.kron(quarters, np.ones((32, 32)))


@pytest.mark.parametrize(("target", "sign"), [("covid19", 1), ("non_covid19", -1)])
@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_linear_network_weight_times_way(serve, film, unsmoothed, target, sign, temperature):
    """Log odds sum(w q) - 4 over the temperature, with w = 1 to 4: every pixel has the weight w / 1024."""
    serve(spec_of("flattened", temperature=temperature), Flattened())
    found = explain(film, None, "flattened", "integrated_gradients", target)
    expected = sign * spread([[1, 2], [3, 4]]) / PIXELS * (SQUARE - BLURRED) / temperature
    np.testing.assert_allclose(found.values, expected, atol=1e-7)
    assert found.extra["to"] == pytest.approx(sign * 2 / temperature)  # 1/4 * 2 + 1/2 * 3 + 1 * 4 - 4
    assert found.signed and not found.exact and "log odds" in found.unit


def test_square_network_mean_gradient_times_way(serve, film, unsmoothed):
    """Log odds sum(q^2) - sum(1 - q): between blurred b and shown s the gradient 2 q + 1 is s + b + 1 in the mean."""
    serve(spec_of("curved"), Curved())
    found = explain(film, None, "curved", "integrated_gradients", "covid19")
    gradient = spread(QUARTERS + means(BLURRED) + 1) / PIXELS
    np.testing.assert_allclose(found.values, gradient * (SQUARE - BLURRED), atol=1e-7)


def test_the_map_sums_to_the_way_of_the_log_odds(serve, textured):
    torch.manual_seed(0)
    classes = ("covid19", "normal", "pneumonia")
    serve(spec_of("real", classes, input=InputSpec(64, 1, (0.0,), (1.0,)), temperature=1.5), CNNX(64))
    extra = explain(textured, None, "real", "integrated_gradients", "pneumonia").extra
    assert abs(extra["to"] - extra["from"]) > 0.05
    assert extra["sum"] == pytest.approx(extra["to"] - extra["from"], rel=0.02)
    p = predict(textured, None, "real").of("pneumonia")
    assert extra["to"] == pytest.approx(np.log(p / (1 - p)), abs=1e-4)


def test_smoothing_keeps_the_sum(serve, film):
    found = explain(film, None, "flattened", "integrated_gradients", "covid19")
    assert found.values.sum() == pytest.approx(found.extra["sum"], abs=1e-5)


def test_a_dark_place_counts(serve):
    """From black no way would lead to it; from the blurred film it does, and here it is evidence against the class."""
    pixels = np.ones((64, 64), np.float32)
    pixels[44:52, 44:52] = 0
    values = explain(a_film(pixels), None, "flattened", "integrated_gradients", "covid19").values
    assert values.argmin() in np.flatnonzero(pixels == 0)


def test_only_the_lungs_have_a_share_where_the_network_reads_them_alone(serve, quarters, right_half):
    serve(spec_of("flattened", input=InputSpec(64, 1, (0.0,), (1.0,), "lungs")), Flattened())
    values = explain(quarters, right_half, "flattened", "integrated_gradients", "covid19").values
    assert not values[:, :72].any() and values[:, 80:].any()  # between them the smoothing


def test_a_film_of_one_grey_value_has_no_way_to_go(serve):
    with pytest.raises(MapError, match="integrated gradients of Flattened is zero everywhere"):
        explain(a_film(np.full((64, 64), 0.5)), None, "flattened", "integrated_gradients", "covid19")


def test_steps_are_looked_at_in_small_batches(serve, film, monkeypatch):
    model = serve(spec_of("flattened"), Flattened())
    seen, features = [], model.module.features
    monkeypatch.setattr(model.module, "features", lambda x: seen.append(len(x)) or features(x))
    explain(film, None, "flattened", "integrated_gradients", "covid19")
    assert seen == [4] * 6 + [2]  # 24 steps, then both ends


@pytest.mark.parametrize(("precision", "expected"), [("bf16", [True] * 6 + [False]), ("f32", [False] * 7)])
def test_half_precision_where_the_answers_stand_it_and_never_for_both_ends(
    serve, film, monkeypatch, precision, expected
):
    monkeypatch.setattr(settings("integrated_gradients"), "has_bf16", lambda: True)
    model = serve(spec_of("flattened", precision=precision), Flattened())
    seen, features = [], model.module.features
    monkeypatch.setattr(
        model.module, "features", lambda x: seen.append(torch.is_autocast_enabled("cpu")) or features(x)
    )
    extra = explain(film, None, "flattened", "integrated_gradients", "covid19").extra
    assert seen == expected and not torch.is_autocast_enabled("cpu")
    assert extra["to"] == pytest.approx(2) and extra["sum"] == pytest.approx(2 - extra["from"], rel=0.02)
