"""The film with a map's strongest places blurred, the slider that does it, and the chart of what it costs."""

import numpy as np
import pytest
from by_hand import lungs_of
from film_open import FILM, flat_map, visit, words
from maps_open import DELETION, DOUBTFUL, INSERTION, Work, settled
from streamlit.testing.v1 import AppTest

from cxr_models.types import COVID19
from pages.shared import made
from pages.shared.explain.removed import BLURRED, SHOWN, curves


def test_the_slider_blurs_the_film_and_reads_the_probability_there(app: AppTest, work: Work):
    settled(visit(app, "explain"))
    assert "0.80 on the film, 0.66 with 20% blurred" in words(app)
    app.select_slider[0].set_value(10).run()
    assert "0.80 on the film, 0.10 with 100% blurred" in words(app)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_strongest_places_are_blurred_first(known_specs: dict, share: float):
    values = np.zeros(FILM.pixels.shape, np.float32)
    values[:20] = 1.0  # a quarter of 80 rows
    shown = made.removed(FILM, None, flat_map("one", "cam", COVID19, values=values), share).pixels
    same = shown == FILM.pixels
    assert same.mean() == pytest.approx(1 - share, abs=0.01)
    assert not same[:19].any() or share == 0
    assert same[21:].all() or share == 1


def test_a_model_of_the_lungs_alone_has_only_lungs_blurred(known_specs: dict):
    lungs = lungs_of(FILM)
    shown = made.removed(FILM, lungs, flat_map("two", "cam", COVID19), 1.0).pixels
    assert np.array_equal(shown[~lungs.mask], FILM.pixels[~lungs.mask])
    assert (shown[30:50, 12:20] != FILM.pixels[30:50, 12:20]).all()


def test_the_chart_has_both_curves_and_marks_the_sliders_point():
    blurred, shown, dot = curves(DOUBTFUL, 3, COVID19, 0.5).data
    assert (dot.x[0], dot.y[0]) == (30.0, DELETION[3])
    assert (blurred.name, shown.name) == (BLURRED, SHOWN)
    assert np.array_equal(blurred.y, DELETION) and np.array_equal(shown.y, INSERTION)
    assert blurred.x[-1] == shown.x[-1] == 100.0
    assert (blurred.showlegend, shown.showlegend, dot.showlegend) == (True, True, False)
