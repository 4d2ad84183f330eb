"""What stands where something was."""

import numpy as np
import pytest

from cxr_models.shortcuts.fills import FILLS, filled


@pytest.mark.parametrize("fill", FILLS)
def test_only_the_hole_changes(fill, square):
    film, lungs = square
    found = filled(film.pixels, lungs.mask, fill)
    assert np.array_equal(found[~lungs.mask], film.pixels[~lungs.mask])
    assert found.dtype == np.float32


def test_each_fill_by_hand(square):
    """Around the bright square all is 0.5, so that both the mean and what is painted over are 0.5."""
    film, lungs = square
    inside = {fill: filled(film.pixels, lungs.mask, fill)[lungs.mask] for fill in FILLS}
    assert (inside["zero"] == 0).all()
    assert np.allclose(inside["mean"], 0.5) and np.allclose(inside["inpaint"], 0.5, atol=1e-4)
    assert inside["blur"].max() < 0.8 and inside["blur"].min() > 0.5


def test_painting_goes_on_from_the_edge():
    """Left half 0.2, right half 0.6; a hole in the right half is painted 0.6."""
    pixels = np.full((64, 64), 0.2, np.float32)
    pixels[:, 32:] = 0.6
    hole = np.zeros((64, 64), bool)
    hole[20:30, 45:55] = True
    assert np.allclose(filled(pixels, hole, "inpaint")[hole], 0.6, atol=0.01)


@pytest.mark.parametrize("fill", FILLS)
def test_a_film_that_is_all_hole_becomes_black(fill):
    assert not filled(np.ones((8, 8), np.float32), np.ones((8, 8), bool), fill).any()


@pytest.mark.parametrize("fill", FILLS)
def test_a_hole_with_little_left_around_it(fill):
    pixels, hole = np.full((300, 200), 0.4, np.float32), np.ones((300, 200), bool)
    hole[0, 0] = False
    assert np.isfinite(filled(pixels, hole, fill)).all()
