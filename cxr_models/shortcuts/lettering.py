"""Letters, markers and other print on a film: found by their looks, wherever they stand and however grey.

Print differs from anatomy in three ways, looked for in every connected patch that is brighter or darker than what
surrounds it: its edge is as sharp as the pixels allow, its strokes are thin, and its ink is of one grey.
"""

import cv2
import numpy as np

from .fills import filled

WORKING = 1024  # longer side, in pixels, at which print is looked for
STROKE = 0.014  # widest stroke, of the longer side
TALLEST, LEAST = 0.12, 5  # of one patch: its longest side, at most of the film's longer side, at least in pixels
SPECK = 12  # pixels: less is noise
LEVELS = (0.08, 0.12, 0.18, 0.27)  # differences at which ink is cut from its surroundings, of all the film's greys
SHARP = (
    0.45  # share of the difference crossed within a pixel at the edge, in the median: print 0.5 to 0.75, ribs to 0.36
)
STANDS_OUT, AROUND = 5.0, 0.15  # times what stands out on the average around it, within this share of the longer side
EVEN = 0.35  # spread of the ink's greys, of that difference
RIM = 2  # pixels of the working size by which print is widened: its edge is half ink


def erased(pixels: np.ndarray) -> np.ndarray:
    """(H, W) in [0, 1] with the print that was found painted over; a film without any stays as it is."""
    print_ = found(pixels)
    return filled(pixels, print_, "inpaint") if print_.any() else pixels


def found(pixels: np.ndarray) -> np.ndarray:
    """(H, W) in [0, 1] -> (H, W) bool: print with a rim; all False where there is none."""
    scale = min(1.0, WORKING / max(pixels.shape))
    size = tuple(max(1, round(side * scale)) for side in pixels.shape[::-1])
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    print_ = _brighter(small) | _brighter(1 - small)
    wide = cv2.dilate(print_.astype(np.uint8), np.ones((2 * RIM + 1,) * 2, np.uint8))
    return cv2.resize(wide, pixels.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0


def _brighter(film: np.ndarray) -> np.ndarray:
    """(h, w) bool: print that is brighter than its surroundings, cut out at any of ``LEVELS``."""
    stroke = max(3, round(STROKE * max(film.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * stroke + 1,) * 2)
    above, slope = film - cv2.morphologyEx(film, cv2.MORPH_OPEN, kernel), _slope(film)
    usual = cv2.blur(above, (round(AROUND * max(film.shape)),) * 2)
    ink = np.zeros(film.shape, bool)
    for level in LEVELS:
        _, labels, stats, _ = cv2.connectedComponentsWithStats((above > level).astype(np.uint8), connectivity=8)
        longest = stats[:, 2:4].max(1)
        sized = (longest >= LEAST) & (longest <= TALLEST * max(film.shape)) & (stats[:, 4] >= SPECK)
        for label in 1 + np.flatnonzero(sized[1:]):
            left, top, width, height, _ = stats[label]
            box = slice(top, top + height), slice(left, left + width)
            patch = labels[box] == label
            if _is_print(patch, above[box], usual[box], slope[box], stroke):
                ink[box] |= patch
    return ink


def _is_print(patch: np.ndarray, above: np.ndarray, usual: np.ndarray, slope: np.ndarray, stroke: int) -> bool:
    """Outstanding, sharp, thin and of one grey? patch: (h, w) bool; the others (h, w)."""
    depth = cv2.distanceTransform(np.pad(patch, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    contrast = float(np.percentile(above[patch], 80))
    if contrast < STANDS_OUT * usual[patch].mean():
        return False
    core = patch & (above > 0.6 * contrast)
    sharp = np.median(slope[patch & (depth <= 1.5)]) >= SHARP * contrast
    return bool(sharp and 2 * depth.max() <= stroke + 1 and above[core].std() <= EVEN * contrast)


def _slope(film: np.ndarray) -> np.ndarray:
    """(h, w): the largest step to one of the four neighbours."""
    padded = np.pad(film, 1, mode="edge")
    steps = [np.abs(film - part) for part in (padded[2:, 1:-1], padded[:-2, 1:-1], padded[1:-1, 2:], padded[1:-1, :-2])]
    return np.max(steps, axis=0)
