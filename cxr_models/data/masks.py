"""Lung masks as the collections store them: one picture of both lungs, or one a lung."""

from functools import reduce
from pathlib import Path

import cv2
import numpy as np

from ..errors import TrainingError

JOIN = "|"


def known_mask(path: Path) -> np.ndarray:
    """(H, W) bool: one mask file. Raises TrainingError for a file that is missing or no picture."""
    if not path.is_file():
        raise TrainingError(f"The lung mask {path.name} is missing. Download the collection again.")
    mask = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise TrainingError(f"The lung mask {path.name} is no picture. Download the collection again.")
    return np.asarray(mask) > 127


def lung_mask(root: Path, cell: str) -> np.ndarray:
    """(H, W) bool: both lungs. ``cell`` is the index's ``mask``: one path below ``root``, or several joined by "|".

    Raises TrainingError for a file that is missing, is no picture, or differs in size from the other lung's.
    """
    masks = [known_mask(root / part) for part in cell.split(JOIN)]
    if len({mask.shape for mask in masks}) > 1:
        raise TrainingError(f"The left and right lung masks {cell} differ in size. Download the collection again.")
    return reduce(np.logical_or, masks)
