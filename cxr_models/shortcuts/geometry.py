"""Edits that move the film's places, each with its exact inverse."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from ..types import Lungs


class Motion(Protocol):
    """forth: (H, W) of the film as it came -> (h, w) of the edited film. back: the other way, to ``shape`` (H, W), 0
    where the edited film shows nothing; ``forth(back(v, shape)) == v`` exactly."""

    def forth(self, values: np.ndarray) -> np.ndarray: ...

    def back(self, values: np.ndarray, shape: tuple[int, int]) -> np.ndarray: ...


@dataclass(frozen=True)
class Mirror:
    """Left for right."""

    def forth(self, values: np.ndarray) -> np.ndarray:
        return values[:, ::-1]

    def back(self, values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        return values[:, ::-1]


@dataclass(frozen=True)
class Crop:
    """Cut ``margin`` of the height and of the width, in [0, 0.5), off each side, in whole pixels."""

    margin: float

    def forth(self, values: np.ndarray) -> np.ndarray:
        return values[self._kept(values.shape)]

    def back(self, values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        whole = np.zeros(shape, values.dtype)
        whole[self._kept(shape)] = values
        return whole

    def _kept(self, shape: tuple[int, ...]) -> tuple[slice, ...]:
        cut = [round(side * self.margin) for side in shape]
        return tuple(slice(off, side - off) for off, side in zip(cut, shape, strict=True))


def lungs_moved(lungs: Lungs, motion: Motion) -> Lungs:
    """The same lungs on the film that ``motion`` makes; what lies outside it is lost."""
    mask = np.ascontiguousarray(motion.forth(lungs.mask))
    area = float(mask.mean())
    known = sum(lungs.areas) or 1.0
    areas = tuple(part / known * area for part in lungs.areas)
    return replace(lungs, mask=mask, area_fraction=area, areas=areas, region=motion.forth(lungs.region))
