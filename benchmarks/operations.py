"""What a chip can do at most and what a net asks of it, in floating-point operations: a product and a sum are two."""

import statistics

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cxr_models.imaging.preprocess import InputSpec
from cxr_models.training.plan import now

from . import plain_training

SIDES = {"cpu": (1024, 2048, 4096), "cuda": (4096, 8192)}  # of the square matrices multiplied


def peak(device: str, repeats: int = 5) -> float:
    """Operations a second of the fastest of several bf16 products of square matrices of random numbers."""
    return max(_product(torch.device(device), side, repeats) for side in SIDES[device])


def _product(device: torch.device, side: int, repeats: int) -> float:
    a, b = torch.randn(2, side, side, device=device, dtype=torch.bfloat16)
    seconds = []
    for _ in range(repeats + 1):
        began = now(device)
        torch.mm(a, b)
        seconds.append(now(device) - began)
    return 2 * side**3 / statistics.median(seconds[1:])


def a_film(net: nn.Module, task: str, spec: InputSpec, batch: plain_training.Batch) -> int:
    """Operations of convolutions and matrix products for one film of a step, forward and backward."""
    with FlopCounterMode(display=False) as counter:
        plain_training.loss(net, task, spec, batch).backward()
    net.zero_grad()
    return counter.get_total_flops() // len(batch[0])
