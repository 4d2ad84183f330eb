"""Occlusion by hand: squares of a film of known grey values are blurred in turn before networks of known weights."""

import numpy as np
import pytest
from explain.tiny import QUARTERS, Flattened, a_film, settings, spec_of

from cxr_models.errors import MapError
from cxr_models.explain import explain
from cxr_models.explain.scene import AT, REFERENCE, blurred
from cxr_models.imaging.preprocess import InputSpec

SQUARE = np.kron(QUARTERS, np.ones((32, 32), np.float32))
BLURRED = blurred(SQUARE, np.ones_like(SQUARE), REFERENCE * 64 / AT)
WEIGHTS = np.kron([[1, 2], [3, 4]], np.ones((32, 32))) / 1024  # what a pixel adds to the log odds of Flattened


@pytest.fixture
def film():
    """The quarters in 64 x 64 pixels: the film frame is the network's own."""
    return a_film(SQUARE)


@pytest.fixture
def by_quarters(monkeypatch):
    monkeypatch.setattr(settings("occlusion"), "WINDOW", 1 / 2)
    monkeypatch.setattr(settings("occlusion"), "STRIDE", 1 / 2)


def covered(window, stride):
    """What Flattened loses when a window is blurred, and the mean where windows overlap, cut at the film's edge."""
    total, times = np.zeros((2, 64, 64))
    places = range(0, 64 - window + stride, stride)
    for row in places:
        for column in places:
            at = slice(row, row + window), slice(column, column + window)
            total[at] += (WEIGHTS * (SQUARE - BLURRED))[at].sum()
            times[at] += 1
    return total / times, len(places) ** 2


@pytest.mark.parametrize(("target", "sign"), [("covid19", 1), ("non_covid19", -1)])
def test_quarters_covered_in_turn(serve, film, by_quarters, target, sign):
    found = explain(film, None, "flattened", "occlusion", target)
    expected, places = covered(32, 32)
    assert places == 4 and len(np.unique(expected)) == 4
    np.testing.assert_allclose(found.values, sign * expected, atol=1e-5)
    assert found.signed and not found.exact
    assert found.unit == "fall of the log odds when a square of 50% of the side is blurred there"


@pytest.mark.parametrize(("window", "stride"), [(32, 16), (24, 24), (20, 12)])
def test_the_mean_where_windows_overlap(serve, film, monkeypatch, window, stride):
    monkeypatch.setattr(settings("occlusion"), "WINDOW", window / 64)
    monkeypatch.setattr(settings("occlusion"), "STRIDE", stride / 64)
    found = explain(film, None, "flattened", "occlusion", "covid19")
    expected, places = covered(window, stride)
    np.testing.assert_allclose(found.values, expected, atol=1e-5)
    assert found.extra["looks"] == places + 1  # and one at the film itself


def test_a_temperature_of_two_halves_the_odds(serve, film, by_quarters):
    plain = explain(film, None, "flattened", "occlusion", "covid19").values
    serve(spec_of("flattened", temperature=2.0), Flattened())
    np.testing.assert_allclose(explain(film, None, "flattened", "occlusion", "covid19").values, plain / 2, atol=1e-5)


def test_finds_the_one_quarter_that_matters(serve, textured):
    """Fine detail in the lower right quarter gives 12 logits in all; a window of 9 x 9 of its 32 x 32 pixels takes
    about 12 * 81 / 1024 of them."""
    found = explain(textured, None, "detail", "occlusion", "covid19")
    assert found.values.shape == (128, 192) and found.values.dtype == np.float32
    assert found.extra["looks"] == 9**2 + 1
    assert found.values[80:112, 120:168].mean() == pytest.approx(12 * 81 / 1024, rel=0.15)
    assert max(np.abs(found.values[:48]).max(), np.abs(found.values[:, :72]).max()) < 0.01


def test_nothing_is_said_of_what_the_network_does_not_see(serve, textured, oval):
    serve(spec_of("flattened", input=InputSpec(64, 1, (0.0,), (1.0,), "lungs")), Flattened())
    values = explain(textured, oval, "flattened", "occlusion", "covid19").values
    assert values.any() and not values[:4].any() and not values[:, :4].any()


def test_every_look_is_one_of_the_compiled_network(serve, film, by_quarters, monkeypatch):
    model = serve(spec_of("flattened"), Flattened())
    monkeypatch.setattr(model.module, "forward", None)  # the way through torch is not taken
    assert explain(film, None, "flattened", "occlusion", "covid19").extra["looks"] == 5


def test_a_film_of_one_grey_value_has_nothing_to_take_away(serve):
    with pytest.raises(MapError, match=r"occlusion of Flattened is zero everywhere: .* Try another method\.$"):
        explain(a_film(np.full((64, 64), 0.5)), None, "flattened", "occlusion", "covid19")
