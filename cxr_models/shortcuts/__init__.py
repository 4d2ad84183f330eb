"""The shortcut lab: films changed in one known way, to show what a model's answer follows.

``EDITS`` holds every change, in the order in which they are shown; ``edit.edited`` makes one, ``bench`` asks all models
about all of them, ``marks`` puts letters and lines on a film, ``placement`` and ``dose`` vary where and how strongly.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from ..types import Lungs
from . import greys, lettering, parts
from .edit import Edit
from .geometry import Crop, Mirror


def _anatomy(title: str, change: Callable[..., np.ndarray], why: str, **how: Any) -> Edit:
    def apply(pixels: np.ndarray, lungs: Lungs | None) -> np.ndarray:
        return change(pixels, lungs, **how)

    return Edit(title, why, apply, needs_lungs=True)


def _grey(title: str, change: Callable[..., np.ndarray], why: str, **how: Any) -> Edit:
    def apply(pixels: np.ndarray, lungs: Lungs | None) -> np.ndarray:
        return change(pixels, **how)

    return Edit(title, why, apply)


_GONE = "What is left when no lung is seen: an answer that stays does not come from the lungs."
_SAME = "The same chest to any reader: an answer that changes follows the display or the file."
_LESS = (
    "The same chest with less detail: an answer that changes follows the display, the file, or the detail that is lost."
)

EDITS: dict[str, Edit] = {
    "lungs-only": _anatomy("Lungs only", parts.lungs_only, "What the lungs alone say."),
    "lungs-erased-zero": _anatomy("Lungs erased: black", parts.lungs_erased, _GONE, fill="zero"),
    "lungs-erased-mean": _anatomy("Lungs erased: mean grey", parts.lungs_erased, _GONE, fill="mean"),
    "lungs-erased-blur": _anatomy("Lungs erased: blurred", parts.lungs_erased, _GONE, fill="blur"),
    "lungs-erased-inpaint": _anatomy("Lungs erased: painted over", parts.lungs_erased, _GONE, fill="inpaint"),
    "border-only": _anatomy(
        "Border only", parts.border_only, "What stands around it: letters, shoulders, collimation."
    ),
    "letters-erased": _grey(
        "Letters erased", lettering.erased, "Letters and markers that were found are painted over."
    ),
    "thumbnail": _grey("8 × 8 tiles", greys.thumbnail, "Only brightness and framing are left: no finding is visible."),
    "cropped": Edit("Cropped by 10 %", "The border is cut off on each side.", motion=Crop(0.1)),
    "mirrored": Edit("Mirrored", "The heart on the other side; letters read backwards.", motion=Mirror()),
    "inverted": _grey("Inverted", greys.inverted, _SAME),
    "window-narrow": _grey("Narrow window", greys.windowed, _LESS, low=10, high=90),
    "window-bright": _grey("Bright window", greys.windowed, _LESS, low=0, high=70),
    "equalised": _grey("Histogram equalised", greys.equalised, _SAME),
    "bits-5": _grey("32 greys (5 bits)", greys.with_bits, _SAME, bits=5),
    "bits-3": _grey("8 greys (3 bits)", greys.with_bits, _LESS, bits=3),
    "jpeg-50": _grey("JPEG quality 50", greys.as_jpeg, _SAME, quality=50),
    "jpeg-10": _grey("JPEG quality 10", greys.as_jpeg, _LESS, quality=10),
    "nearest": _grey("Shrunk without averaging", greys.resized, _LESS, side=256, kernel=cv2.INTER_NEAREST),
    "lanczos": _grey("Shrunk by Lanczos", greys.resized, _LESS, side=256, kernel=cv2.INTER_LANCZOS4),
}
"""Key -> edit; twenty of them."""
ERASED = tuple(name for name in EDITS if name.startswith("lungs-erased-"))
DISPLAY = tuple(name for name, edit in EDITS.items() if edit.why in (_SAME, _LESS))
"""Edits of the display or the file, after which a reader sees the same chest."""
