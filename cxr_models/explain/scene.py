"""A film and its blurred self as a network reads them: what a method puts in the place of what it takes away.

Blurring takes the detail away and leaves brightness and anatomy, so that the film stays a film; black or grey patches
would be findings of their own.
"""

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from ..imaging.preprocess import InputSpec, grey, keep_lungs, normalise
from ..registry import LoadedModel
from ..types import Lungs
from .signature import Question

REFERENCE, AT = 10, 224  # radius of the blur in pixels, for a network that reads 224 x 224; scaled for others


class Scene:
    """One film. shown, reference: (C, S, S) float32, normalised for the network; inside: (S, S), 0 where the network
    is shown nothing. target: index of the class."""

    def __init__(self, loaded: LoadedModel, question: Question):
        spec = loaded.spec.input
        square, self.inside = seen(question, spec)
        self.shown = torch.from_numpy(normalise(square, spec))
        self.reference = torch.from_numpy(normalise(blurred(square, self.inside, REFERENCE * spec.size / AT), spec))
        self.target = loaded.spec.classes.index(question.target)

    def mixed(self, keep: Tensor) -> Tensor:
        """(..., S, S), 1 = the film, 0 = blurred -> (..., C, S, S)."""
        keep = keep.unsqueeze(-3)
        return keep * self.shown + (1 - keep) * self.reference


def seen(question: Question, spec: InputSpec) -> tuple[np.ndarray, np.ndarray]:
    """Grey values as the network reads them and where it reads any: (S, S) float32 in [0, 1] and (S, S) of 0 and 1."""
    square = grey(question.film.pixels, spec.size)
    inside, region = np.ones_like(square), shown_alone(question.lungs, spec)
    if region is not None:
        inside = keep_lungs(inside, region)
    return square * inside, inside


def shown_alone(lungs: Lungs | None, spec: InputSpec) -> np.ndarray | None:
    """(h, w) bool, over the whole film: the part that is all a network of the lungs alone is shown; else None."""
    return lungs.region if lungs is not None and spec.region == "lungs" else None


def blurred(square: np.ndarray, inside: np.ndarray, sigma: float) -> np.ndarray:
    """(S, S) grey and (S, S) 0 or 1 -> the blurred film, 0 outside ``inside``; nothing from outside leaks in."""
    weight = gaussian_filter(inside, sigma, mode="nearest")
    return inside * gaussian_filter(square * inside, sigma, mode="nearest") / np.maximum(weight, 1e-6)


def log_odds(logits: Tensor, index: int, temperature: float = 1.0) -> Tensor:
    """Logits (N, K) -> (N,): log of p / (1 - p) of class ``index``, calibrated; 0.69 more doubles the odds."""
    scaled = logits / temperature
    others = torch.cat([scaled[:, :index], scaled[:, index + 1 :]], dim=1)
    return scaled[:, index] - others.logsumexp(1)
