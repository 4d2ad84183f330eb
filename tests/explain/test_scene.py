"""What stands in for what a method takes away: the blurred film, computed by hand where it can be."""

import numpy as np
import pytest
import torch
from explain.tiny import SIZE, Pooled, loaded, spec_of

from cxr_models.explain.scene import Scene, blurred, log_odds
from cxr_models.explain.signature import Question
from cxr_models.imaging.preprocess import InputSpec, prepare

NORMALISED = {region: InputSpec(SIZE, 3, (0.4, 0.5, 0.6), (0.2, 0.3, 0.4), region) for region in ("film", "lungs")}


def scene(film, lungs, size):
    return Scene(loaded(spec_of("pooled", input=size), Pooled()), Question(film, lungs, "non_covid19"))


def test_log_odds_by_hand():
    logits = torch.tensor([[0.0, 0, 0], [np.log(6), 0, np.log(2)]])
    np.testing.assert_allclose(log_odds(logits, 0), np.log([1 / 2, 6 / 3]), atol=1e-6)
    np.testing.assert_allclose(log_odds(logits, 2), np.log([1 / 2, 2 / 7]), atol=1e-6)
    assert log_odds(torch.tensor([[3.0, 1]]), 0, temperature=4.0).item() == pytest.approx(0.5)


def test_log_odds_stay_finite_where_probabilities_are_0_and_1():
    assert log_odds(torch.tensor([[500.0, -500]]), 0).item() == 1000
    assert log_odds(torch.tensor([[500.0, -500]]), 1).item() == -1000


@pytest.mark.parametrize("region", ["film", "lungs"])
def test_the_film_is_what_prediction_shows_the_network(textured, oval, region):
    shown = scene(textured, oval, NORMALISED[region]).shown
    np.testing.assert_allclose(shown, prepare(textured.pixels, NORMALISED[region], oval.mask), atol=1e-5)


def test_fine_detail_blurs_to_its_mean(textured):
    reference = scene(textured, None, NORMALISED["film"]).reference
    middle = reference[:, 16:-16, 16:-16]  # the edges repeat their last pixel
    expected = (0.5 - torch.tensor([0.4, 0.5, 0.6])) / torch.tensor([0.2, 0.3, 0.4])
    torch.testing.assert_close(middle, expected[:, None, None].expand_as(middle), atol=0.01, rtol=0)


def test_blurring_keeps_an_even_film_and_lets_nothing_in_from_outside():
    inside = np.zeros((64, 64), np.float32)
    inside[16:48, 16:48] = 1
    even = np.full((64, 64), 0.4, np.float32)
    np.testing.assert_allclose(blurred(even, np.ones_like(even), 10), even, atol=1e-5)
    np.testing.assert_allclose(blurred(even * inside, inside, 10), even * inside, atol=1e-5)
    bright_outside = np.where(inside > 0, even, 1)
    np.testing.assert_allclose(blurred(bright_outside, inside, 10), even * inside, atol=1e-5)


def test_outside_the_lungs_film_and_blurred_film_are_the_same(textured, oval):
    found = scene(textured, oval, NORMALISED["lungs"])
    outside = torch.from_numpy(found.inside) == 0
    assert 0.3 < found.inside.mean() < 0.5  # pi / 8 of the square
    torch.testing.assert_close(found.shown[:, outside], found.reference[:, outside])


def test_the_whole_film_counts_for_a_network_that_reads_it_whole(textured, oval):
    assert scene(textured, oval, NORMALISED["film"]).inside.all()


def test_mixed_goes_from_the_blurred_film_to_the_film(quarters):
    found = scene(quarters, None, NORMALISED["film"])
    keep = torch.tensor([0.0, 0.25, 1]).reshape(3, 1, 1).expand(3, SIZE, SIZE)
    none, some, all_of_it = found.mixed(keep)
    torch.testing.assert_close(none, found.reference)
    torch.testing.assert_close(some, 0.25 * found.shown + 0.75 * found.reference)
    torch.testing.assert_close(all_of_it, found.shown)


def test_the_target_is_the_class_in_the_order_of_the_model(quarters):
    assert scene(quarters, None, NORMALISED["film"]).target == 1
