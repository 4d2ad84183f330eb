"""Edits of grey values and of the file: what a display, a converter or an archive does to a film."""

import cv2
import numpy as np


def inverted(pixels: np.ndarray) -> np.ndarray:
    """1 - x: white for black."""
    return 1 - pixels


def windowed(pixels: np.ndarray, low: float, high: float) -> np.ndarray:
    """Percentiles ``low`` and ``high`` of the film to 0 and 1, clipped; a film of one grey stays as it is."""
    bottom, top = np.percentile(pixels, (low, high))
    return np.clip((pixels - bottom) / (top - bottom), 0, 1) if top > bottom else pixels


def equalised(pixels: np.ndarray) -> np.ndarray:
    """Each grey becomes the share of pixels that are no brighter, in 4096 levels, so that all greys are as common."""
    level = np.rint(pixels * 4095).astype(np.intp)
    share = np.cumsum(np.bincount(level.ravel(), minlength=4096)) / level.size
    return share[level].astype(np.float32)


def with_bits(pixels: np.ndarray, bits: int) -> np.ndarray:
    """Rounded to 2 ** bits equally spaced greys from 0 to 1."""
    top = 2**bits - 1
    return np.rint(pixels * top) / top


def as_jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    """Written as an 8-bit JPEG of ``quality``, 1 to 100, and read again."""
    stored = cv2.imencode(".jpg", np.rint(pixels * 255).astype(np.uint8), (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
    return np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE), np.float32) / 255


def resized(pixels: np.ndarray, side: int, kernel: int) -> np.ndarray:
    """Shrunk to ``side`` pixels of its longer side by an OpenCV interpolation, and back by the same; never enlarged."""
    scale = side / max(pixels.shape)
    if scale >= 1:
        return pixels
    small = tuple(max(1, round(length * scale)) for length in pixels.shape[::-1])
    return cv2.resize(cv2.resize(pixels, small, interpolation=kernel), pixels.shape[::-1], interpolation=kernel)


def thumbnail(pixels: np.ndarray, side: int = 8) -> np.ndarray:
    """``side`` x ``side`` tiles, each the mean of its part of the film: brightness and framing, and nothing else."""
    tiles = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(tiles, pixels.shape[::-1], interpolation=cv2.INTER_NEAREST)
