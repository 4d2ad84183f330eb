"""Clean-up of the UNet's answer: what is kept, what is dropped, how wide the margin is, where the outline runs."""

import numpy as np
import pytest

from cxr_models.imaging.lungs import clean_up, lungs_from, outline
from cxr_models.imaging.preprocess import keep_lungs
from cxr_models.types import Lungs

RIGHT, LEFT = (slice(100, 400), slice(60, 200)), (slice(100, 400), slice(300, 430))
RIGHT_PIXELS, LEFT_PIXELS = 300 * 140, 300 * 130


def probability(*boxes: tuple[slice, slice], inside: float = 0.9, outside: float = 0.1) -> np.ndarray:
    p = np.full((512, 512), outside, np.float32)
    for box in boxes:
        p[box] = inside
    return p


def test_eight_dilations_widen_a_box_by_eight_pixels_on_every_side():
    assert clean_up(probability(RIGHT)).sum() == (300 + 16) * (140 + 16)


def test_closing_fills_a_gap_that_dilation_leaves_up_to_four_pixels_wide():
    near = (slice(100, 400), slice(220, 360))  # 20 columns from RIGHT: 16 are filled by dilation, 4 by closing
    far = (slice(100, 400), slice(222, 362))
    assert clean_up(probability(RIGHT, near))[250, 60:360].all()
    assert not clean_up(probability(RIGHT, far))[250, 60:362].all()


def test_single_lungs_are_kept_although_each_is_below_the_papers_50_000_pixels():
    lungs = lungs_from(probability(RIGHT, LEFT), (512, 512))
    assert lungs.mask.sum() == RIGHT_PIXELS + LEFT_PIXELS
    assert lungs.areas == (RIGHT_PIXELS / 512**2, LEFT_PIXELS / 512**2)


@pytest.mark.parametrize(("side", "kept"), [(73, True), (72, False)])
def test_a_region_is_kept_from_two_percent_of_the_film(side, kept):
    box = (slice(10, 10 + side), slice(300, 300 + 72))  # 2 % are 5242.88 pixels: 73 * 72 = 5256, 72 * 72 = 5184
    assert lungs_from(probability(box), (512, 512)).mask.any() == kept
    assert clean_up(probability(box)).any() == kept


def test_an_island_is_dropped_even_when_it_lies_beside_a_lung():
    island = (slice(200, 220), slice(205, 225))
    lungs = lungs_from(probability(RIGHT, LEFT, island), (512, 512))
    assert not lungs.mask[island].any()
    assert len(lungs.areas) == 2


def test_of_three_large_regions_the_two_largest_stay():
    stomach = (slice(420, 500), slice(250, 350))
    lungs = lungs_from(probability(RIGHT, LEFT, stomach), (512, 512))
    assert not lungs.mask[stomach].any()
    assert len(lungs.areas) == 2


def test_lungs_that_touch_are_one_region_and_kept():
    bridge = (slice(200, 210), slice(200, 300))
    lungs = lungs_from(probability(RIGHT, LEFT, bridge), (512, 512))
    assert lungs.areas == ((RIGHT_PIXELS + LEFT_PIXELS + 1000) / 512**2,)


def test_a_hole_in_a_lung_is_filled():
    p = probability(RIGHT)
    p[200:230, 100:130] = 0.2
    assert lungs_from(p, (512, 512)).mask.sum() == RIGHT_PIXELS


def test_no_lungs_is_an_empty_mask_and_no_areas():
    lungs = lungs_from(probability(), (300, 200))
    assert lungs.mask.shape == (300, 200) and not lungs.mask.any()
    assert (lungs.area_fraction, lungs.areas) == (0.0, ())
    assert not lungs.region.any()


def test_the_mask_lies_in_the_film_frame_and_the_area_is_its_own():
    lungs = lungs_from(probability(RIGHT, LEFT), (1024, 2048))
    rows, columns = np.nonzero(lungs.mask)
    assert (rows.min(), rows.max()) == (200, 799)
    assert (columns.min(), columns.max()) == (4 * 60, 4 * 430 - 1)
    assert lungs.area_fraction == lungs.mask.mean()
    assert lungs.area_fraction == pytest.approx(sum(lungs.areas), abs=1e-3)


def test_confidence_is_the_mean_distance_of_certainty():
    assert lungs_from(probability(RIGHT, inside=0.8, outside=0.2), (512, 512)).confidence == pytest.approx(0.8)


def test_the_lung_only_network_sees_the_widened_region():
    lungs = lungs_from(probability(RIGHT), (900, 700))
    seen = keep_lungs(np.ones((512, 512), np.float32), lungs.region)
    assert np.array_equal(seen > 0, clean_up(probability(RIGHT)))


def test_a_known_mask_is_its_own_region():
    mask = np.eye(4, dtype=bool)
    assert Lungs(mask, 0.25, (0.25,), 1.0).region is mask


def test_the_outline_of_a_box_is_its_four_corners_as_row_and_column():
    mask = np.zeros((60, 40), bool)
    mask[10:21, 5:31] = True
    (line,) = outline(mask)
    assert {tuple(point) for point in line.tolist()} == {(10, 5), (20, 5), (20, 30), (10, 30)}


def test_two_lungs_have_two_lines_and_a_hole_has_none():
    mask = probability(RIGHT, LEFT) > 0.5
    mask[200:210, 100:110] = False
    assert len(outline(mask)) == 2
    assert outline(np.zeros((10, 10), bool)) == []
