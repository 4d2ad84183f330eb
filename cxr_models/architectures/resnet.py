"""ResNets of torchvision with a new last layer (CNN-X paper, table 1: ResNet18, 50, 101)."""

import torchvision
from torch import nn

from .classifier import Classifier, PooledLinear


class ResNet(Classifier):
    """(N, 3, H, W) -> logits (N, classes). name: a torchvision ResNet ("resnet18", "resnet50", "resnet101", ...)."""

    linear_head = True

    def __init__(self, name: str = "resnet18", classes: int = 3):
        super().__init__()
        net = torchvision.models.get_model(name, weights=None)
        self.encoder = nn.Sequential(*list(net.children())[:-2])
        self.head = PooledLinear(net.fc.in_features, classes)
