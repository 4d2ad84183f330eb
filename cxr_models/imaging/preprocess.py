"""The one path from a film to a network's input, in training and in use alike.

Order: squash to the square (area averaging when shrinking) -> stretch grey values -> keep the lungs alone, if the
network reads them alone -> repeat over channels -> normalise. Squashed, not padded: the Radiography Database and
chest_xray are published squashed, so that padding would name the collection of every other film.
"""

from dataclasses import dataclass

import cv2
import numpy as np

STRETCH = (0.5, 99.5)
REGIONS = ("film", "lungs")


@dataclass(frozen=True)
class InputSpec:
    """What a network takes: ``(channels, size, size)``, ``(x - mean) / std`` with x in [0, 1], of film or lungs.

    Raises ValueError naming the field when a value is out of range.
    """

    size: int
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    region: str = "film"

    def __post_init__(self) -> None:
        if self.size < 32 or self.channels not in (1, 3):
            raise ValueError(f"input size {self.size} x {self.channels} channels: size is at least 32, channels 1 or 3")
        if len(self.mean) != self.channels or len(self.std) != self.channels or min(self.std) <= 0:
            raise ValueError(f"mean {self.mean} and std {self.std} need {self.channels} values, std above 0")
        if self.region not in REGIONS:
            raise ValueError(f"region {self.region!r} is not one of {REGIONS}")


def resize(image: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) -> ``shape`` (rows, columns) float32: area averaging when shrinking, bilinear when growing."""
    shrinking = image.shape[0] * image.shape[1] > shape[0] * shape[1]
    method = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    return cv2.resize(np.asarray(image, np.float32), shape[::-1], interpolation=method)


def stretch(image: np.ndarray) -> np.ndarray:
    """Map the 0.5th and 99.5th percentile of (H, W) to 0 and 1 and clip; an image of one grey value becomes 0."""
    low, high = np.percentile(image, STRETCH)
    if high - low < 1e-6:
        return np.zeros_like(image, dtype=np.float32)
    return np.clip((image - low) / (high - low), 0, 1).astype(np.float32)


def grey(pixels: np.ndarray, size: int) -> np.ndarray:
    """Film (H, W) in [0, 1] -> (size, size) float32 in [0, 1], squashed and stretched."""
    return stretch(resize(pixels, (size, size)))


def keep_lungs(square: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(S, S) grey with everything outside the (H, W) bool lung mask set to 0 (HRNet paper, section 4)."""
    return square * (resize(mask, square.shape) >= 0.5)


def normalise(square: np.ndarray, spec: InputSpec) -> np.ndarray:
    """(S, S) in [0, 1] -> (C, S, S) float32, ``(x - mean) / std`` per channel."""
    mean, std = (np.asarray(v, np.float32)[:, None, None] for v in (spec.mean, spec.std))
    return (square[None] - mean) / std


def prepare(pixels: np.ndarray, spec: InputSpec, mask: np.ndarray | None = None) -> np.ndarray:
    """Film (H, W) in [0, 1] -> network input (C, S, S) float32.

    mask: (H, W) bool, film frame; needed when ``spec.region`` is "lungs". Raises ValueError without it.
    """
    square = grey(pixels, spec.size)
    if spec.region == "lungs":
        if mask is None:
            raise ValueError("this network reads the lungs alone: find the lungs first and pass their mask")
        square = keep_lungs(square, mask)
    return normalise(square, spec)


def to_film_frame(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(s, s) map of a squashed film -> (H, W) float32 by bilinear upsampling (CNN-X paper, eq. 6)."""
    return cv2.resize(np.asarray(values, np.float32), shape[::-1], interpolation=cv2.INTER_LINEAR)
