"""Augmentation on the device, in batches: the random draw apart from its deterministic application.

Kinds follow the HRNet paper (table 3: scale, rotation, shear, gamma, noise, blur); ranges are narrower, see recipes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample, interpolate


@dataclass(frozen=True)
class Augment:
    """Ranges. scale: zoom factor; rotate: degrees; shear, shift: share of the side; gamma: exponent;
    flip: probability of a mirror image; noise: largest standard deviation; coarse: probability of half resolution."""

    scale: tuple[float, float] = (0.85, 1.15)
    rotate: float = 10.0
    shear: float = 0.1
    shift: float = 0.06
    gamma: tuple[float, float] = (0.6, 1.6)
    flip: float = 0.5
    noise: float = 0.04
    coarse: float = 0.25


@dataclass(frozen=True)
class Drawn:
    """What was drawn for n films: affine (n, 2, 3), gamma, noise level and coarse flag (n, 1, 1, 1), noise seed."""

    affine: Tensor
    gamma: Tensor
    noise: Tensor
    coarse: Tensor
    seed: int


def draw(n: int, settings: Augment, generator: torch.Generator) -> Drawn:
    """Draw the parameters for ``n`` films on the CPU."""

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    angle = torch.deg2rad(uniform(-settings.rotate, settings.rotate))
    zoom = 1 / uniform(*settings.scale)
    mirror = 1 - 2 * (uniform(0, 1) < settings.flip).float()
    shear = uniform(-settings.shear, settings.shear)
    cos, sin = angle.cos() * zoom, angle.sin() * zoom
    rows = [cos * mirror, shear - sin, uniform(-settings.shift, settings.shift)]
    rows += [sin * mirror, cos, uniform(-settings.shift, settings.shift)]
    low, high = (torch.tensor(g).log().item() for g in settings.gamma)

    def column(values: Tensor) -> Tensor:
        return values.view(n, 1, 1, 1)

    return Drawn(
        torch.stack(rows, 1).view(n, 2, 3),
        column(uniform(low, high).exp()),
        column(uniform(0, settings.noise)),
        column(uniform(0, 1) < settings.coarse),
        int(torch.randint(2**31, (1,), generator=generator)),
    )


def warp(images: Tensor, drawn: Drawn) -> Tensor:
    """(N, C, H, W) moved, turned and mirrored; outside the film is 0. For films and their masks alike."""
    grid = affine_grid(drawn.affine.to(images.device), list(images.shape), align_corners=False)
    return grid_sample(images, grid, align_corners=False)


def tone(images: Tensor, drawn: Drawn) -> Tensor:
    """(N, C, H, W) in [0, 1] -> the same: coarser grain, gamma, noise. Never applied to masks."""
    blurred = interpolate(avg_pool2d(images, 2), images.shape[-2:], mode="bilinear", align_corners=False)
    images = torch.where(drawn.coarse.to(images.device), blurred, images)
    images = images.clamp(1e-4, 1) ** drawn.gamma.to(images.device)
    generator = torch.Generator(images.device).manual_seed(drawn.seed)
    noise = torch.randn(images.shape, generator=generator, device=images.device)
    return (images + noise * drawn.noise.to(images.device)).clamp(0, 1)
