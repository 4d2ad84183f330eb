"""Networks and maps whose checks are known beforehand."""

import numpy as np
import torch
from explain.tiny import SIZE
from torch import nn

from cxr_models.architectures.classifier import Classifier, PooledLinear
from cxr_models.types import Lungs, Map


class Learned(Classifier):
    """Has learned where to look for fine detail: most at row 5, column 2 of 8 x 8 cells, less the farther away."""

    linear_head = True

    def __init__(self):
        super().__init__()
        self.filter = nn.Conv2d(1, 1, (1, 2), bias=False)
        self.filter.load_state_dict({"weight": torch.tensor([[[[-1.0, 1.0]]]])})
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
        rows, columns = torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij")
        where = torch.exp(-((rows - 5) ** 2 + (columns - 2) ** 2) / 4.5).flatten()
        weight = torch.stack([12 * where / where.sum(), torch.zeros(64)])
        self.head[-1].load_state_dict({"weight": weight, "bias": torch.tensor([-4.0, 0])})

    def features(self, x):
        return nn.functional.adaptive_avg_pool2d(self.filter(x).square(), 8)


class Rebuilds(Classifier):
    """An autoencoder of one filter that copies the film moved by one pixel."""

    linear_head = True

    def __init__(self):
        super().__init__()
        self.filter = nn.Conv2d(1, 1, 3, padding=1, bias=False)
        self.head = PooledLinear(1, 2)
        copy = torch.zeros(1, 1, 3, 3)
        copy[0, 0, 1, 0] = 1
        self.filter.load_state_dict({"weight": copy})
        self.head[-1].load_state_dict({"weight": torch.tensor([[2.0], [-1.0]]), "bias": torch.zeros(2)})

    def features(self, x):
        return nn.functional.avg_pool2d(x, 8)

    def reconstruct(self, x):
        return self.filter(x)


def spots():
    """A dim film of 128 x 128 pixels with bright spots, none the mirror image of another."""
    film = np.full((SIZE, SIZE), 0.2, np.float32)
    for row, column, grey in ((10, 14, 1.0), (14, 30, 0.8), (40, 12, 0.9), (50, 41, 0.7)):
        film[row : row + 3, column : column + 3] = grey
    return np.kron(film, np.ones((2, 2), np.float32))


def a_map(values, method="cam", signed=True, target="covid19", model="pooled", **extra):
    return Map(np.asarray(values, np.float32), model, method, target, signed, "a test", extra=extra)


def two_lungs(shape=(100, 100)):
    """Of 100 x 100: the right one in columns 15 to 39, the left one in 60 to 84, both in rows 20 to 79."""
    rows, columns = (np.arange(side) * 100 // side for side in shape)
    beside = ((columns >= 15) & (columns < 40)) | ((columns >= 60) & (columns < 85))
    return ((rows >= 20) & (rows < 80))[:, None] & beside


def lungs_of(mask):
    return Lungs(mask, float(mask.mean()), (float(mask.mean()),), 1.0)
