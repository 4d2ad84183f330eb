"""Shares of the evidence, with floor and ceiling."""

import numpy as np
import pytest
from explain.checks.nets import a_map, two_lungs

from cxr_models.explain.checks.zones import ceiling, zones


def test_shares_by_hand():
    values = np.full((100, 100), -1.0)
    values[25, 20], values[50, 1], values[50, 50] = 1, 3, 4
    found = {zone.name: zone.share for zone in zones(values, two_lungs())}
    assert found["right lung, upper third"] == 1 / 8 and found["border"] == 3 / 8
    assert found["heart and mediastinum"] == 4 / 8 and sum(found.values()) == 1


def test_an_even_map_has_the_floor_everywhere():
    found = zones(np.full((100, 100), 2.0), two_lungs())
    assert [zone.share for zone in found] == pytest.approx([zone.floor for zone in found])
    assert sum(zone.floor for zone in found) == pytest.approx(1)
    assert {zone.name: zone.floor for zone in found}["left lung, middle third"] == 0.05


def test_no_zones_without_lungs_or_evidence():
    assert zones(np.ones((100, 100)), np.zeros((100, 100), bool)) == ()
    assert zones(-np.ones((100, 100)), two_lungs()) == ()


@pytest.mark.parametrize("name", ["grid", "mask"])
def test_ceiling_of_a_grid_of_two_cells_by_hand(name):
    mask = np.zeros((4, 4), bool)
    mask[:, 2:] = True  # cells 0 and 1, drawn over four columns as 0, 1/4, 3/4, 1
    made = a_map(np.ones((4, 4)), **{name: np.zeros((1, 2))})
    assert ceiling(made, mask) == pytest.approx((0.75 + 1) / 2)


def test_ceiling_lies_between_the_floor_of_one_cell_and_one():
    mask = two_lungs()
    assert ceiling(a_map(mask, grid=np.zeros((1, 1))), mask) == pytest.approx(mask.mean())
    assert ceiling(a_map(mask, grid=np.zeros((100, 100))), mask) == 1
    coarse, fine = (ceiling(a_map(mask, grid=np.zeros((n, n))), mask) for n in (7, 28))
    assert mask.mean() < coarse < fine < 1


def test_ceiling_of_methods_without_a_grid():
    mask = two_lungs()
    covered, path = (ceiling(a_map(mask, method), mask) for method in ("occlusion", "integrated_gradients"))
    assert mask.mean() < covered < path < 1
    assert ceiling(a_map(mask, "residual"), mask) is None


def test_ceiling_of_occlusion_by_hand():
    mask = np.zeros((21, 21), bool)
    mask[10, 10] = True  # windows of 3 x 3: of a pixel's evidence 1/3 x 1/3 stays in it
    assert ceiling(a_map(mask, "occlusion"), mask) == pytest.approx(1 / 9, rel=1e-4)


def test_nothing_spills_to_where_the_network_is_shown_nothing():
    """Evidence of one column lies on five, as 1, 2, 3, 2, 1 of 9; without the two on the left 3 of 6 stay."""
    mask, shown = np.zeros((21, 21), bool), np.zeros((21, 21), bool)
    mask[:, 10], shown[:, 10:] = True, True
    assert ceiling(a_map(mask, "occlusion"), mask) == pytest.approx(3 / 9, rel=1e-4)
    assert ceiling(a_map(mask, "occlusion"), mask, shown) == pytest.approx(3 / 6, rel=1e-4)
    of_features = a_map(mask, grid=np.zeros((7, 7)))
    assert ceiling(of_features, mask, shown) == ceiling(of_features, mask)


def test_no_ceiling_without_lungs():
    mask = np.zeros((21, 21), bool)
    assert ceiling(a_map(mask, grid=np.zeros((7, 7))), mask) is None
