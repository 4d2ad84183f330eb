"""CNN-X (CNN-X paper, section 3 and figure 2): four parallel paths of 16 filters, pooled, joined, one linear layer.

The figure is lost. Three filter sizes and "four parallel layers" leave one path open: ours repeats 3x3, and each kind
of pooling serves two paths. Pooling is 2x2 with stride 3 (the paper's figure 1), so 224 becomes 75 and four
classes give 64 x 75 x 75 x 4 = 1.44 million weights, the paper's "about 1.4 million".
"""

import torch
from torch import Tensor, nn

from .classifier import Classifier

PATHS = ((3, nn.MaxPool2d), (5, nn.AvgPool2d), (9, nn.MaxPool2d), (3, nn.AvgPool2d))
FILTERS = 16


def path(kernel: int, pool: type[nn.Module]) -> nn.Sequential:
    """Convolution of ``FILTERS`` filters, batch norm, ReLU, pooling 2x2 with stride 3."""
    conv = nn.Conv2d(1, FILTERS, kernel, padding=kernel // 2)
    return nn.Sequential(conv, nn.BatchNorm2d(FILTERS), nn.ReLU(inplace=True), pool(2, stride=3))


class CNNX(Classifier):
    """(N, 1, size, size) -> logits (N, classes). The head is linear: its activation map is exact."""

    linear_head = True

    def __init__(self, size: int = 224, classes: int = 3):
        super().__init__()
        self.paths = nn.ModuleList(path(*p) for p in PATHS)
        side = (size - 2) // 3 + 1
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(len(PATHS) * FILTERS * side**2, classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.get_parameter("bias"))

    def features(self, x: Tensor) -> Tensor:
        """(N, 1, 224, 224) -> (N, 64, 75, 75)."""
        return torch.cat([p(x) for p in self.paths], dim=1)
