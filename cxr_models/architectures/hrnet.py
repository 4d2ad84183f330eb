"""HRNet and a fully connected head, for the lung-only film (HRNet paper, section 4.3).

The paper names neither width nor head. Ours: the four parallel resolutions, brought to the finest (a quarter of the
input) and joined, as HRNetV2 does, then pooling and one linear layer. So the activation map is exact and fine.
"""

from itertools import accumulate, pairwise
from typing import Any

import timm
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from .classifier import Cells, PooledLinear
from .library import FromLibrary


class HRNet(FromLibrary):
    """(N, 3, H, W) -> logits (N, classes); H and W multiples of 32. name: a timm HRNet ("hrnet_w18_small_v2", ...).

    Cell i of the k-th resolution is centred on pixel 4 * 2^k * i, each halving being a padded convolution of odd size;
    brought to the finest, that is 4 i + 2 - 2 * 2^k. Where resolutions feed each other this holds only roughly.
    """

    linear_head = True
    body: Any

    def __init__(self, name: str = "hrnet_w18_small_v2", classes: int = 2):
        super().__init__()
        self.name, self.origins = name, {"body.": ""}
        self.body = timm.create_model(name, pretrained=False, num_classes=0)
        for unused in ("incre_modules", "downsamp_modules", "final_layer", "classifier"):
            setattr(self.body, unused, nn.Identity())
        widths = self.body.stage4_cfg["num_channels"]
        ends = accumulate(widths, initial=0)
        self.cells = tuple(Cells(slice(*side), 2 - 2 * 2**k, 4) for k, side in enumerate(pairwise(ends)))
        self.head = PooledLinear(sum(widths), classes)

    def features(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, F, H / 4, W / 4)."""
        body = self.body
        x = body.act1(body.bn1(body.conv1(x)))
        branches = body.stages(body.act2(body.bn2(body.conv2(x))))
        size = branches[0].shape[-2:]
        same = [interpolate(b, size, mode="bilinear", align_corners=False) for b in branches[1:]]
        return torch.cat([branches[0], *same], dim=1)
