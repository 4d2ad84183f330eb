"""An edit gives another film, with its lungs, and leaves the film as it came alone."""

import numpy as np
import pytest
from shortcuts.conftest import lungs_of

from cxr_models.errors import RefusedFilm
from cxr_models.shortcuts import DISPLAY, EDITS, ERASED
from cxr_models.shortcuts.edit import edited, remade


def test_there_are_twenty_edits_and_the_groups_name_some_of_them():
    assert len(EDITS) == 20
    assert len(ERASED) == 4 and set(ERASED) < set(EDITS) and set(DISPLAY) < set(EDITS)


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_gives_a_film_of_its_own(name, square):
    film, lungs = square
    before = film.pixels.copy()
    found = edited(EDITS[name], film, lungs)
    pixels = found.film.pixels
    assert pixels.dtype == np.float32 and pixels.flags.c_contiguous and pixels.ndim == 2
    assert pixels.min() >= 0 and pixels.max() <= 1
    assert found.film.sha256 != film.sha256 and len(found.film.sha256) == 64
    assert found.lungs.mask.shape == pixels.shape and np.array_equal(film.pixels, before)
    assert np.array_equal(edited(EDITS[name], film, lungs).film.pixels, pixels)


@pytest.mark.parametrize("name", EDITS)
def test_without_lungs_an_edit_is_made_or_says_what_it_lacks(name, square):
    film, _ = square
    for none in (None, lungs_of(np.zeros((100, 100)))):
        if EDITS[name].needs_lungs:
            with pytest.raises(RefusedFilm, match=f"{EDITS[name].title}.*needs the lungs"):
                edited(EDITS[name], film, none)
        else:
            assert edited(EDITS[name], film, none).lungs is None


def test_a_map_moves_back_to_the_film_as_it_came(ramp):
    mirrored = edited(EDITS["mirrored"], ramp, None)
    assert np.array_equal(mirrored.back(mirrored.film.pixels), ramp.pixels)
    assert mirrored.film.pixels[0, 0] == ramp.pixels[0, 4]
    same = edited(EDITS["inverted"], ramp, None)
    assert same.back(same.film.pixels) is same.film.pixels


def test_the_identity_follows_the_greys(ramp):
    assert remade(ramp, ramp.pixels).sha256 == remade(ramp, ramp.pixels.copy()).sha256
    assert remade(ramp, ramp.pixels).sha256 != remade(ramp, ramp.pixels.reshape(5, 4)).sha256
    assert remade(ramp, ramp.pixels * 3).pixels.max() == 1
