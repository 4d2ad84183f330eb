from dataclasses import replace

import pandas as pd
import pytest
import torch
from torch import nn

from cxr_models.imaging.preprocess import InputSpec
from cxr_models.training.recipes import Stage
from cxr_models.training.settle import settle
from cxr_models.training.stage import Material
from cxr_models.training.tasks import Films

STAGE = Stage("one", "Classify", epochs=1, batch=2, lr=1e-3, size=32)
GREY = InputSpec(32, 1, (0.0,), (1.0,))
ROWS = pd.DataFrame({"split": ["train"] * 4 + ["val"], "label": "normal"})


class Net(nn.Module):
    """A batch norm on the film itself, so that its statistics are those of the films."""

    def __init__(self):
        super().__init__()
        self.first = nn.BatchNorm2d(1)
        self.frozen = nn.BatchNorm2d(1)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 3))

    def forward(self, x):
        return self.head(self.first(x) + self.frozen(x))


@pytest.fixture
def given():
    """Four training films of grey 0, 51, 102 and 255 (mean 0.4), and a validation film that must not count."""
    grey = torch.tensor([0, 51, 102, 255, 255], dtype=torch.uint8).view(5, 1, 1).expand(5, 32, 32).contiguous()
    return Material(ROWS, Films(grey, torch.zeros(5, dtype=torch.int64)), GREY)


def test_statistics_are_those_of_training_films_without_augmentation(given):
    net = Net()
    before = net.head[2].weight.clone()
    settle(net, replace(STAGE, frozen=("frozen",)), given)
    assert net.first.running_mean.item() == pytest.approx(0.4, abs=2e-3)  # bf16
    assert net.first.momentum == 0.1 and not net.training
    assert net.frozen.running_mean.item() == 0 and torch.equal(net.head[2].weight, before)


def test_a_stage_without_augmentation_has_nothing_to_settle(given):
    net = Net()
    settle(net, replace(STAGE, augment=""), given)
    assert net.first.running_mean.item() == 0
