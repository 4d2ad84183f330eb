"""The shape every classifier has: an encoder that gives maps, a head that turns the maps into logits."""

from typing import Any, NamedTuple, Self

from torch import Tensor, nn


class Cells(NamedTuple):
    """Where in the input the cells of some channels of the last maps are centred: along each side the first on pixel
    ``first``, the others ``step`` pixels apart."""

    channels: slice
    first: float
    step: float


class Classifier(nn.Module):
    """``forward(x) = head(features(x))``; x is (N, C, H, W), the logits are (N, K) in the manifest's class order.

    cells: of the maps that ``features`` gives; none: they are spread evenly over the input.
    """

    linear_head: bool
    cells: tuple[Cells, ...] = ()
    encoder: Any  # a torch module; typed so, mypy would take it for a tensor

    def features(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, F, h, w): the maps a class activation map is made of."""
        return self.encoder(x)

    def forward(self, x: Tensor) -> Tensor:
        head: Any = self.head
        return head(self.features(x))

    def train(self, mode: bool = True) -> Self:
        """As torch's, but a frozen part, of which nothing learns, stays in eval mode: its batch norm keeps the
        statistics it has and its dropout is off. So freeze first, then call this."""
        super().train(mode)
        for part in self.children():
            weights = list(part.parameters())
            if weights and not any(w.requires_grad for w in weights):
                part.eval()
        return self


class PooledLinear(nn.Sequential):
    """Global average pooling and one linear layer: (N, F, h, w) -> (N, K). Exact CAM (CNN-X paper, eq. 1-5).

    dropout: share of the pooled features dropped while training, none by default.
    """

    def __init__(self, features: int, classes: int, dropout: float = 0.0):
        drop = [nn.Dropout(dropout)] if dropout else []
        super().__init__(nn.AdaptiveAvgPool2d(1), nn.Flatten(), *drop, nn.Linear(features, classes))
