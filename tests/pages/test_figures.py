"""Figures from results made by hand: every number drawn is one that can be checked here."""

from dataclasses import replace

import numpy as np
import pytest

from cxr_models.results import Evaluation, Measure
from cxr_models.types import COVID19, TWO_CLASSES
from pages.shared import figures
from pages.shared.figures import GREY, Panel
from pages.shared.palette import CLASS_COLOURS

MEASURES = (
    Measure("ROC AUC", COVID19, 0.9, 0.85, 0.94, 20),
    Measure("sensitivity", COVID19, 0.8, 0.5, 0.9, 10),
    Measure("sensitivity at threshold", COVID19, 0.7, 0.4, 0.9, 10),
    Measure("specificity at threshold", COVID19, 0.75, 0.4, 0.9, 10),
)
RESULT = Evaluation(
    "one", TWO_CLASSES, 20, "test films", "2026-01-01", "evaluate one", ((8, 2), (1, 9)),
    {COVID19: {"fpr": [0.0, 0.1, 1.0], "tpr": [0.0, 0.8, 1.0]}}, MEASURES,
)  # fmt: skip


def test_one_scale_covers_all_maps_and_is_never_empty():
    assert figures.scale_top([np.full((9, 9), 0.123), np.full((9, 9), 0.05)]) == 0.13
    assert figures.scale_top([np.zeros((9, 9))]) == 0.01


def test_pictures_share_the_scale_and_keep_the_films_proportions():
    film, left = np.full((4, 4), 0.5), np.full((4, 4), 0.1)
    drawn = figures.pictures([Panel("film", film, GREY), Panel("left", left)], 0.2, "unit", proportion=1.25)
    grey, amount = drawn.data
    assert (grey.zmin, grey.zmax, amount.coloraxis) == (0, 1, "coloraxis")
    assert (drawn.layout.coloraxis.cmin, drawn.layout.coloraxis.cmax) == (0, 0.2)
    assert drawn.layout.coloraxis.colorbar.title.text == "unit"
    assert drawn.layout.yaxis.scaleratio == drawn.layout.yaxis2.scaleratio == 1.25
    assert [note.text for note in drawn.layout.annotations] == ["film", "left"]


def test_the_composite_is_grey_where_both_networks_fail_alike():
    tensor = np.array([0.1, 0.1, 0.2])[:, None, None] * np.ones((3, 1, 2))
    assert figures.composite(tensor, 0.2)[0, 0].tolist() == [128, 128, 128]
    assert figures.composite(tensor * [[[1]], [[0]], [[0]]], 0.05)[0, 0].tolist() == [255, 0, 0]


def test_no_colour_of_the_scale_is_one_that_streamlit_would_replace():
    assert not [colour for colour in figures.SCALE if colour.startswith("#0000")]


def test_the_confusion_matrix_shows_counts_and_the_share_of_the_row():
    drawn = figures.confusion(RESULT)
    (cells,) = drawn.data
    assert np.array(cells.z).tolist() == [[0.8, 0.2], [0.1, 0.9]]
    assert list(cells.text[0]) == ["<b>8</b><br>80%", "<b>2</b><br>20%"]
    assert cells.y == ("COVID-19<br>(10 films)", "not COVID-19<br>(10 films)")
    assert drawn.layout.yaxis.autorange == "reversed"  # truth from the top down, in class order


def test_the_roc_names_area_and_interval_and_marks_the_threshold():
    chance, line, dot = figures.roc(RESULT).data
    assert (chance.x, chance.y) == ((0, 1), (0, 1))
    assert line.name == "COVID-19, area: 0.900 (0.850 to 0.940)"
    assert line.line.color == CLASS_COLOURS[COVID19]
    assert (dot.x[0], dot.y[0]) == (pytest.approx(0.25), 0.7)


def test_whiskers_reach_from_low_to_high():
    drawn = figures.whiskers({"Alpha": [MEASURES[1]], "Beta": []}, ("sensitivity", "PPV"), "#fff")
    dots = drawn.data[0]
    assert (dots.x, dots.y, dots.text) == ((0.8,), ("Alpha",), ("0.80",))
    assert dots.error_x.array[0] == pytest.approx(0.1)
    assert dots.error_x.arrayminus[0] == pytest.approx(0.3)
    assert list(dots.customdata[0]) == [0.5, 0.9, 10]
    assert drawn.layout.yaxis.categoryarray == ("Beta", "Alpha")  # from the bottom: the first model stands on top
    assert len(drawn.data[1].x) == 0


def test_the_curve_has_the_classs_colour_and_the_threshold():
    drawn = figures.curve(np.array([0.9, 0.4, 0.1]), COVID19, 0.37)
    assert drawn.data[0].line.color == CLASS_COLOURS[COVID19]
    assert list(drawn.data[0].y) == [0.9, 0.4, 0.1]
    assert drawn.layout.annotations[0].text == "threshold 0.37"
    assert not figures.curve(np.array([0.9]), COVID19).layout.shapes


def test_reliability_draws_shares_with_intervals_beside_the_diagonal():
    line = {"predicted": [0.2, 0.8], "observed": [0.1, 0.9], "low": [0.05, 0.7], "high": [0.3, 0.95], "n": [40, 10]}
    drawn = figures.reliability(replace(RESULT, reliability={"before": {COVID19: line}, "after": {COVID19: line}}))
    diagonal, before, after = drawn.data
    assert list(diagonal.x) == list(diagonal.y) == [0, 1]
    assert before.line.dash == "dot" and list(after.y) == [0.1, 0.9]
    assert after.error_y.array == pytest.approx([0.2, 0.05]) and after.error_y.arrayminus == pytest.approx([0.05, 0.2])
