"""All edits, all models, one pass: the same figures as film by film."""

import numpy as np
import pytest
from shortcuts.conftest import film_of, lungs_of

from cxr_models import inference
from cxr_models.errors import Cancelled
from cxr_models.shortcuts import EDITS
from cxr_models.shortcuts.bench import bench, on_the_bench
from cxr_models.shortcuts.edit import edited

MODELS = ("pooled", "curved")


def test_every_edit_by_every_model(serve, square):
    film, lungs = square
    found = bench(film, lungs, MODELS)
    assert found.edits == tuple(EDITS) and not found.refused and not found.failures
    for model in MODELS:
        assert found.before[model].tolist() == pytest.approx(inference.predict(film, lungs, model).probabilities)
        for row, name in zip(found.after[model], EDITS, strict=True):
            one = edited(EDITS[name], film, lungs)
            assert row.tolist() == pytest.approx(inference.predict(one.film, one.lungs, model).probabilities)


def test_the_change_by_hand(serve, square):
    film, lungs = square
    found = bench(film, lungs, ["pooled"], ["inverted"])
    assert found.change("pooled", "covid19")[0] == found.after["pooled"][0, 0] - found.before["pooled"][0]
    with pytest.raises(ValueError):
        found.change("pooled", "pneumonia")
    assert np.array_equal(found.edited("inverted").film.pixels, 1 - film.pixels)


def test_edits_and_models_that_cannot_be_are_sentences(serve, square):
    film, _ = square
    found = bench(film, None, ["pooled", "nobody"], ["lungs-only", "mirrored"])
    assert found.edits == ("mirrored",) and "needs the lungs" in found.refused["lungs-only"]
    assert list(found.after) == ["pooled"] and "no model 'nobody'" in found.failures["nobody"]


def test_cancelled(serve, square):
    with pytest.raises(Cancelled):
        bench(*square, MODELS, cancelled=lambda: True)


def test_progress_names_what_is_done(serve, square):
    told = []
    bench(*square, MODELS, ["mirrored"], progress=lambda share, doing: told.append((share, doing)))
    assert told[0] == (0.0, "Editing the film: Mirrored") and told[-1] == (2 / 3, "Curved reads all films")


def test_large_films_are_shrunk_and_small_ones_are_not():
    pixels = np.kron(np.array([[0.2, 0.8]]), np.ones((1500, 1000)))
    film, lungs = on_the_bench(film_of(pixels), lungs_of(pixels > 0.5))
    assert film.pixels.shape == (768, 1024) and lungs.mask.shape == (768, 1024)
    assert film.pixels.mean() == pytest.approx(0.5, abs=1e-3) and lungs.mask.mean() == pytest.approx(0.5, abs=1e-3)
    small = film_of(np.zeros((100, 90)))
    found, none = on_the_bench(small, None)
    assert found.pixels is small.pixels and found.sha256 == small.sha256 and none is None
    assert found is not small  # what is kept of a film for as long as it is open must not hold it
