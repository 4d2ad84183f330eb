"""The deterministic application of what was drawn, film by film: no film depends on the others of its batch."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample, interpolate, pad

from . import noise
from .drawn import Drawn

RADIUS = 5  # of the blur: HRNet paper, table 3, 11 x 11
SPAN = 9  # standard deviations from the darkest to the brightest of a film's worth of normal noise


def warp(images: Tensor, drawn: Drawn) -> Tensor:
    """(n, C, H, W) moved, turned and mirrored; outside the film is 0. For films and their masks alike.

    The grid is made here, not by ``affine_grid``: that one multiplies matrices, under autocast in bfloat16, which
    puts pixels half a pixel off.
    """
    affine = drawn.affine.to(images.device)
    y, x = (((torch.arange(side, device=images.device) * 2 + 1) / side - 1) for side in images.shape[-2:])
    rows = affine[:, :, 1:2] * y + affine[:, :, 2:]
    places = affine[:, :, :1].unsqueeze(3) * x + rows.unsqueeze(3)  # (n, 2, H, W)
    return grid_sample(images, places.permute(0, 2, 3, 1), align_corners=False)


def tone(images: Tensor, drawn: Drawn) -> Tensor:
    """(n, C, H, W) in [0, 1] -> the same, in this order: coarser, gamma, salt and pepper, blur, noise. No masks."""
    images = _change(_coarsen, drawn.coarse, images, drawn)
    images = _change(_gamma, drawn.gamma != 1, images, drawn)
    images = _change(_salt_and_pepper, drawn.salt > 0, images, drawn)
    images = _change(_blur, drawn.blur > 0, images, drawn)
    images = _change(_grain, (drawn.noise > 0) | (drawn.grain > 0), images, drawn)
    return images.clamp(0, 1)


def _change(how: Callable[[Tensor, Drawn], Tensor], which: Tensor, images: Tensor, drawn: Drawn) -> Tensor:
    """``images`` with those films changed for which the flag is set; the others cost nothing."""
    films = which.flatten().nonzero().squeeze(1)
    if len(films) in (0, len(images)):
        return how(images, drawn) if len(films) else images
    rows = films.to(images.device)
    return images.index_copy(0, rows, how(images[rows], drawn.part(films)))


def _coarsen(images: Tensor, _: Drawn) -> Tensor:
    return interpolate(avg_pool2d(images, 2), images.shape[-2:], mode="bilinear", align_corners=False)


def _gamma(images: Tensor, drawn: Drawn) -> Tensor:
    return images ** drawn.gamma.to(images.device)


def _salt_and_pepper(images: Tensor, drawn: Drawn) -> Tensor:
    """Of the share drawn, half the pixels white and half black, in all channels."""
    n, _, *size = images.shape
    chance, half = noise.uniform(drawn.keys[:, 2:], (n, 1, *size), images.device), drawn.salt.to(images.device) / 2
    return images.masked_fill(chance < half, 0.0).masked_fill(chance > 1 - half, 1.0)


def _blur(images: Tensor, drawn: Drawn) -> Tensor:
    """A Gaussian of each film's own width; the film is mirrored at its edges.

    Added up by hand: how a convolution rounds depends on how many films it is given, and on autocast.
    """
    offsets = torch.arange(-RADIUS, RADIUS + 1)
    weights = torch.softmax(-0.5 * (offsets / drawn.blur).square(), 3).to(images.device).split(1, 3)
    images = pad(images, (RADIUS,) * 4, mode="reflect")
    for dim in (2, 3):
        side = images.shape[dim] - 2 * RADIUS
        total = torch.zeros_like(images.narrow(dim, 0, side))
        for start, weight in enumerate(weights):
            total.addcmul_(images.narrow(dim, start, side), weight)
        images = total
    return images


def _grain(images: Tensor, drawn: Drawn) -> Tensor:
    """Noise added, and a share of the film replaced by noise of its own around mid-grey."""
    level, share = drawn.noise.to(images.device), drawn.grain.to(images.device)
    grains = noise.normal(drawn.keys[:, :2], images.shape, images.device)
    return images.lerp(share.new_tensor(0.5), share).addcmul_(grains, level + share / SPAN)
