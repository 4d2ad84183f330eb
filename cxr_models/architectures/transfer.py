"""A frozen base of ImageNet and dense layers on it (transfer learning study, models 2-4)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .library import NETWORKS, FromLibrary

DEPTHS, UNITS = range(1, 5), range(8, 129)  # the study's search: 1-4 layers of 8, 16, 32, 64 or 128 units


class OneUnit(nn.Module):
    """(N, 1), z -> (N, 2), (z / 2, -z / 2): their softmax is (sigmoid(z), 1 - sigmoid(z)), their cross-entropies agree.

    Not (z, 0): the second class would have a logit that nothing on the film moves, and no map.
    """

    def forward(self, z: Tensor) -> Tensor:
        return torch.cat([z, -z], dim=1) / 2


class Transfer(FromLibrary):
    """(N, 3, H, W) -> logits (N, classes): base, global average pooling (ours; not stated), dense layers with ReLU.

    name: "resnet50" (model 2), "vgg16" (model 3) or "densenet121" (model 4). layers: units of the 1 to 4 hidden dense
    layers, 8 to 128 each. With two classes the output is the study's one sigmoid unit, for the first class, written
    as logits (z / 2, -z / 2); else one unit a class. Freeze ``encoder``, then call ``train()``: its batch norm keeps
    its statistics. ValueError for another name or other layers.
    """

    linear_head = False
    names = ("resnet50", "vgg16", "densenet121")

    def __init__(self, name: str = "resnet50", layers: Sequence[int] = (64,), classes: int = 2):
        super().__init__()
        if len(layers) not in DEPTHS or any(units not in UNITS for units in layers):
            raise ValueError(f"Dense layers {list(layers)}: give 1 to 4 of them, each of 8 to 128 units.")
        self.take(name, classes)
        widths = (NETWORKS[name].features, *layers)
        dense: list[nn.Module] = []
        for inputs, outputs in zip(widths, widths[1:], strict=False):
            dense += [nn.Linear(inputs, outputs), nn.ReLU()]
        last = [nn.Linear(widths[-1], 1), OneUnit()] if classes == 2 else [nn.Linear(widths[-1], classes)]
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), *dense, *last)
