"""Meaningful perturbation: the least blurring of the film that takes the answer away (Fong & Vedaldi 2017, eq. 6).

A mask m of 28 x 28 (1 = keep, 0 = blurred) is upsampled, smoothed and laid over the film as the network is about to
read it; m minimises ``p(target) + 1e-4 sum|1 - m| + 1e-2 sum|grad m|^3``. The settings are those of the authors' own
code. One departure: m starts at 0.5 everywhere, for at m = 1 a confident softmax has no gradient and m never moves.
The mask acts on the film, so the map is in image space for every model: through both autoencoders of CoroNet, and for
a network that reads the lungs alone on the lung-only film, whose outline stays as it is.
"""

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor
from torch.nn.functional import pad

from ..imaging.preprocess import to_film_frame
from ..registry import LoadedModel
from ..types import Map
from .scene import AT, Scene
from .signature import Cancel, Progress, Question, stopped

SIDE, START = 28, 0.5
RATE, ITERATIONS = 0.1, 60
SPARSE, SMOOTH, BETA = 1e-4, 1e-2, 3
SOFTEN = 5  # pixels, for a network that reads 224 x 224; scaled for others


def perturb(loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Map:
    """Map of 1 - m: how much of the film's detail was removed where, 0 (kept) to 1 (blurred).

    extra: "mask" (28, 28); "objective" and "probability" (n,), one value an iteration; "before", "after" and
    "blurred", the probability of the class on the film itself, under the final mask, and with everything blurred.
    Raises Cancelled.
    """
    scene, spec = Scene(loaded, question), loaded.spec
    side = torch.from_numpy(spread(spec.input.size))

    def probability(mask: Tensor) -> Tensor:
        x = scene.mixed(side @ mask @ side.T)[None]
        return (loaded.module(x) / spec.temperature).softmax(1)[0, scene.target]

    mask = torch.full((SIDE, SIDE), START, requires_grad=True)
    adam = torch.optim.Adam([mask], lr=RATE)
    curve = np.empty((2, ITERATIONS), np.float32)
    with torch.enable_grad():
        for i in range(ITERATIONS):
            stopped(cancelled)
            p = probability(mask)
            objective = p + penalty(mask)
            (mask.grad,) = torch.autograd.grad(objective, mask)
            adam.step()
            with torch.no_grad():
                mask.clamp_(0, 1)
            curve[:, i] = objective.item(), p.item()
            progress(i / ITERATIONS, f"Blurring the film: step {i} of {ITERATIONS}, probability {curve[1, i]:.2f}")
    found = mask.detach()
    ends = {"before": torch.ones(SIDE, SIDE), "after": found, "blurred": torch.zeros(SIDE, SIDE)}
    with torch.no_grad():
        extra = {name: np.asarray(probability(m).item(), np.float32) for name, m in ends.items()}
    removed = (1 - side @ found @ side.T).clamp(0, 1).numpy() * scene.inside
    return Map(
        values=to_film_frame(removed, question.film.pixels.shape),
        model_id=spec.id,
        method="perturbation",
        target=question.target,
        signed=False,
        unit="share of the film's detail removed, 0 to 1",
        extra={"mask": found.numpy(), "objective": curve[0], "probability": curve[1]} | extra,
    )


def penalty(mask: Tensor) -> Tensor:
    """What blurring costs: 1e-4 for a cell fully blurred, 1e-2 |gradient|^3 for each step of the mask (sums)."""
    down, across = pad(mask.diff(dim=0), (0, 0, 0, 1)), pad(mask.diff(dim=1), (0, 1))
    return SPARSE * (1 - mask).abs().sum() + SMOOTH * (down**2 + across**2).pow(BETA / 2).sum()


def spread(size: int) -> np.ndarray:
    """(size, 28) float32: nearest upsampling along one axis, then Gaussian smoothing; every row sums to 1."""
    nearest = np.eye(SIDE, dtype=np.float32)[np.arange(size) * SIDE // size]
    return gaussian_filter1d(nearest, SOFTEN * size / AT, axis=0, mode="nearest")
