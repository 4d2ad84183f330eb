"""Grey values and maps as bytes for the browser: exact, small, and never through an image codec or a colour profile."""

import hashlib
import json
import zlib

import cv2
import numpy as np

LONGEST_FILM = 2048
LONGEST_MAP = 1024


def shrink(values: np.ndarray, longest: int) -> np.ndarray:
    """(H, W) -> (h, w), the same proportions, neither side over ``longest``; areas are averaged, never enlarged."""
    height, width = values.shape
    scale = longest / max(height, width)
    if scale >= 1:
        return values
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA)


def quantise(values: np.ndarray, low: float, high: float, levels: int) -> np.ndarray:
    """(H, W) -> (H, W) uint8 or uint16: ``low`` becomes 0, ``high`` becomes ``levels``, what lies beyond is clipped."""
    share = np.clip((np.asarray(values, np.float32) - low) / max(high - low, 1e-12), 0, 1)
    return np.rint(share * levels).astype(np.uint8 if levels <= 255 else np.uint16)


def pack(grey: np.ndarray, levels: int, identity: str | None = None) -> tuple[str, bytes]:
    """(H, W) uint8 or uint16 -> (identity, bytes). The bytes are one line of JSON and a zlib stream.

    The stream holds each row's differences to the left neighbour (as PNG's "sub" filter), high bytes before low
    ones. Without ``identity`` the hash of the values is taken.
    """
    height, width = grey.shape
    identity = identity or hashlib.sha256(f"{height} {width} {levels}".encode() + grey.tobytes()).hexdigest()
    steps = np.diff(grey, axis=1, prepend=grey.dtype.type(0))
    planes = [steps] if grey.dtype == np.uint8 else [steps >> 8, steps & 255]
    header = json.dumps({"id": identity, "width": width, "height": height, "levels": levels})
    body = zlib.compress(b"".join(plane.astype(np.uint8).tobytes() for plane in planes), 6)
    return identity, header.encode() + b"\n" + body
