"""Print is found wherever it stands and however grey, and a film without any keeps all its pixels."""

import numpy as np
import pytest

from cxr_models.imaging.phantom import thorax
from cxr_models.shortcuts.lettering import erased, found
from cxr_models.shortcuts.marks import Mark, cover, marked, overlap


def ink(film, mark):
    """(H, W) bool: where the mark covers more than half of a pixel."""
    drawn = cover(film.shape, mark)
    on_film, on_cover = overlap(film.shape, drawn.shape, mark.row, mark.column)
    where = np.zeros(film.shape, bool)
    where[on_film] = drawn[on_cover] > 0.5
    return where


BARE = {seed: thorax(seed, marker=None).film.pixels for seed in range(3)}


@pytest.mark.parametrize("seed", BARE)
@pytest.mark.parametrize(
    "mark",
    [
        Mark(text="L", row=0.08, column=0.9, size=0.04),
        Mark(text="PORTABLE", row=0.94, column=0.5, size=0.02),
        Mark(text="AP ERECT", row=0.1, column=0.15, size=0.025, angle=12),
        Mark(text="R", row=0.5, column=0.3, size=0.05, opacity=0.6),
        Mark(text="12:45", row=0.06, column=0.12, size=0.02, opacity=0.45),
    ],
    ids=lambda mark: f"{mark.text}-{mark.opacity}",
)
def test_nearly_all_ink_is_found_and_little_else(seed, mark):
    film = marked(BARE[seed], mark)
    truth, print_ = ink(film, mark), found(film)
    assert print_[truth].mean() > 0.9
    assert (print_ & ~truth).mean() < 0.01


@pytest.mark.parametrize("seed", BARE)
def test_a_bare_chest_has_none(seed):
    assert found(BARE[seed]).mean() < 0.003


def test_a_film_without_print_stays_as_it_is():
    flat = np.tile(np.linspace(0.2, 0.8, 400, dtype=np.float32), (300, 1))
    assert not found(flat).any() and erased(flat) is flat


def test_erasing_brings_the_film_back():
    """The greys under the letter come back to within a few hundredths."""
    mark = Mark(text="L", row=0.08, column=0.9, size=0.04)
    film = marked(BARE[0], mark)
    where = ink(film, mark)
    assert np.abs(film - BARE[0])[where].mean() > 0.3
    assert np.abs(erased(film) - BARE[0])[where].mean() < 0.05
