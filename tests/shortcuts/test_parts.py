"""The lungs, all but the lungs, the border."""

import numpy as np
from shortcuts.conftest import lungs_of

from cxr_models.shortcuts.parts import border_only, lungs_erased, lungs_only, widened


def test_widened_by_a_share_of_the_longer_side(square):
    """2 % of 100 pixels are 2: rows and columns 38 to 61, without the corners."""
    _, lungs = square
    wide = widened(lungs.mask)
    assert wide[38:62, 40:60].all() and not wide[37].any() and not wide[38, 38]
    assert not widened(np.zeros((9, 9), bool)).any()


def test_lungs_only_and_lungs_erased_share_the_film(square):
    film, lungs = square
    wide = widened(lungs.mask)
    only, erased = lungs_only(film.pixels, lungs), lungs_erased(film.pixels, lungs, "zero")
    assert np.array_equal(only + erased, film.pixels)
    assert np.array_equal(only > 0, wide) and np.array_equal(erased == 0, wide)


def test_the_border_is_what_lies_outside_the_rectangle_of_the_lungs(square):
    film, lungs = square
    border = border_only(film.pixels, lungs)
    assert (border[38:62, 38:62] == 0).all()
    assert (border == 0).sum() == 24 * 24
    assert np.array_equal(border[:38], film.pixels[:38])


def test_two_lungs_have_one_rectangle():
    mask = np.zeros((100, 100), bool)
    mask[30:50, 20:30] = mask[40:70, 70:80] = True
    border = border_only(np.ones((100, 100), np.float32), lungs_of(mask))
    assert (border == 0).sum() == (50 - 8 + 2) * (80 - 20 + 4) and border[28, 50] == 0
