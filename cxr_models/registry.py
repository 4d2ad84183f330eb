"""Architectures by name. Adding a model is a builder here, a recipe and a manifest entry; no page changes."""

from torch import nn

from .architectures.cae import CAE
from .architectures.cnn_x import CNNX
from .architectures.coronet import CoroNet
from .architectures.hrnet import HRNet
from .architectures.resnet import ResNet
from .architectures.unet import UNet
from .errors import UnknownModel

BUILDERS = {
    "unet": UNet,
    "cae": CAE,
    "coronet": CoroNet,
    "hrnet": HRNet,
    "cnn_x": CNNX,
    "resnet": ResNet,
}


def build(architecture: str, settings: dict) -> nn.Module:
    """A fresh network with random weights. Raises UnknownModel listing the architectures there are."""
    if architecture not in BUILDERS:
        raise UnknownModel(f"No architecture {architecture!r}. There are: {', '.join(BUILDERS)}.")
    return BUILDERS[architecture](**settings)
