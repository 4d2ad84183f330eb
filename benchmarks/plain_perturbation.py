"""The reference: meaningful perturbation as one writes it down, 300 float32 steps of Adam through the whole network.

Parameters with gradients as PyTorch makes them, the mask upsampled and smoothed by a convolution in every step, the
film moved at random beneath it (jitter), from a mask of 0.5 like ours: from 1 a confident network never moves.
"""

import time
from copy import deepcopy
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import conv2d, interpolate, pad

from cxr_models.explain.perturbation import SOFTEN
from cxr_models.explain.scene import AT, Scene
from cxr_models.explain.search import SIDE, START
from cxr_models.explain.signature import Question
from cxr_models.registry import LoadedModel

STEPS, RATE, JITTER, SEED = 300, 0.1, 4, 0
SPARSE, SMOOTH, BETA = 1e-4, 1e-2, 3


class Found(NamedTuple):
    """mask: (28, 28). seconds, objective: (n,), time since the start and objective after each look."""

    mask: Tensor
    seconds: list[float]
    objective: list[float]


class Plain:
    """One model."""

    def __init__(self, loaded: LoadedModel):
        self.loaded, self.net = loaded, deepcopy(loaded.module).requires_grad_(True)
        self.size = loaded.spec.input.size
        sigma = SOFTEN * self.size / AT
        at = torch.arange(-round(4 * sigma), round(4 * sigma) + 1)
        line = torch.exp(-(at**2) / (2 * sigma**2))
        self.line = (line / line.sum())[None, None]
        self.margin = round(JITTER * self.size / AT / 2)

    def search(self, question: Question, steps: int = STEPS) -> Found:
        """Blurred film and jitter as published; every step through the whole network and back."""
        began, scene = time.perf_counter(), Scene(self.loaded, question)
        films = torch.stack([scene.shown, scene.reference])
        mask = torch.full((SIDE, SIDE), START, requires_grad=True)
        adam, draw = torch.optim.Adam([mask], lr=RATE), torch.Generator().manual_seed(SEED)
        seconds, objective = [], []
        for _ in range(steps):
            shift = torch.randint(2 * self.margin + 1, (2,), generator=draw).tolist()
            adam.zero_grad()
            self.net.zero_grad()
            total = self.objective(scene.target, films, mask, shift)
            total.backward()
            adam.step()
            with torch.no_grad():
                mask.clamp_(0, 1)
            seconds.append(time.perf_counter() - began)
            objective.append(total.item())
        return Found(mask.detach(), seconds, objective)

    def objective(self, target: int, films: Tensor, mask: Tensor, shift: list[int] | None = None) -> Tensor:
        """Probability of the class under the mask, and what the mask costs; shift: None for the film where it is."""
        down, right = shift or (self.margin, self.margin)
        shown, reference = pad(films, [self.margin] * 4, mode="replicate")[
            :, :, down : down + self.size, right : right + self.size
        ]
        keep = self.keep(mask)
        logits = self.net((keep * shown + (1 - keep) * reference)[None])
        return (logits / self.loaded.spec.temperature).softmax(1)[0, target] + penalty(mask)

    def keep(self, mask: Tensor) -> Tensor:
        """(28, 28) -> (S, S): nearest upsampling, then Gaussian smoothing."""
        edge = self.line.shape[-1] // 2
        large = pad(interpolate(mask[None, None], (self.size, self.size)), [edge] * 4, mode="replicate")
        return conv2d(conv2d(large, self.line[:, :, None]), self.line[..., None])[0, 0]


def penalty(mask: Tensor) -> Tensor:
    """1e-4 sum|1 - m| + 1e-2 sum|grad m|^3."""
    down, right = pad(mask.diff(dim=0), (0, 0, 0, 1)), pad(mask.diff(dim=1), (0, 1))
    return SPARSE * (1 - mask).abs().sum() + SMOOTH * (down**2 + right**2).pow(BETA / 2).sum()
