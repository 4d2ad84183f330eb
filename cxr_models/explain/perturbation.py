"""Meaningful perturbation: the least blurring of the film that takes the answer away (Fong & Vedaldi 2017, eq. 6).

A mask m of 28 x 28 (1 = keep, 0 = blurred) is upsampled, smoothed and laid over the film as the network is about to
read it; m minimises ``p(target) + 1e-4 sum|1 - m| + 1e-2 sum|grad m|^3``. The settings are those of the authors' own
code, with two departures: m starts at 0.5 everywhere, for at m = 1 a confident softmax has no gradient and m never
moves; and the film is not moved at random beneath the mask, which changes the mask less than another seed does.
The mask acts on the film, so the map is in image space for every model: through both autoencoders of CoroNet, and for
a network that reads the lungs alone on the lung-only film, whose outline stays as it is.
"""

from collections.abc import Sequence

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from ..engine import has_bf16
from ..imaging.preprocess import to_film_frame
from ..registry import LoadedModel
from ..types import Map
from .scene import AT, Scene, log_odds
from .search import SIDE, Walk, search
from .signature import Cancel, Progress, Question

SOFTEN = 5  # pixels, for a network that reads 224 x 224; scaled for others
NOTHING = 1e-4  # removed: a remnant of rounding
TOGETHER = 8  # questions that share a look


def perturb(loaded: LoadedModel, questions: Sequence[Question], progress: Progress, cancelled: Cancel) -> list[Map]:
    """Maps of 1 - m: how much of the film's detail was removed where, 0 (kept) to 1 (blurred).

    extra: "mask" (28, 28), m; "objective" and "probability" (n,) float32, after each look; "before", "after" and
    "blurred", the probability of the class on the film itself, under the mask, and with everything blurred.
    Raises Cancelled.
    """
    made: list[Map] = []
    for start in range(0, len(questions), TOGETHER):
        part = questions[start : start + TOGETHER]

        def told(share: float, doing: str, start: int = start, count: int = len(part)) -> None:
            progress((start + share * count) / len(questions), doing)

        made += _together(Sight(loaded, part), told, cancelled)
    return made


class Sight:
    """Some questions as the network sees them under masks."""

    def __init__(self, loaded: LoadedModel, questions: Sequence[Question]):
        self.loaded, self.questions = loaded, questions
        self.scenes = [Scene(loaded, question) for question in questions]
        self.spread = torch.from_numpy(spread(loaded.spec.input.size))

    def keep(self, masks: Tensor) -> Tensor:
        """(..., 28, 28) -> (..., S, S): masks, upsampled and smoothed."""
        return self.spread @ masks @ self.spread.T

    def look(self, which: Sequence[int], masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log odds (B,) of each class and their gradients (B, 28, 28), in bf16 where the CPU computes in it."""
        leaf = torch.from_numpy(masks).float().requires_grad_()
        with self.loaded.lock, torch.enable_grad():
            films = [self.scenes[k].mixed(keep) for k, keep in zip(which, self.keep(leaf), strict=True)]
            x = torch.stack(films).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16, enabled=has_bf16()):
                logits = self.loaded.module(x).float()
            odds = self._log_odds(which, logits)
            (slopes,) = torch.autograd.grad(odds.sum(), leaf)
        return odds.detach().double().numpy(), slopes.double().numpy()

    def probability(self, k: int, mask: Tensor) -> np.ndarray:
        """Calibrated probability of question ``k`` under ``mask``, () float32, as the panel computes it."""
        logits, _ = self.loaded.run(self.scenes[k].mixed(self.keep(mask))[None].numpy())
        return np.asarray(torch.sigmoid(self._log_odds([k], logits))[0].item(), np.float32)

    def _log_odds(self, which: Sequence[int], logits: Tensor) -> Tensor:
        temperature = self.loaded.spec.temperature
        rows = [log_odds(row[None], self.scenes[k].target, temperature) for k, row in zip(which, logits, strict=True)]
        return torch.cat(rows)


def _together(sight: Sight, progress: Progress, cancelled: Cancel) -> list[Map]:
    walks = search(sight.look, len(sight.questions), progress, cancelled)
    return [_map(sight, k, walk) for k, walk in enumerate(walks)]


def _map(sight: Sight, k: int, walk: Walk) -> Map:
    question, mask = sight.questions[k], torch.from_numpy(walk.mask).float()
    ends = {"before": torch.ones(SIDE, SIDE), "after": mask, "blurred": torch.zeros(SIDE, SIDE)}
    objective, probability = np.array(walk.curve, np.float32).T
    removed = (1 - sight.keep(mask)).clamp(0, 1).numpy() * sight.scenes[k].inside
    removed[removed < NOTHING] = 0
    return Map(
        values=to_film_frame(removed, question.film.pixels.shape),
        model_id=sight.loaded.spec.id,
        method="perturbation",
        target=question.target,
        signed=False,
        unit="share of the film's detail removed, 0 to 1",
        extra={"mask": mask.numpy(), "objective": objective, "probability": probability}
        | {name: sight.probability(k, mask) for name, mask in ends.items()},
    )


def spread(size: int) -> np.ndarray:
    """(size, 28) float32: nearest upsampling along one axis, then Gaussian smoothing; every row sums to 1."""
    nearest = np.eye(SIDE, dtype=np.float32)[np.arange(size) * SIDE // size]
    return gaussian_filter1d(nearest, SOFTEN * size / AT, axis=0, mode="nearest")
