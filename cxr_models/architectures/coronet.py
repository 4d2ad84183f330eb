"""CoroNet (CoroNet paper): two feature-pyramid autoencoders, the residual tensor (eq. 5-7) and a ResNet-18 on it.

Layer widths and skips follow the net its authors released; without them the paper's text leaves them open.
53,659 parameters an autoencoder, 11,285,369 in all with three classes.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, relu

from .baselines import ResNet
from .classifier import Classifier

TRUNK = (1, 8, 16, 32)
BRANCH = (32, 24, 16, 12, 8)
LINEAR = (32, 16, 8, 8)
DECODER = (8, 12, 16, 24, 32, 16, 8, 1)


def convs(widths: tuple[int, ...], kind: type[nn.Module] = nn.Conv2d) -> nn.ModuleList:
    return nn.ModuleList(kind(i, o, 3, padding=1) for i, o in zip(widths, widths[1:], strict=False))


def norms(widths: tuple[int, ...]) -> nn.ModuleList:
    return nn.ModuleList(nn.BatchNorm2d(w) for w in widths[1:])


class FPAE(nn.Module):
    """Feature-pyramid autoencoder: (N, 1, H, W) in [0, 1] -> the same; H and W multiples of 8.

    Four resolutions share their weights, six full-resolution skips and the input itself reach the output:
    there is no bottleneck. input_skip=False leaves out the last of these, the input.
    """

    def __init__(self, input_skip: bool = True):
        super().__init__()
        self.input_skip = input_skip
        self.norm = nn.BatchNorm2d(1)
        self.trunk, self.trunk_norms = convs(TRUNK), norms(TRUNK)
        self.shrink = nn.Conv2d(32, 32, 3, stride=2, padding=1)
        self.branch, self.branch_norms = convs(BRANCH), norms(BRANCH)
        self.linear = convs(LINEAR)
        self.decoder = convs(DECODER, nn.ConvTranspose2d)

    def stem(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """x -> (N, 32, H, W) and the pre-activation outputs of 8, 16 and 32 channels."""
        kept, x = [], self.norm(x)
        for conv, norm in zip(self.trunk, self.trunk_norms, strict=True):
            kept.append(conv(x))
            x = norm(relu(kept[-1]))
        return x, kept

    def pyramid(self, x: Tensor) -> list[Tensor]:
        """(N, 32, H, W) -> the same weights applied three times: full, 1/2, 1/4 and 1/8 size."""
        levels = [x]
        for _ in range(3):
            levels.append(self.shrink(levels[-1]))
        return levels

    def narrow(self, x: Tensor, sizes: list[torch.Size]) -> tuple[Tensor, list[Tensor]]:
        """One pyramid level -> (N, 8, H, W), brought up towards full size step by step; pre-activations kept."""
        kept = []
        for conv, norm, size in zip(self.branch, self.branch_norms, sizes, strict=True):
            kept.append(conv(x))
            x = norm(relu(kept[-1]))
            if x.shape[-2:] != size:
                x = interpolate(x, size, mode="bilinear", align_corners=False)
        return x, kept

    def latent(self, x: Tensor) -> Tensor:
        """E(x): the 1/8-scale features (N, 32, H / 8, W / 8) that eq. 3 compares."""
        return self.pyramid(self.stem(x)[0])[-1]

    def forward(self, x: Tensor) -> Tensor:
        trunk, trunk_kept = self.stem(x)
        levels = self.pyramid(trunk)
        branches = []
        for depth, level in enumerate(levels):
            steps = [levels[max(depth - i - 1, 0)].shape[-2:] for i in range(len(self.branch))]
            narrowed, kept = self.narrow(level, steps)
            branches.append(narrowed)
            if depth == 0:
                branch_kept = kept
        y = torch.cat(branches, dim=1)
        for conv in self.linear:
            y = conv(y)
        skips = [branch_kept[2], branch_kept[1], branch_kept[0], *reversed(trunk_kept)]
        for conv, skip in zip(self.decoder, skips, strict=False):
            y = relu(conv(y) + skip)
        y = self.decoder[-1](y)
        return torch.sigmoid(y + x if self.input_skip else y)


class CoroNet(Classifier):
    """(N, 1, H, W) in [0, 1] -> logits (N, classes) through both autoencoders and the classifier (CIN)."""

    linear_head = True

    def __init__(self, classes: int = 3, input_skip: bool = True):
        super().__init__()
        self.healthy = FPAE(input_skip)
        self.pneumonia = FPAE(input_skip)
        self.cin = ResNet("resnet18", classes)

        self.cells = self.cin.cells

    @property
    def head(self) -> nn.Module:
        """The classifier's last layers: (N, 512, H / 32, W / 32) -> logits."""
        return self.cin.head

    def from_reference(self, state: Mapping[str, Tensor]) -> None:
        """Take the weights of torchvision's ResNet-18 into the classifier (CIN), as ``FromLibrary.from_reference``."""
        self.cin.from_reference(state)

    def residuals(self, x: Tensor) -> Tensor:
        """Eq. 5-7: (N, 1, H, W) -> (N, 3, H, W): |x - F_H(x)|, |x - F_P(x)|, |2x - F_H(x) - F_P(x)|."""
        healthy, pneumonia = x - self.healthy(x), x - self.pneumonia(x)
        return torch.cat([healthy.abs(), pneumonia.abs(), (healthy + pneumonia).abs()], dim=1)

    def features(self, x: Tensor) -> Tensor:
        return self.cin.features(self.residuals(x))
