"""Lung masks as the collections store them."""

from pathlib import Path

import cv2
import numpy as np

from ..errors import TrainingError


def known_mask(path: Path) -> np.ndarray:
    """(H, W) bool: a collection's own lung mask. Raises TrainingError for a file that is no picture."""
    mask = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise TrainingError(f"The lung mask {path.name} is no picture. Download the collection again.")
    return np.asarray(mask) > 127
