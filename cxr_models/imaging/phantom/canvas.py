"""Drawing in film units, shared by every organ of the phantom.

Points are (x, y) with both axes running from 0 to 1 over the square film, x to the reader's right and y down;
lengths are shares of the film's width. One film width stands for ``FILM_CM`` centimetres.
"""

import cv2
import numpy as np

FILM_CM = 40.0
_SHIFT = 4


def axes(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixel centres of a (size, size) film: x (1, size) and y (size, 1), float32 in [0, 1]."""
    centres = (np.arange(size, dtype=np.float32) + 0.5) / size
    return centres[None, :], centres[:, None]


def rounded(mask: np.ndarray, radius: float) -> np.ndarray:
    """Relative thickness in [0, 1] of a body of outline ``mask`` whose edge is a quarter circle of ``radius``."""
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    depth = np.minimum(inside / (radius * mask.shape[1]), 1.0)
    return np.sqrt(depth * (2.0 - depth))


def blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of ``sigma`` film widths; wide ones are done on a smaller picture, which looks the same."""
    size = image.shape[0]
    step = max(1, int(sigma * size / 4))
    if step == 1:
        return cv2.GaussianBlur(image, (0, 0), max(sigma * size, 0.3))
    small = cv2.resize(image, (size // step, size // step), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma * small.shape[0], borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC)


def smooth_noise(rng: np.random.Generator, size: int, scale: float) -> np.ndarray:
    """(size, size) noise of mean 0 and standard deviation 1, correlated over ``scale`` film widths."""
    cells = int(np.clip(1.0 / scale, 4, size))
    coarse = rng.standard_normal((cells, cells), dtype=np.float32)
    noise = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
    return (noise - noise.mean()) / noise.std()


def polygon(layer: np.ndarray, points: np.ndarray, value: float) -> None:
    """Fill the polygon ``points`` (n, 2) of ``layer`` (S, S) float32 with ``value``."""
    fixed = np.round((points * layer.shape[0] - 0.5) * 2**_SHIFT).astype(np.int32)
    cv2.fillPoly(layer, [fixed], float(value), shift=_SHIFT)


def stroke(layer: np.ndarray, points: np.ndarray, width: float, value: float) -> None:
    """Draw the open line ``points`` (n, 2), ``width`` film widths thick, with ``value``."""
    fixed = np.round((points * layer.shape[0] - 0.5) * 2**_SHIFT).astype(np.int32)
    thickness = max(1, round(width * layer.shape[0]))
    cv2.polylines(layer, [fixed], False, float(value), thickness, shift=_SHIFT)


def tube(layer: np.ndarray, axis: np.ndarray, half: np.ndarray, cortex: float, weight: np.ndarray) -> None:
    """Draw a hollow bone along ``axis`` (n, 2): dense rim of thickness ``cortex``, less dense marrow.

    half: (n,) half-widths; weight: (n,) path length through the bone where it is drawn, relative to one crossing.
    """
    step = np.gradient(axis, axis=0)
    normal = np.stack([-step[:, 1], step[:, 0]], 1) / np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
    for shrink, share in ((0.0, 1.0), (cortex, 0.66)):
        reach = normal * np.maximum(half - shrink, 0.0)[:, None]
        one, other = axis + reach, axis - reach
        for i in range(len(axis) - 1):
            polygon(layer, np.stack([one[i], one[i + 1], other[i + 1], other[i]]), share * weight[i])
