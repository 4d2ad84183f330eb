"""UNet of the HRNet paper (table 4): 512 x 512 x 1 in, levels 32-64-128-256-512, one logit a pixel out."""

import torch
from torch import Tensor, nn


def double_conv(inputs: int, outputs: int) -> nn.Sequential:
    """Two 3x3 convolutions, each with ReLU, size kept."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, padding=1),
        nn.ReLU(inplace=True),
    )


class UNet(nn.Module):
    """(N, 1, H, W) in [0, 1] -> logits (N, 1, H, W); H and W are multiples of 16.

    Table 4 puts a ReLU after the last convolution and the loss needs a probability: the last layer gives the
    logit and ``sigmoid`` is applied outside. widths: channels per level, tests use small ones.
    """

    def __init__(self, widths: tuple[int, ...] = (32, 64, 128, 256, 512)):
        super().__init__()
        ins = (1, *widths[:-1])
        self.down = nn.ModuleList(double_conv(i, o) for i, o in zip(ins, widths, strict=True))
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, 2) for a, b in zip(widths, widths[1:], strict=False))
        self.merge = nn.ModuleList(double_conv(2 * a, a) for a in widths[:-1])
        self.out = nn.Conv2d(widths[0], 1, 1)
        self.pool = nn.MaxPool2d(2)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.get_parameter("bias"))

    def forward(self, x: Tensor) -> Tensor:
        levels = []
        for i, conv in enumerate(self.down):
            x = conv(x if i == 0 else self.pool(x))
            levels.append(x)
        for i in reversed(range(len(self.up))):
            x = self.merge[i](torch.cat([self.up[i](x), levels[i]], dim=1))
        return self.out(x)
