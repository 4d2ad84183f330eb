"""The picture of a map to keep: the film is the film, colours are those of the page, title and legend are there."""

import io

import numpy as np
import pytest
from film_open import FILM, flat_map
from PIL import Image

from cxr_models.types import COVID19
from pages.shared.explain.picture import LEAST_WIDTH, OPACITY, blended, coloured, png
from pages.shared.palette import SIGNED, UNSIGNED
from pages.shared.viewer import Overlay

GREY = np.rint(FILM.pixels * 255)


def overlay(value: float, signed: bool = False) -> Overlay:
    values = np.full(FILM.pixels.shape, value, np.float32)
    return Overlay("Alpha: COVID-19", values, signed, "units", -1.0 if signed else 0.0, 1.0)


@pytest.mark.parametrize("signed", [False, True])
def test_where_a_map_is_zero_the_film_is_bare(signed: bool):
    assert np.array_equal(blended(FILM, overlay(0.0, signed))[..., 1], GREY)


@pytest.mark.parametrize(
    ("value", "signed", "code"), [(1, False, UNSIGNED[-1]), (1, True, SIGNED[-1]), (-1, True, SIGNED[0])]
)
def test_the_ends_of_the_scale_have_its_colours(value: float, signed: bool, code: str):
    colour = np.array([int(code[at : at + 2], 16) for at in (1, 3, 5)])
    expected = FILM.pixels[..., None] * 255 * (1 - OPACITY) + OPACITY * colour
    assert np.abs(blended(FILM, overlay(value, signed)) - expected).max() <= 0.51


def test_a_colour_between_two_stops_is_their_mean():
    colours, alpha = coloured(np.array([0.5, 0.22]), signed=False)
    below, above = ([int(code[at : at + 2], 16) for at in (1, 3, 5)] for code in UNSIGNED[4:6])
    assert np.allclose(colours[0], np.mean([below, above], axis=0))
    assert alpha.tolist() == pytest.approx([1.0, 0.5])


def test_the_file_has_the_film_between_a_title_and_a_legend():
    whole = Image.open(io.BytesIO(png(FILM, Overlay.of(flat_map("one", "cam", COVID19), "Alpha"), "Alpha: COVID-19")))
    assert whole.format == "PNG" and not whole.info
    assert whole.width == LEAST_WIDTH and whole.height > FILM.pixels.shape[0]
    pixels, top = np.asarray(whole).max(axis=2), 36
    assert pixels[:top].any() and pixels[top + FILM.pixels.shape[0] :].any()
    left = (LEAST_WIDTH - FILM.pixels.shape[1]) // 2
    inside = np.asarray(whole)[top : top + 80, left : left + 64]
    assert np.array_equal(inside, blended(FILM, overlay(1.0)))
