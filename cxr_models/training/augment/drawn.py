"""The random draw: what is done to each film of a batch, before any film is touched."""

from dataclasses import dataclass, fields
from math import log

import torch
from torch import Tensor

from .settings import Augment


@dataclass(frozen=True)
class Drawn:
    """What was drawn for n films, on the CPU.

    affine: (n, 2, 3), from a place in the result to one in the film, both from -1 to 1, x first. keys: (n, 4) int32,
    two for a film's noise, two for its salt and pepper. All others (n, 1, 1, 1): gamma, exponent; noise, standard
    deviation; coarse, whether; salt, grain, shares; blur, standard deviation in pixels.
    """

    affine: Tensor
    keys: Tensor
    gamma: Tensor
    noise: Tensor
    coarse: Tensor
    salt: Tensor
    blur: Tensor
    grain: Tensor

    def part(self, films: slice | Tensor) -> "Drawn":
        """What was drawn for some of the films: ``slice(rank, None, world)`` is one process's share of the batch."""
        return Drawn(*(getattr(self, f.name)[films] for f in fields(self)))


@dataclass(frozen=True)
class _Dice:
    """(n,) random numbers at a time."""

    n: int
    generator: torch.Generator

    def between(self, low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(self.n, generator=self.generator)

    def chance(self, probability: float) -> Tensor:
        return self.between(0, 1) < probability


def draw(n: int, settings: Augment, generator: torch.Generator) -> Drawn:
    """Draw for ``n`` films on the CPU; how many numbers that takes depends on ``n`` alone."""
    dice = _Dice(n, generator)
    columns = {
        "gamma": dice.between(*(log(g) for g in settings.gamma)).exp(),
        "noise": dice.between(0, settings.noise),
        "coarse": dice.chance(settings.coarse),
        "salt": dice.between(0, settings.salt) * dice.chance(settings.salt_p),
        "blur": settings.blur * dice.chance(settings.blur_p),
        "grain": dice.between(0, settings.grain) * dice.chance(settings.grain_p),
    }
    keys = torch.randint(-(2**31), 2**31, (n, 4), generator=generator).int()
    return Drawn(_affine(dice, settings), keys, **{name: v.view(n, 1, 1, 1) for name, v in columns.items()})


def _affine(dice: _Dice, settings: Augment) -> Tensor:
    """(n, 2, 3): scaled, turned, sheared and mirrored about the middle of a window that lies within the film."""
    angle = torch.deg2rad(dice.between(-settings.rotate, settings.rotate))
    zoom = dice.between(*settings.scale)
    cos, sin = angle.cos() / zoom, angle.sin() / zoom
    shear = dice.between(-settings.shear, settings.shear) * dice.chance(settings.shear_p)
    mirror, upright = (1 - 2 * dice.chance(p).float() for p in (settings.flip, settings.vertical))
    cut = dice.between(0, settings.crop)
    turn = torch.stack([cos * mirror, (shear - sin) * upright, sin * mirror, cos * upright]) * (1 - cut)
    x, y = (dice.between(-settings.shift, settings.shift) + cut * dice.between(-1, 1) for _ in range(2))
    return torch.stack([turn[0], turn[1], x, turn[2], turn[3], y], 1).view(-1, 2, 3)
