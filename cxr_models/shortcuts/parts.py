"""Parts of the film that are taken off or left alone: the lungs, all but the lungs, the border."""

import cv2
import numpy as np

from ..types import Lungs
from .fills import filled

MARGIN = 0.02  # of the film's longer side: a mask cut to the lung's edge leaves its silhouette, so it is widened


def widened(mask: np.ndarray, margin: float = MARGIN) -> np.ndarray:
    """(H, W) bool and all pixels within ``margin`` of the longer side of it."""
    if not mask.any():
        return mask
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) <= margin * max(mask.shape)


def lungs_only(pixels: np.ndarray, lungs: Lungs) -> np.ndarray:
    """Black outside the lungs, widened by ``MARGIN``."""
    return filled(pixels, ~widened(lungs.mask), "zero")


def lungs_erased(pixels: np.ndarray, lungs: Lungs, fill: str) -> np.ndarray:
    """The lungs, widened by ``MARGIN``, replaced by ``fill``."""
    return filled(pixels, widened(lungs.mask), fill)


def border_only(pixels: np.ndarray, lungs: Lungs) -> np.ndarray:
    """Black in the upright rectangle that holds the widened lungs: what is left is no part of any lung or heart."""
    wide = widened(lungs.mask)
    rows, columns = np.flatnonzero(wide.any(1)), np.flatnonzero(wide.any(0))
    hole = np.zeros_like(wide)
    hole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    return filled(pixels, hole, "zero")
