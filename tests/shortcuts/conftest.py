"""Films of a few pixels, whose edits can be written down, and the tiny networks of the explanations' tests."""

import numpy as np
import pytest
from explain.conftest import serve  # noqa: F401 - the fixture

from cxr_models.types import Film, Lungs


def film_of(pixels):
    return Film(np.asarray(pixels, np.float32), "0" * 64, "Film 1", "phantom")


def lungs_of(mask):
    mask = np.asarray(mask, bool)
    return Lungs(mask, float(mask.mean()), (float(mask.mean()),), 1.0)


@pytest.fixture
def ramp():
    """A film of 4 x 5 pixels with the grey values 0, 0.05, 0.1, ... 0.95, row by row."""
    return film_of(np.arange(20).reshape(4, 5) / 20)


@pytest.fixture
def square():
    """A film of 100 x 100 pixels of grey 0.5 with a square of 0.8 in rows and columns 40 to 59, and its mask."""
    pixels, mask = np.full((100, 100), 0.5, np.float32), np.zeros((100, 100), bool)
    mask[40:60, 40:60] = True
    pixels[mask] = 0.8
    return film_of(pixels), lungs_of(mask)
