"""Meaningful perturbation: the least blurring of the film that takes the answer away (Fong & Vedaldi 2017, eq. 6).

A mask m of 28 x 28 (1 = keep, 0 = blurred) is upsampled, smoothed and laid over the film as the network is about to
read it; m minimises ``p(target) + 1e-4 sum|1 - m| + 1e-2 sum|grad m|^3``. The settings are those of the authors' own
code. One departure: m starts at 0.5 everywhere, for at m = 1 a confident softmax has no gradient and m never moves.
The mask acts on the film, so the map is in image space for every model: through both autoencoders of CoroNet, and for
a network that reads the lungs alone on the lung-only film, whose outline stays as it is.
"""

from contextlib import AbstractContextManager

import numpy as np
import torch
from scipy.ndimage import gaussian_filter, gaussian_filter1d
from torch import Tensor
from torch.nn.functional import pad

from ..errors import Cancelled
from ..imaging.preprocess import grey, keep_lungs, normalise, to_film_frame
from ..registry import LoadedModel, load
from ..types import Film, Lungs, Map
from .signature import Cancel, Progress

SIDE, START = 28, 0.5
RATE, ITERATIONS, SEED = 0.1, 300, 0
SPARSE, SMOOTH, BETA = 1e-4, 1e-2, 3
REFERENCE, SOFTEN, JITTER, AT = 10, 5, 4, 224  # pixels, for a network that reads 224 x 224; scaled for others
EVERY = 10  # iterations between two reports of progress


def meaningful_perturbation(
    film: Film, lungs: Lungs | None, model_id: str, target: str, progress: Progress, cancelled: Cancel
) -> Map:
    """Map of 1 - m: how much of the film's detail was removed where, 0 (kept) to 1 (blurred).

    extra: "objective" and "probability" (n,), one value an iteration, on the jittered film; "before", "after" and
    "blurred", the probability of ``target`` on the film itself, under the final mask, and with everything blurred.
    Raises Cancelled.
    """
    scene = Scene(film, lungs, load(model_id), target)
    mask, objective, probability = optimise(scene, progress, cancelled)
    ends = {"before": torch.ones(SIDE, SIDE), "after": mask, "blurred": torch.zeros(SIDE, SIDE)}
    return Map(
        values=to_film_frame(scene.removed(mask), film.pixels.shape),
        model_id=model_id,
        method="perturbation",
        target=target,
        signed=False,
        unit="share of the film's detail removed, 0 to 1",
        extra={"objective": objective, "probability": probability}
        | {name: np.asarray(scene.probability_of(m), np.float32) for name, m in ends.items()},
    )


class Scene:
    """One film, its blurred self and the network that looks at a mixture of both.

    lock: held around each look, not around the whole search, so that other readers wait for one look at most.
    """

    def __init__(self, film: Film, lungs: Lungs | None, loaded: LoadedModel, target: str):
        spec = loaded.spec.input
        square, scale = grey(film.pixels, spec.size), spec.size / AT
        everywhere = np.ones_like(square)
        self.inside = keep_lungs(everywhere, lungs.region) if lungs and spec.region == "lungs" else everywhere
        self.margin = round(JITTER * scale / 2)
        shown = square * self.inside, blurred(square, self.inside, REFERENCE * scale)
        self.pictures = self._with_margin(np.stack([normalise(picture, spec) for picture in shown]))
        self.spread = torch.from_numpy(spread(spec.size))
        self.size, self.net, self.temperature = spec.size, loaded.module, loaded.spec.temperature
        self.index = loaded.spec.classes.index(target)
        self.lock: AbstractContextManager = loaded.lock

    def _with_margin(self, pictures: np.ndarray) -> Tensor:
        """(2, C, S, S) -> (2, C, S + 2 margin, S + 2 margin), the edge repeated."""
        return pad(torch.from_numpy(pictures), [self.margin] * 4, mode="replicate")

    def keep(self, mask: Tensor) -> Tensor:
        """(28, 28) -> (S, S): the mask, upsampled and smoothed."""
        return self.spread @ mask @ self.spread.T

    def removed(self, mask: Tensor) -> np.ndarray:
        """(28, 28) -> (S, S) in [0, 1]: the share blurred away; 0 where the network is shown nothing."""
        return (1 - self.keep(mask)).clamp(0, 1).numpy() * self.inside

    def picture(self, mask: Tensor, down: int, right: int) -> Tensor:
        """What the network reads, (1, C, S, S): the film under the mask, moved beneath it by up to 2 pixels (jitter).

        ``down`` and ``right`` count from 0; at the margin itself the film lies where it is.
        """
        film, reference = self.pictures[:, :, down : down + self.size, right : right + self.size]
        keep = self.keep(mask)
        return (keep * film + (1 - keep) * reference)[None]

    def probability(self, mask: Tensor, down: int, right: int) -> Tensor:
        """Calibrated probability of the target in [0, 1], a scalar."""
        logits = self.net(self.picture(mask, down, right)) / self.temperature
        return logits.softmax(1)[0, self.index]

    @torch.no_grad()
    def probability_of(self, mask: Tensor) -> float:
        """Probability in [0, 1] with the film where it is."""
        with self.lock:
            return self.probability(mask, self.margin, self.margin).item()


@torch.enable_grad()
def optimise(scene: Scene, progress: Progress, cancelled: Cancel) -> tuple[Tensor, np.ndarray, np.ndarray]:
    """The mask (28, 28) found by Adam, and the objective and the probability (n,) on the way. Raises Cancelled."""
    mask = torch.full((SIDE, SIDE), START, requires_grad=True)
    adam = torch.optim.Adam([mask], lr=RATE)
    draw = torch.Generator().manual_seed(SEED)
    curve = np.empty((2, ITERATIONS), np.float32)
    for i in range(ITERATIONS):
        if cancelled():
            raise Cancelled(f"Cancelled after {i} of {ITERATIONS} steps: there is no map. Start again to have one.")
        shift = torch.randint(2 * scene.margin + 1, (2,), generator=draw).tolist()
        with scene.lock:
            probability = scene.probability(mask, *shift)
            objective = probability + penalty(mask)
            (mask.grad,) = torch.autograd.grad(objective, mask)
        adam.step()
        with torch.no_grad():
            mask.clamp_(0, 1)
        curve[:, i] = objective.item(), probability.item()
        if i % EVERY == 0:
            progress(i / ITERATIONS, f"Blurring the film: step {i} of {ITERATIONS}, probability {curve[1, i]:.2f}")
    return mask.detach(), curve[0], curve[1]


def penalty(mask: Tensor) -> Tensor:
    """What blurring costs: 1e-4 for a cell fully blurred, 1e-2 |gradient|^3 for each step of the mask (sums)."""
    down, across = pad(mask.diff(dim=0), (0, 0, 0, 1)), pad(mask.diff(dim=1), (0, 1))
    return SPARSE * (1 - mask).abs().sum() + SMOOTH * (down**2 + across**2).pow(BETA / 2).sum()


def blurred(square: np.ndarray, inside: np.ndarray, sigma: float) -> np.ndarray:
    """(S, S) grey and (S, S) 0 or 1 -> the blurred film, 0 outside ``inside``; nothing from outside leaks in."""
    weight = gaussian_filter(inside, sigma, mode="nearest")
    return inside * gaussian_filter(square * inside, sigma, mode="nearest") / np.maximum(weight, 1e-6)


def spread(size: int) -> np.ndarray:
    """(size, 28) float32: nearest upsampling along one axis, then Gaussian smoothing; every row sums to 1."""
    nearest = np.eye(SIDE, dtype=np.float32)[np.arange(size) * SIDE // size]
    return gaussian_filter1d(nearest, SOFTEN * size / AT, axis=0, mode="nearest")
