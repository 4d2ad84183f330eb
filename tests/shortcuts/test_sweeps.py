"""Dose and response, and the map of places, on networks whose answer can be computed."""

import numpy as np
import pytest
from explain.tiny import SIZE, Pooled, spec_of
from shortcuts.conftest import film_of

from cxr_models import inference
from cxr_models.errors import Cancelled, RefusedFilm, UnknownMethod
from cxr_models.imaging.preprocess import InputSpec
from cxr_models.shortcuts.edit import remade
from cxr_models.shortcuts.marks import Mark, marked
from cxr_models.shortcuts.sweeps import dose, placement
from cxr_models.types import TWO_CLASSES

FILM = film_of(np.linspace(0.1, 0.9, 96 * 96).reshape(96, 96))
MARK = Mark(text="H", size=0.15, row=0.5, column=0.5)


def said(mark, model="pooled", name="covid19"):
    return inference.predict(remade(FILM, marked(FILM.pixels, mark)), None, model).of(name)


def test_a_dose_is_the_mark_at_that_opacity(serve):
    found = dose(FILM, None, MARK, ["pooled", "curved"], (0.0, 0.4, 1.0))
    assert found.opacities.tolist() == [0, 0.4, 1] and found.probabilities["curved"].shape == (3, 2)
    for opacity, row in zip(found.opacities, found.probabilities["pooled"], strict=True):
        assert row[0] == pytest.approx(said(Mark(text="H", size=0.15, row=0.5, column=0.5, opacity=opacity)))
    assert found.probabilities["pooled"][0, 0] == pytest.approx(inference.predict(FILM, None, "pooled").of("covid19"))


def test_the_map_of_places_by_place(serve):
    found = placement(FILM, None, MARK, "flattened", "covid19", grid=4)
    grid = found.extra["grid"]
    assert grid.shape == (4, 4) and found.values.shape == (96, 96) and found.signed
    assert found.extra["places"].tolist() == [0.125, 0.375, 0.625, 0.875]
    before = inference.predict(FILM, None, "flattened").of("covid19")
    there = said(Mark(text="H", size=0.15, row=0.375, column=0.875), "flattened")
    assert grid[1, 3] == pytest.approx(there - before, abs=1e-6)
    assert found.extra["before"] == pytest.approx(before)


def test_the_map_lies_where_the_network_looks(serve):
    """ "Flattened" weighs the lower right quarter four times as much as the upper left: that is where ink counts."""
    pixels = np.full((96, 96), 0.3)
    pixels[:3], pixels[-3:] = 0, 1  # so that the ink does not change how the film's greys are stretched
    dark = film_of(pixels)
    grid = placement(dark, None, MARK, "flattened", "covid19", grid=4).extra["grid"]
    assert grid[2:, 2:].mean() > grid[:2, :2].mean()


def test_what_cannot_be_asked_is_said(serve):
    with pytest.raises(UnknownMethod, match="no class 'normal'. It has: covid19, non_covid19"):
        placement(FILM, None, MARK, "pooled", "normal")
    with pytest.raises(UnknownMethod, match="border has no place"):
        placement(FILM, None, Mark("border"), "pooled", "covid19")
    serve(spec_of("inside", TWO_CLASSES, input=InputSpec(SIZE, 1, (0.0,), (1.0,), "lungs")), Pooled())
    with pytest.raises(RefusedFilm, match="lungs alone and none were found"):
        placement(FILM, None, MARK, "inside", "covid19", grid=2)


def test_both_can_be_cancelled_and_tell_how_far_they_are(serve):
    told = []
    placement(FILM, None, MARK, "pooled", "covid19", grid=2, progress=lambda share, doing: told.append((share, doing)))
    assert told == [(0.0, "Place 1 of 4"), (0.25, "Place 2 of 4"), (0.5, "Place 3 of 4"), (0.75, "Place 4 of 4")]
    for sweep in (
        lambda **how: placement(FILM, None, MARK, "pooled", "covid19", **how),
        lambda **how: dose(FILM, None, MARK, ["pooled"], **how),
    ):
        with pytest.raises(Cancelled):
            sweep(cancelled=lambda: True)
