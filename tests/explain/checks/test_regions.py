"""Named parts of a film: by hand on two boxes, and on phantoms whose organs are known."""

import numpy as np
import pytest
from explain.checks.nets import two_lungs

from cxr_models.explain.checks.regions import BELOW, BORDER, CORNERS, HEART, REST, REST_OF_ONE, partition, sides
from cxr_models.imaging.phantom import thorax

LUNGS = tuple(f"{side} lung, {third} third" for side in ("right", "left") for third in ("upper", "middle", "lower"))


def named(mask):
    names, labels = partition(mask)
    return {name: labels == i for i, name in enumerate(names)}


def test_areas_by_hand():
    parts = named(two_lungs())
    # border: 100^2 - 92^2 less what corners cover of it; below: 16 rows of 92 less 2 x 6 x 6 of the corners
    expected = dict.fromkeys(LUNGS, 500) | {HEART: 60 * 20, CORNERS: 400, BORDER: 1536 - 256, BELOW: 16 * 92 - 72}
    assert {name: where.sum() for name, where in parts.items() if name != REST} == expected
    assert parts[REST].sum() == 10_000 - sum(expected.values())
    assert parts[HEART][50, 40:60].all() and parts[BELOW][85, 20:80].all() and parts[REST][10, 50]


def test_the_patients_right_is_the_images_left():
    parts = named(two_lungs())
    assert parts["right lung, upper third"][20:40, 15:40].all()
    assert parts["left lung, lower third"][60:80, 60:85].all()


def test_lungs_lie_over_corners_and_these_over_the_border():
    mask = two_lungs()
    mask[0:80, 0:40] = True
    parts = named(mask)
    assert parts["right lung, upper third"][0, 0] and parts[CORNERS][0, 99] and parts[BORDER][50, 99]


@pytest.fixture(scope="module", params=range(3))
def phantom(request):
    return thorax(request.param, size=128)


def test_phantoms_are_partitioned_and_lungs_are_whole(phantom):
    parts = named(phantom.lungs)
    assert (sum(where.astype(int) for where in parts.values()) == 1).all()
    for side, lung in (("right", phantom.right_lung), ("left", phantom.left_lung)):
        thirds = [parts[name] for name in LUNGS if name.startswith(side)]
        np.testing.assert_array_equal(np.any(thirds, axis=0), lung)
        rows = [np.flatnonzero(third.any(1)) for third in thirds]
        assert rows[0][-1] < rows[1][0] and rows[1][-1] < rows[2][0]
        assert max(map(len, rows)) - min(map(len, rows)) <= 1


def test_the_phantoms_heart_is_found(phantom):
    parts, heart = named(phantom.lungs), phantom.heart & ~phantom.lungs
    assert parts[HEART][heart].mean() > 0.8
    assert not parts[BELOW][: np.flatnonzero(phantom.lungs.any(1))[-1] * 3 // 4].any()


def test_lungs_joined_by_a_bridge_are_cut_where_there_is_least():
    mask = two_lungs()
    mask[40:42, 40:60] = True
    right, left = sides(mask)
    assert right.sum() == left.sum() == 60 * 25 + 2 * 10
    assert not right[:, 50:].any() and not left[:, :50].any()


@pytest.mark.parametrize(("columns", "side"), [(slice(15, 40), "right"), (slice(60, 85), "left")])
def test_one_lung_has_a_side_and_no_heart_beside_it(columns, side):
    mask = np.zeros((100, 100), bool)
    mask[20:80, columns] = True
    parts = named(mask)
    assert HEART not in parts and REST not in parts and parts[REST_OF_ONE][50, 50]
    assert {name for name in parts if "third" in name} == {name for name in LUNGS if name.startswith(side)}
    assert parts[BELOW][90, 50] and not parts[BELOW][:80].any()


def test_two_lungs_on_one_half_of_the_film_are_still_two():
    mask = np.zeros((100, 100), bool)
    mask[20:80, 5:20] = mask[20:80, 28:43] = True
    right, left = sides(mask)
    assert right[50, 10] and left[50, 30] and right.sum() == left.sum()


def test_islands_go_to_the_side_they_lie_on():
    mask = two_lungs()
    mask[85:88, 70:73] = True
    right, left = sides(mask)
    assert left[86, 71] and not right[86, 71]


def test_outside_of_the_angle_the_diaphragm_does_not_rise():
    mask = two_lungs()
    mask[60:80, 80:85] = False  # the outer edge ends higher than the angle at column 79
    parts = named(mask)
    assert parts[REST][70, 82] and parts[BELOW][85, 82]


def test_a_mask_of_one_pixel():
    mask = np.zeros((50, 40), bool)
    mask[25, 10] = True
    names, labels = partition(mask)
    assert labels.shape == (50, 40) and (labels == names.index("right lung, upper third")).sum() == 1
