"""The gate's small network: what a picture looks like, and how far it is from every frontal chest film seen.

The distance is Mahalanobis' in the space of the pooled features (Lee et al. 2018), of frontal films only: it knows
nothing of the pictures that the classes were learned against, so that a kind nobody thought of is still far away.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from .classifier import Classifier, PooledLinear

CLASSES = ("frontal", "lateral", "inverted", "rotated", "part", "other")
STEPS = ((16, 2), (32, 2), (64, 1), (64, 2), (128, 2))  # channels, stride
MIDDLE, LAST = 64, 128
FEATURES = MIDDLE + LAST


def step(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """Convolution 3x3, batch norm, ReLU."""
    conv = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


class GateNet(Classifier):
    """(N, 1, 64, 64) normalised -> logits (N, 6) in the order of ``CLASSES``. 135,542 parameters.

    Buffers of the distance, filled by ``remember``: centre (192,), spread (192, 192).
    """

    linear_head = True
    centre: Tensor
    spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        inputs = (1, *(channels for channels, _ in STEPS))
        steps = [step(i, *s) for i, s in zip(inputs, STEPS, strict=False)]
        self.middle = nn.Sequential(*steps[:4])
        self.last = steps[4]
        self.head = PooledLinear(FEATURES, len(CLASSES))
        self.register_buffer("centre", torch.zeros(FEATURES))
        self.register_buffer("spread", torch.eye(FEATURES))

    def features(self, x: Tensor) -> Tensor:
        """(N, 1, 64, 64) -> (N, 192, 4, 4): the last two levels side by side, textures beside layout."""
        middle = self.middle(x)
        last = self.last(middle)
        return torch.cat([adaptive_avg_pool2d(middle, last.shape[-2:]), last], dim=1)

    def distance(self, features: Tensor) -> Tensor:
        """(N, 192, h, w) -> (N,): 0 at the middle of the frontal films; 1 is where 99 % of them end."""
        away = features.float().mean((2, 3)) - self.centre
        return (away @ self.spread).norm(dim=1)

    def remember(self, pooled: Tensor, held_out: Tensor) -> None:
        """Fill the buffers from pooled features of frontal films: shape from (n, 192), unit from others, (m, 192)."""
        centre = pooled.mean(0)
        values, axes = torch.linalg.eigh(torch.cov((pooled - centre).T))
        spread = axes / (values.clamp_min(0) + 0.02 * values.mean()).sqrt()
        unit = ((held_out - centre) @ spread).norm(dim=1).quantile(0.99)
        self.centre.copy_(centre), self.spread.copy_(spread / unit)

    def looks(self, logits: Tensor, features: Tensor) -> dict[str, float]:
        """One film's logits (1, 6) and features (1, 192, h, w) -> class probabilities in [0, 1] and "distance"."""
        probabilities = logits.float().softmax(1)[0].tolist()
        return dict(zip(CLASSES, probabilities, strict=True)) | {"distance": self.distance(features).item()}
