"""What is asked of the net after each epoch: how often it is right on films never seen, and where its answer lies."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from ...imaging.preprocess import resize
from .films import SETS, SIDE, Material, letter_at, with_letter
from .net import TinyNet, tensor

LETTER, OPACITY, ELSEWHERE = "letter", "opacity", "elsewhere"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The net after ``epoch`` rounds through its films; 0, before the first.

    right: set -> films answered rightly, of ``films`` each. shares: place -> share in [0, 1] of all evidence for
    disease on the ill films with the letter; None where the net has none. areas: the same of an even map.
    maps: (2, g, g) float32, contributions of the cells to the logit, of the two examples. answers: (2,) probability of
    "ill" of them.
    """

    epoch: int
    right: Mapping[str, int]
    films: int
    shares: Mapping[str, float] | None
    areas: Mapping[str, float]
    maps: np.ndarray
    answers: np.ndarray


class Exam:
    """The same questions each time, made ready once from ``material``."""

    def __init__(self, material: Material) -> None:
        test = material.test
        self.ill = torch.from_numpy(test.ill)
        self.sets = {name: tensor(with_letter(test.pixels, bears(test.ill))) for name, bears in SETS.items()}
        self.examples = tensor(np.stack([one.small for one in material.examples]))
        self.opacity = None if test.opacity is None else test.opacity[test.ill]

    @torch.no_grad()
    def sit(self, net: TinyNet, epoch: int) -> Snapshot:
        """Examine ``net`` as it is; it is left in the mode for use."""
        net.eval()
        right = {name: int(((net(films) > 0) == self.ill).sum()) for name, films in self.sets.items()}
        _, evidence = net.look(self.sets["aligned"][self.ill])
        logits, maps = net.look(self.examples)
        zones = self.zones(evidence.shape[-1])
        shares, areas = shared_out(evidence.clamp(min=0).numpy(), zones), shared_out(np.ones(evidence.shape), zones)
        assert areas is not None
        return Snapshot(epoch, right, len(self.ill), shares, areas, maps.numpy(), probability(logits))

    def zones(self, grid: int) -> dict[str, np.ndarray]:
        """Place -> (g, g) or (n, g, g) bool; of the opacity only where it is known."""
        letter = cells(letter_at((SIDE, SIDE)), grid)
        if self.opacity is None:
            return {LETTER: letter}
        return {LETTER: letter, OPACITY: np.stack([cells(one, grid) for one in self.opacity]) & ~letter}


def probability(logits: Tensor) -> np.ndarray:
    return torch.sigmoid(logits).numpy()


def cells(mask: np.ndarray, grid: int) -> np.ndarray:
    """(S, S) bool -> (grid, grid) bool: cells with some of it, and their neighbours, as a map is no finer than that."""
    touched = resize(mask, (grid, grid)) > 0
    return cv2.dilate(touched.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def shared_out(amounts: np.ndarray, zones: Mapping[str, np.ndarray]) -> dict[str, float] | None:
    """Shares of (n, g, g) ``amounts`` >= 0, place by place and elsewhere; None where all are 0."""
    total = amounts.sum(dtype=np.float64)
    if total <= 0:
        return None
    found = {name: float((amounts * zone).sum(dtype=np.float64) / total) for name, zone in zones.items()}
    return found | {ELSEWHERE: 1 - sum(found.values())}
