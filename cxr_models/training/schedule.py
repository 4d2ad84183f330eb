"""Optimiser and learning rate of a stage."""

import math
from typing import Any

import torch
from torch import nn

from .recipes import Stage

WARM, START = 0.15, 0.04  # share of the steps that warm up, and the share of the peak they begin with


def shape(name: str, done: float) -> float:
    """Share of the peak learning rate after ``done`` of all steps, in [0, 1]: "flat", or "cycle", a half cosine up over
    the first 15 % and one down to nothing over the rest (Smith 2018)."""
    if name == "flat":
        return 1.0
    if done < WARM:
        return START + (1 - START) * (1 - math.cos(math.pi * done / WARM)) / 2
    return (1 + math.cos(math.pi * (done - WARM) / (1 - WARM))) / 2


def configured(net: nn.Module, stage: Stage, steps: int, slower: float) -> Any:
    """For Lightning: the optimiser of all weights of ``net`` that learn, and its schedule over ``steps``.

    slower: the peak is divided by it.
    """
    weights = [p for p in net.parameters() if p.requires_grad]
    if stage.optimizer == "sgd":
        optimizer: torch.optim.Optimizer = torch.optim.SGD(
            weights, stage.lr, stage.momentum, weight_decay=stage.weight_decay
        )
    else:
        optimizer = torch.optim.AdamW(weights, stage.lr, weight_decay=stage.weight_decay)
    curve = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: shape(stage.schedule, step / steps) / slower)
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": curve, "interval": "step"}}
