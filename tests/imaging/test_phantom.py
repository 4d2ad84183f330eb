"""The phantom thorax: its masks against its own grey values, and the same film for the same arguments."""

import functools
import subprocess
import sys

import cv2
import numpy as np
import pytest

from cxr_models.imaging import phantom as phantoms
from cxr_models.imaging.phantom.canvas import rounded

SIZE = 256
SEEDS = range(4)
thorax = functools.cache(phantoms.thorax)


@pytest.fixture(scope="module")
def normals():
    return [thorax(seed, size=SIZE) for seed in SEEDS]


def test_film_keeps_the_conventions(normals):
    film = normals[0].film
    assert film.pixels.shape == (SIZE, SIZE) and film.pixels.dtype == np.float32
    assert film.pixels.min() >= 0.0 and film.pixels.max() <= 1.0
    assert film.kind == "phantom" and film.bits == 12 and len(film.sha256) == 64
    np.testing.assert_array_equal(film.pixels * 4095, np.round(film.pixels * 4095))


def test_one_region_a_lung_on_its_own_side(normals):
    for phantom in normals:
        assert not (phantom.right_lung & phantom.left_lung).any()
        np.testing.assert_array_equal(phantom.lungs, phantom.right_lung | phantom.left_lung)
        right, left = np.nonzero(phantom.right_lung)[1].mean(), np.nonzero(phantom.left_lung)[1].mean()
        assert right < 0.4 * SIZE and left > 0.6 * SIZE
        stats = cv2.connectedComponentsWithStats(phantom.lungs.astype(np.uint8))[2]
        assert (stats[1:, cv2.CC_STAT_AREA] > 50).sum() == 2


def test_lung_area_and_heart_are_an_adults(normals):
    for phantom in normals:
        assert 0.2 < phantom.lungs.mean() < 0.45
        assert phantom.right_lung.sum() > phantom.left_lung.sum()
        assert not (phantom.heart & phantom.lungs).any()
        columns = np.flatnonzero(phantom.heart.any(0))
        chest = np.flatnonzero(phantom.lungs.any(0))
        assert 0.35 < np.ptp(columns) / np.ptp(chest) < 0.55
        assert columns.mean() > SIZE / 2


def test_masks_stay_clear_of_the_edge(normals):
    for phantom in normals:
        for mask in (phantom.lungs, phantom.heart):
            inner = mask.copy()
            inner[4:-4, 4:-4] = False
            assert not inner.any()


def test_densities_are_in_the_order_of_a_radiograph(normals):
    for phantom in normals:
        grey = phantom.film.pixels
        air, lung, heart = np.percentile(grey, 2), np.median(grey[phantom.lungs]), np.median(grey[phantom.heart])
        assert air + 0.2 < lung < heart - 0.1


@pytest.mark.parametrize("finding", ["covid19", "pneumonia"])
@pytest.mark.parametrize("seed", SEEDS)
def test_opacity_lies_in_the_lungs_and_is_denser(normals, finding, seed):
    ill, well = thorax(seed, finding, size=SIZE), normals[seed]
    assert ill.finding == finding and 0.01 < ill.opacity.mean() < 0.2
    assert not (ill.opacity & ~ill.lungs).any()
    np.testing.assert_array_equal(ill.lungs, well.lungs)
    gain = ill.film.pixels - well.film.pixels
    assert gain[ill.opacity].mean() > 0.05
    near = cv2.dilate(ill.opacity.astype(np.uint8), np.ones((31, 31), np.uint8)) > 0
    assert abs(gain[ill.lungs & ~near].mean()) < 0.02


@pytest.mark.parametrize("seed", SEEDS)
def test_covid19_is_on_both_sides_and_pneumonia_on_one(seed):
    covid, lobar = thorax(seed, "covid19", size=SIZE), thorax(seed, "pneumonia", size=SIZE)
    assert (covid.opacity & covid.right_lung).any() and (covid.opacity & covid.left_lung).any()
    assert (lobar.opacity & lobar.right_lung).any() != (lobar.opacity & lobar.left_lung).any()
    assert np.nonzero(covid.opacity)[0].mean() > np.nonzero(covid.lungs)[0].mean()


def test_none_is_normal_and_has_no_opacity(normals):
    assert normals[0].finding == "normal" and not normals[0].opacity.any()
    assert thorax(0, "normal", size=SIZE).film.sha256 == normals[0].film.sha256


@pytest.mark.parametrize("marker", ["L", "R", "PORTABLE", "AP ERECT"])
@pytest.mark.parametrize("size", [256, 640])
def test_marker_box_holds_the_marker_and_nothing_else_changes(marker, size):
    marked, bare = thorax(3, marker=marker, size=size), thorax(3, marker=None, size=size)
    assert bare.marker_box is None
    top, left, bottom, right = marked.marker_box
    changed = marked.film.pixels != bare.film.pixels
    assert marked.film.pixels[top:bottom, left:right].max() > 0.97
    assert changed[top:bottom, left:right].any()
    changed[top:bottom, left:right] = False
    assert not changed.any()
    assert (right < size / 2) == marker.startswith("R")
    assert not marked.lungs[top:bottom, left:right].any()


def test_seeds_are_different_people(normals):
    assert len({phantom.film.sha256 for phantom in normals}) == len(normals)
    assert np.std([phantom.lungs.mean() for phantom in normals]) > 0.005


def test_the_same_film_in_another_process():
    command = "from cxr_models.imaging.phantom import thorax; print(thorax(5, 'covid19', size=256).film.sha256)"
    other = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == thorax(5, "covid19", size=256).film.sha256


def test_lungs_scale_with_the_film():
    small, large = thorax(1, size=256), thorax(1, size=512)
    half = cv2.resize(large.lungs.astype(np.uint8), (256, 256), interpolation=cv2.INTER_NEAREST) > 0
    overlap = 2 * (small.lungs & half).sum() / (small.lungs.sum() + half.sum())
    assert overlap > 0.97


def test_rounded_is_a_quarter_circle():
    mask = np.zeros((100, 100), bool)
    mask[:, 10:] = True
    thickness = rounded(mask, 0.20)
    assert thickness[50, 9] == 0.0 and thickness[50, 60] == 1.0
    assert thickness[50, 19] == pytest.approx(np.sqrt(1 - 0.5**2), abs=0.01)


@pytest.mark.parametrize("arguments, word", [({"finding": "fracture"}, "covid19"), ({"size": 64}, "128")])
def test_unusable_arguments_are_named(arguments, word):
    with pytest.raises(ValueError, match=word):
        thorax(**arguments)
