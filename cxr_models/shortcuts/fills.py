"""What is put in the place of something that is taken off a film.

No fill is neutral: black keeps the silhouette of what was there, a blurred film keeps its brightness. So what a model
says without a part is given for every fill, as a range.
"""

from collections.abc import Callable

import cv2
import numpy as np

BLUR = 10 / 224  # of the side, as for the maps that blur places away
COARSE = 128, 256  # pixels of the longer side at which holes are painted over, and films blurred: no detail is lost


def filled(pixels: np.ndarray, hole: np.ndarray, fill: str) -> np.ndarray:
    """(H, W) in [0, 1] with the pixels of ``hole`` (H, W) bool replaced; all others as they were.

    zero: black. mean: the mean of what stays. blur: the film, blurred. inpaint: painted over from the hole's edge
    (Telea 2004). A hole that is the whole film becomes black by any. Raises KeyError for another fill.
    """
    if hole.all():
        return np.zeros_like(pixels)
    return np.where(hole, FILLS[fill](pixels, hole), pixels).astype(np.float32)


def _zero(pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
    return np.zeros_like(pixels)


def _mean(pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
    return np.full_like(pixels, pixels[~hole].mean())


def _blur(pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
    small = _shrunk(pixels, COARSE[1])
    rows, columns = (BLUR * side for side in small.shape)
    return _grown(cv2.GaussianBlur(small, (0, 0), columns, sigmaY=rows, borderType=cv2.BORDER_REPLICATE), pixels.shape)


def _inpaint(pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """On a small film, where any pixel with a part in the hole counts as hole."""
    small, gap = _shrunk(pixels, COARSE[0]), _shrunk(hole.astype(np.float32), COARSE[0]) > 0
    if gap.all():
        return _mean(pixels, hole)
    painted = cv2.inpaint(np.rint(small * 65535).astype(np.uint16), gap.astype(np.uint8), 3, cv2.INPAINT_TELEA)
    return _grown(painted.astype(np.float32) / 65535, pixels.shape)


def _shrunk(values: np.ndarray, longest: int) -> np.ndarray:
    scale = min(1.0, longest / max(values.shape))
    size = tuple(max(1, round(side * scale)) for side in values.shape[::-1])
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA)


def _grown(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return cv2.resize(values, shape[::-1], interpolation=cv2.INTER_LINEAR)


FILLS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "zero": _zero,
    "mean": _mean,
    "blur": _blur,
    "inpaint": _inpaint,
}
