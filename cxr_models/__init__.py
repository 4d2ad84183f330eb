"""Chest film models, for research and teaching; not a diagnostic device.

The names listed here are the public surface: a film is read from bytes, ``read`` gives lungs, verdict and predictions,
``residuals`` and ``explain.explain`` look closer. They are imported at first use, for the networks take seconds.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .errors import CxrError
from .types import Film, Lungs, Map, Prediction, Reading, Residuals, Verdict

if TYPE_CHECKING:
    from .imaging.read import read_film
    from .inference import check, classifiers, find_lungs, predict, read, residuals

_WHERE = {
    "read_film": ".imaging.read",
    "classifiers": ".inference",
    "find_lungs": ".inference",
    "check": ".inference",
    "predict": ".inference",
    "read": ".inference",
    "residuals": ".inference",
}
__all__ = [
    "CxrError",
    "Film",
    "Lungs",
    "Map",
    "Prediction",
    "Reading",
    "Residuals",
    "Verdict",
    "check",
    "classifiers",
    "find_lungs",
    "predict",
    "read",
    "read_film",
    "residuals",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name], __name__), name)


def __dir__() -> list[str]:
    return __all__
