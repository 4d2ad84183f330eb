"""Places that move, and come back exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxr_models.shortcuts.geometry import Crop, Mirror, lungs_moved
from cxr_models.types import Lungs

ROWS = np.arange(20).reshape(4, 5)


def test_a_mirror_by_hand():
    assert Mirror().forth(ROWS)[0].tolist() == [4, 3, 2, 1, 0]


def test_a_crop_by_hand():
    """A quarter of 4 rows is 1, of 5 columns 1.25, which is 1."""
    assert Crop(0.25).forth(ROWS).tolist() == [[6, 7, 8], [11, 12, 13]]
    back = Crop(0.25).back(np.ones((2, 3)), (4, 5))
    assert back.sum() == 6 and back[1:3, 1:4].all()


@pytest.mark.parametrize("motion", [Mirror(), Crop(0.1), Crop(0.37), Crop(0.0)])
@given(rows=st.integers(4, 60), columns=st.integers(4, 60))
def test_back_is_the_exact_inverse(motion, rows, columns):
    film = np.random.default_rng(rows * columns).random((rows, columns))
    edited = motion.forth(film)
    back = motion.back(edited, film.shape)
    assert back.shape == film.shape
    assert np.array_equal(motion.forth(back), edited)
    assert np.array_equal(back[back != 0], film[back != 0])


def test_lungs_move_with_the_film():
    mask = np.zeros((4, 4), bool)
    mask[:, 0] = True
    lungs = Lungs(mask, 0.25, (0.25,), 1.0)
    mirrored, cropped = lungs_moved(lungs, Mirror()), lungs_moved(lungs, Crop(0.25))
    assert mirrored.mask[:, 3].all() and mirrored.area_fraction == 0.25 and mirrored.areas == (0.25,)
    assert not cropped.mask.any() and cropped.area_fraction == 0 and cropped.areas == (0.0,)
    assert np.array_equal(mirrored.region, mirrored.mask)
