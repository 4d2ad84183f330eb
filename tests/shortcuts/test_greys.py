"""Grey values by hand."""

import cv2
import numpy as np
import pytest

from cxr_models.shortcuts import greys


def test_inverted():
    assert greys.inverted(np.array([0, 0.25, 1])).tolist() == [1, 0.75, 0]


def test_a_window_from_the_10th_to_the_90th_percentile():
    """Of 0, 0.01, ... 1 these are 0.1 and 0.9, so that 0.5 stays and 0.3 becomes a quarter."""
    found = greys.windowed(np.linspace(0, 1, 101), 10, 90)
    assert found[[0, 10, 30, 50, 90, 100]] == pytest.approx([0, 0, 0.25, 0.5, 1, 1])


def test_a_film_of_one_grey_has_no_window():
    flat = np.full((4, 4), 0.3)
    assert np.array_equal(greys.windowed(flat, 10, 90), flat)


def test_equalised_greys_are_shares_of_pixels():
    """Half of the pixels are 0.1, a quarter each 0.2 and 0.9."""
    found = greys.equalised(np.array([[0.1, 0.1], [0.2, 0.9]], np.float32))
    assert found.tolist() == [[0.5, 0.5], [0.75, 1]]


def test_two_bits_are_four_greys():
    assert greys.with_bits(np.array([0, 0.1, 0.2, 0.49, 0.51, 0.9]), 2) == pytest.approx([0, 0, 1 / 3, 1 / 3, 2 / 3, 1])


def test_a_jpeg_is_near_the_film_and_nearer_with_quality():
    film = cv2.GaussianBlur(np.random.default_rng(0).random((64, 64), np.float32), (0, 0), 3)
    worse, better = (np.abs(greys.as_jpeg(film, quality) - film).mean() for quality in (10, 90))
    assert 0 < better < worse < 0.05


def test_shrinking_without_averaging_keeps_single_pixels_and_with_averaging_does_not():
    stripes = np.tile(np.array([0, 1], np.float32), (64, 32))
    assert set(np.unique(greys.resized(stripes, 16, cv2.INTER_NEAREST))) <= {0, 1}
    assert np.allclose(greys.resized(stripes, 16, cv2.INTER_AREA), 0.5)
    assert greys.resized(stripes, 64, cv2.INTER_NEAREST) is stripes


def test_tiles_are_means():
    """A film of 4 x 4 in 2 x 2 tiles."""
    tiles = greys.thumbnail(np.arange(16, dtype=np.float32).reshape(4, 4), 2)
    assert tiles[0].tolist() == [2.5, 2.5, 4.5, 4.5] and tiles[3].tolist() == [10.5, 10.5, 12.5, 12.5]


def test_few_pixels_are_left_of_a_film_of_eight_by_eight_tiles():
    film = np.random.default_rng(0).random((200, 120), np.float32)
    assert len(np.unique(greys.thumbnail(film))) == 64
