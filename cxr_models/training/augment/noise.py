"""Noise that follows from a film's own keys and a pixel's number alone: a film gets the same in whatever batch it is.

Multiply-add hashing (Dietzfelbinger 1996, "Universal hashing and k-wise independent random variables via integer
arithmetic without primes"): word = odd key x table[pixel] + key, modulo 2^32, of which the upper half is used. The
table holds random numbers, the same on every device. Two passes over the pixels, cheaper than a generator's.
"""

from functools import lru_cache
from math import prod

import torch
from torch import Tensor

RANKS = 2**16


@lru_cache
def _table(pixels: int, device: torch.device) -> Tensor:
    words = torch.randint(-(2**31), 2**31, (pixels,), generator=torch.Generator().manual_seed(0))
    return words.int().to(device)


@lru_cache
def _quantiles(device: torch.device) -> Tensor:
    """(65536,) the normal distribution cut into slices of equal probability, the middle of each."""
    share = (torch.arange(RANKS, dtype=torch.float64) + 0.5) / RANKS
    return torch.special.ndtri(share).float().to(device)


def _ranks(keys: Tensor, shape: torch.Size | tuple[int, ...], device: torch.device) -> Tensor:
    """(n, 2) int32 keys -> (n * C * H * W,) int32, evenly from 0 to 65535."""
    keys = keys.to(device)
    words = ((keys[:, :1] | 1) * _table(prod(shape[1:]), device)).add_(keys[:, 1:])
    return words.bitwise_right_shift_(16).bitwise_and_(RANKS - 1).view(-1)


def uniform(keys: Tensor, shape: torch.Size | tuple[int, ...], device: torch.device) -> Tensor:
    """(n, 2) int32 keys -> (n, C, H, W) float32 above 0 and below 1, in steps of 2^-16."""
    return _ranks(keys, shape, device).view(*shape).float().add_(0.5).div_(RANKS)


def normal(keys: Tensor, shape: torch.Size | tuple[int, ...], device: torch.device) -> Tensor:
    """(n, 2) int32 keys -> (n, C, H, W) float32, standard normal, within 4.4 either way."""
    return _quantiles(device).index_select(0, _ranks(keys, shape, device)).view(*shape)
