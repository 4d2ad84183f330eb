"""The shape every classifier has: an encoder that gives maps, a head that turns the maps into logits."""

from typing import Any

from torch import Tensor, nn


class Classifier(nn.Module):
    """``forward(x) = head(features(x))``; x is (N, C, H, W), the logits are (N, K) in the manifest's class order."""

    linear_head: bool
    encoder: Any  # a torch module; typed so, mypy would take it for a tensor

    def features(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, F, h, w): the maps a class activation map is made of."""
        return self.encoder(x)

    def forward(self, x: Tensor) -> Tensor:
        head: Any = self.head
        return head(self.features(x))


class PooledLinear(nn.Sequential):
    """Global average pooling and one linear layer: (N, F, h, w) -> (N, K). Exact CAM (CNN-X paper, eq. 1-5)."""

    def __init__(self, features: int, classes: int):
        super().__init__(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, classes))
