"""The two-stage convolutional network of the transfer learning study (model 1).

Stage 1 learns ``base`` and ``screening`` on healthy and not healthy films; stage 2 freezes ``base`` and learns
``further`` and ``head``. The layer table is lost with the study's figure 4: ours doubles the channels at every halving
of the film, as networks of that kind do, with batch norm against the vanishing gradient that the study complains of.
"""

from torch import Tensor, nn

from .classifier import Classifier, PooledLinear

BASE = (1, 32, 64, 128)
FURTHER = (128, 128, 128)


def blocks(widths: tuple[int, ...]) -> nn.Sequential:
    """Convolution 3x3, batch norm, ReLU and halving by maximum, once from each width to the next."""
    layers: list[nn.Module] = []
    for inputs, outputs in zip(widths, widths[1:], strict=False):
        conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        layers += [conv, nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers)


class CustomCNN(Classifier):
    """(N, 1, 150, 150) -> logits (N, classes); ``screen`` answers the first stage's question. 388,836 parameters
    with two classes."""

    linear_head = True

    def __init__(self, classes: int = 2):
        super().__init__()
        self.base = blocks(BASE)
        self.screening = PooledLinear(BASE[-1], 2)
        self.further = blocks(FURTHER)
        self.head = PooledLinear(FURTHER[-1], classes)

    def screen(self, x: Tensor) -> Tensor:
        """(N, 1, 150, 150) -> logits (N, 2) of the first stage's two classes, from ``base`` alone."""
        return self.screening(self.base(x))

    def features(self, x: Tensor) -> Tensor:
        """(N, 1, 150, 150) -> (N, 128, 4, 4)."""
        return self.further(self.base(x))
