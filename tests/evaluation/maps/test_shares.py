"""Shares in the lungs, by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from explain.tiny import SIZE, a_film

from cxr_models.evaluation.maps.cases import Case
from cxr_models.evaluation.maps.shares import hand_figures, label_figures, share, share_as_found, shares_by_hand
from cxr_models.types import Lungs, Map


def figure(found, name, about):
    return next(m for m in found if (m.name, m.about) == (name, about))


def test_a_share_stands_between_floor_and_ceiling():
    lungs = np.zeros((64, 64), bool)
    lungs[:, 32:] = True
    values = np.where(lungs, 3, 1) - 4 * (np.arange(64) < 8)  # negative on the first columns
    grid = np.ones((2, 2), np.float32)
    found = share(Map(values.astype(np.float32), "m", "cam", "covid19", True, "none", extra={"grid": grid}), lungs)
    assert found["share"] == pytest.approx(3 * 32 / (3 * 32 + 24)) and found["floor"] == 0.5
    assert 0.5 < found["ceiling"] < 1  # a grid of 2 x 2 spills over the lung's edge
    assert share(None, lungs) == {"share": None, "floor": 0.5, "ceiling": None}


def test_the_same_network_is_shown_the_film_and_the_lungs_alone(weighted, right_lung):
    white = np.ones((SIZE, SIZE), np.float32)
    white[0, 0] = white[1, :40] = 0  # so that there is a range of grey
    lungs = right_lung.mask
    case = SimpleNamespace(film=a_film(white), alone=a_film(white * lungs), lungs=right_lung, drawn_lungs=lungs)
    found = shares_by_hand(case, weighted, "cam")["maps"]
    assert [(one["shown"], one["target"]) for one in found] == [
        ("whole film", "covid19"), ("whole film", "non_covid19"), ("lungs alone", "covid19"),
        ("lungs alone", "non_covid19"),
    ]  # fmt: skip
    # The CAM has 4 on the left and 6 on the right; an eighth of either lies over the middle, enlarged from 2 x 2.
    assert found[0]["share"] == pytest.approx((6 * 7 + 4) / 80, abs=0.005)
    assert found[2]["share"] == pytest.approx(7 / 8, abs=0.005) and found[2]["ceiling"] == pytest.approx(7 / 8)
    assert found[1]["share"] is None and found[1]["floor"] == 0.5
    slow = shares_by_hand(case, weighted, "occlusion")["maps"]
    assert [one["target"] for one in slow] == ["covid19", "covid19"]


def test_the_film_of_the_lungs_alone_is_black_elsewhere(tmp_path, right_lung):
    case = Case(tmp_path, SimpleNamespace(sha256="0" * 64, path="", mask=""))
    case.film, case.lungs = a_film(np.full((SIZE, SIZE), 0.7)), right_lung
    assert (case.alone.pixels[right_lung.mask] == np.float32(0.7)).all() and not case.alone.pixels[
        ~right_lung.mask
    ].any()


def test_the_gain_is_the_mean_difference_over_films_that_have_both():
    def row(film, shown, value):
        return {"film": film, "group": film, "model": "m", "method": "cam", "shown": shown, "target": "covid19",
                "share": value, "floor": 0.25, "ceiling": 0.8}  # fmt: skip

    rows = [
        row(1, "whole film", 0.2),
        row(1, "lungs alone", 0.6),
        row(2, "whole film", 0.4),
        row(2, "lungs alone", 0.6),
    ]
    found = hand_figures(pd.DataFrame([*rows, row(3, "whole film", None), row(3, "lungs alone", 0.9)]))
    whole = figure(found, "evidence in the lungs", "whole film, covid19, m, cam")
    assert (whole.value, whole.n, whole.low, whole.high) == (0.3, 2, 0.2, 0.4)
    assert figure(found, "evidence in the lungs", "lungs alone, covid19, m, cam").value == 0.7
    gain = figure(found, "gain by showing the lungs alone", "covid19, m, cam")
    assert (gain.value, gain.n, gain.low, gain.high) == (0.3, 2, 0.2, 0.4)
    assert figure(found, "floor", "lungs drawn by hand").n == 3
    assert figure(found, "ceiling", "whole film, covid19, m, cam").value == 0.8


def test_a_network_of_the_lungs_alone_has_no_gain():
    row = {"film": 1, "group": 1, "model": "hrnet", "method": "cam", "shown": "lungs alone", "target": "covid19"}
    found = hand_figures(pd.DataFrame([row | {"share": 0.9, "floor": 0.2, "ceiling": 0.9}]))
    assert [m.name for m in found] == ["floor", "evidence in the lungs", "ceiling"]


def test_by_label_means_are_over_that_labels_films():
    row = {"model": "m", "method": "cam", "ceiling": 0.9}
    rows = [
        row | {"film": 1, "group": 1, "label": "normal", "share": 0.2, "floor": 0.2},
        row | {"film": 2, "group": 2, "label": "normal", "share": 0.6, "floor": 0.4},
        row | {"film": 3, "group": 3, "label": "covid19", "share": 0.5, "floor": 0.1},
    ]
    found = label_figures(pd.DataFrame(rows))
    normal = figure(found, "evidence in the lungs", "lungs as found, normal, m, cam")
    assert (normal.value, normal.n) == (0.4, 2)
    assert figure(found, "floor", "lungs as found, normal").value == pytest.approx(0.3)


def test_without_lungs_there_is_no_share(weighted, lower_right):
    none = Lungs(np.zeros((SIZE, SIZE), bool), 0.0, (), 1.0)
    case = SimpleNamespace(film=a_film(lower_right), lungs=none, decided=lambda model_id: "covid19")
    assert share_as_found(case, weighted, "cam") == {"share": None, "floor": 0.0, "ceiling": None}
