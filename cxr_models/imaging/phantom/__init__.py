"""A thorax made by code: a frontal chest film whose lungs, heart, opacity and marker are known exactly.

Built as a radiograph is: organs become path lengths, path lengths add up to an attenuation (Beer-Lambert), and the
attenuation is exposed to a film with scatter and noise. For samples and tests; it is nobody's film and no evidence
of how well a model reads real ones.
"""

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np

from cxr_models.imaging.phantom import airways, anatomy, bones, exposure, findings
from cxr_models.imaging.phantom.canvas import smooth_noise
from cxr_models.types import Film

_AERATED = 0.74
_ANATOMY, _VESSELS, _GAS, _TEXTURE, _FINDING, _EXPOSURE = range(6)


@dataclass(frozen=True, eq=False)
class Phantom:
    """One phantom film and what is known about it, all in the film frame (H, W).

    lungs: bool, both aerated fields (right_lung and left_lung are the patient's sides), without the heart's and
    the mediastinum's shadow. heart, opacity: bool; opacity lies within lungs and is empty for "normal".
    marker_box: (row0, col0, row1, col1), ends exclusive, or None. finding: "normal", "covid19" or "pneumonia".
    """

    film: Film
    lungs: np.ndarray
    right_lung: np.ndarray
    left_lung: np.ndarray
    heart: np.ndarray
    opacity: np.ndarray
    marker_box: tuple[int, int, int, int] | None
    finding: str


def thorax(seed: int = 0, finding: str | None = None, marker: str | None = "L", size: int = 1024) -> Phantom:
    """A frontal chest film of (size, size) pixels, the same for the same arguments; ``finding`` None is "normal".

    The same seed with another finding is the same person. Markers starting with "R" stand on the patient's right.
    Raises ValueError for an unknown finding or a size below 128.
    """
    finding = finding or "normal"
    if finding not in findings.FINDINGS:
        raise ValueError(f"Unknown finding {finding!r}: choose one of {', '.join(findings.FINDINGS)}.")
    if size < 128:
        raise ValueError(f"A phantom needs at least 128 pixels a side, not {size}.")
    who = anatomy.draw(_stream(seed, _ANATOMY))
    parts = anatomy.organs(who, size)
    filled = findings.filled(finding, who, parts, _stream(seed, _FINDING))
    moved = _Positioning(who, size)
    pixels = exposure.expose(moved.image(_attenuation(who, parts, filled, seed)), _stream(seed, _EXPOSURE))
    box = exposure.annotate(pixels, marker, marker.startswith("R")) if marker else None
    right, left = moved.mask(parts.right), moved.mask(parts.left)
    film = _film(pixels, f"Phantom {seed} ({finding})")
    return Phantom(film, right | left, right, left, moved.mask(parts.heart), moved.mask(filled > 0), box, finding)


def _stream(seed: int, part: int) -> np.random.Generator:
    """Each part draws from its own stream, so that one part never shifts another's numbers."""
    return np.random.default_rng([seed, part])


def _attenuation(who: anatomy.Anatomy, parts: anatomy.Organs, filled: np.ndarray, seed: int) -> np.ndarray:
    """(S, S) float32: mu times path, summed over everything the beam crosses."""
    size = filled.shape[0]
    inside = np.minimum(parts.air / 3.0, 1.0)
    texture = _stream(seed, _TEXTURE)
    grain = 0.012 * smooth_noise(texture, size, 0.003) + 0.012 * smooth_noise(texture, size, 0.008)
    soft = parts.body - parts.air * _AERATED * (1.0 - filled) * (1.0 + grain)
    soft += airways.vessels(who, _stream(seed, _VESSELS), size) * inside * _AERATED * (1.0 - filled)
    soft -= airways.trachea(who, size) + airways.gas(who, _stream(seed, _GAS), size)
    bone = bones.skeleton(who, size) * np.minimum(parts.body / 4.0, 1.0)
    return np.maximum(exposure.SOFT_PER_CM * soft, 0.0) + exposure.RIB_CROSSING * bone


class _Positioning:
    """The patient stands a little turned and off centre: the same small move for the image and every mask."""

    def __init__(self, who: anatomy.Anatomy, size: int) -> None:
        self.size = size
        self.matrix = cv2.getRotationMatrix2D((size / 2, size / 2), who.tilt, 1.06)
        self.matrix[:, 2] += np.array(who.shift) * size

    def image(self, picture: np.ndarray) -> np.ndarray:
        return cv2.warpAffine(
            picture, self.matrix, (self.size, self.size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )

    def mask(self, mask: np.ndarray) -> np.ndarray:
        moved = cv2.warpAffine(mask.astype(np.uint8), self.matrix, (self.size, self.size), flags=cv2.INTER_NEAREST)
        return moved > 0


def _film(pixels: np.ndarray, name: str) -> Film:
    """Rounded to 12 bits, as a detector would store it; the hash is of these grey values, row by row."""
    stored = np.round(np.clip(pixels, 0.0, 1.0) * 4095).astype(np.uint16)
    digest = hashlib.sha256(stored.astype("<u2").tobytes()).hexdigest()
    return Film(stored.astype(np.float32) / 4095, digest, name, "phantom", bits=12)
