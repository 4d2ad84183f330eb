"""The networks fine-tuned in the CNN-X paper and those the HRNet paper compares with, each with a new last layer.

Auxiliary classifiers of GoogLeNet and Inception v3 are left out: only training would use them, and neither paper says
that it did. Sizes in ``library.NATIVE_SIZE``.
"""

from torch import nn

from .classifier import PooledLinear
from .library import NETWORKS, FromLibrary


class Pooled(FromLibrary):
    """(N, 3, H, W) -> logits (N, classes): the library's maps, their mean, its dropout, one linear layer."""

    linear_head = True
    names: tuple[str, ...] = (
        "googlenet",
        "inception_v3",
        "inception_resnet_v2",
        "xception",
        "densenet121",
        "densenet201",
        "efficientnet_b4",
    )

    def __init__(self, name: str = "densenet121", classes: int = 3):
        super().__init__()
        self.take(name, classes)
        self.head = PooledLinear(NETWORKS[name].features, classes, NETWORKS[name].dropout)


class ResNet(Pooled):
    """ResNets of torchvision (CNN-X paper, table 1: ResNet18, 50, 101; HRNet paper: ResNet152)."""

    names = ("resnet18", "resnet50", "resnet101", "resnet152")

    def __init__(self, name: str = "resnet18", classes: int = 3):
        super().__init__(name, classes)


class FullyConnected(FromLibrary):
    """(N, 3, H, W) -> logits (N, classes). Two layers of 4096 units keep the library's weights, the last one is new.

    Their ReLUs make the head bend: no exact class activation map.
    """

    linear_head = False
    names = ("alexnet", "vgg16", "vgg19")

    def __init__(self, name: str = "alexnet", classes: int = 3):
        super().__init__()
        net = self.take(name, classes)
        self.head = nn.Sequential(net.avgpool, nn.Flatten(), *net.classifier)
        self.origins |= {f"head.{2 + i}.": f"classifier.{i}." for i in range(len(net.classifier) - 1)}


class SqueezeNet(FromLibrary):
    """(N, 3, H, W) -> logits (N, classes), none below zero.

    Version 1.1, as MATLAB's ``squeezenet`` is. One 1x1 convolution a class, ReLU, and only then the mean: because of
    that ReLU, which the published network has, the head is not linear.
    """

    linear_head = False
    names = ("squeezenet1_1",)

    def __init__(self, name: str = "squeezenet1_1", classes: int = 3):
        super().__init__()
        net = self.take(name, classes)
        self.head = nn.Sequential(*net.classifier, nn.Flatten())
