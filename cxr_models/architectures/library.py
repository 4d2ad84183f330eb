"""Networks of torchvision and timm without their last layers, and the way of their published weights into ours.

Nothing is ever downloaded here: every network starts from random weights, and ``from_reference`` takes a state dict.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import timm
import torchvision
from torch import Tensor, nn

from .classifier import Cells, Classifier

TIMM = {"inception_resnet_v2": "inception_resnet_v2", "xception": "legacy_xception"}  # what torchvision does not have
AUXILIARY = ("googlenet", "inception_v3")
HRNET = ("incre_modules.", "downsamp_modules.", "final_layer.")
LEFT_OUT = ("fc.", "classif", "aux", "AuxLogits.", *HRNET)  # names in the libraries of layers that ours do without
SHOWN = 3


class Network(NamedTuple):
    """size: side in pixels it was designed for. features: channels of its last maps. dropout: before its last layer.

    mean, std: a channel, what its ImageNet weights expect of an input in [0, 1]. cells: as ``Classifier.cells``.
    """

    size: int
    features: int
    dropout: float = 0.0
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    cells: tuple[Cells, ...] = ()


FIVE_HALVINGS = (Cells(slice(None), 0, 32),)  # each by a padded kernel of odd size, centred on every second pixel
HALF = ((0.5,) * 3, (0.5,) * 3)  # Google's networks: ported weights, which expect -1..1

NETWORKS = {
    "alexnet": Network(227, 256),
    "vgg16": Network(224, 512),
    "vgg19": Network(224, 512),
    "resnet18": Network(224, 512, cells=FIVE_HALVINGS),
    "resnet50": Network(224, 2048, cells=FIVE_HALVINGS),
    "resnet101": Network(224, 2048, cells=FIVE_HALVINGS),
    "resnet152": Network(224, 2048, cells=FIVE_HALVINGS),
    "googlenet": Network(224, 1024, 0.2, *HALF),
    "inception_v3": Network(299, 2048, 0.5, *HALF),
    "squeezenet1_1": Network(227, 512),
    "inception_resnet_v2": Network(299, 1536, 0.0, *HALF),
    "xception": Network(299, 2048, 0.0, *HALF),
    "densenet121": Network(224, 1024),
    "densenet201": Network(224, 1920),
    "efficientnet_b4": Network(380, 1792, 0.4),
}
NATIVE_SIZE = {name: network.size for name, network in NETWORKS.items()}  # pixels (CNN-X paper: MATLAB's networks)


def reference(name: str, classes: int = 1000) -> Any:
    """The library's own network, random weights, without auxiliary classifiers. name: a key of ``NETWORKS``.

    No activation works in place: hooks see what each layer gave (DenseNet's last ReLU otherwise overwrites it).
    """
    if name in TIMM:
        net = timm.create_model(TIMM[name], pretrained=False, num_classes=classes)
    else:
        auxiliary = {"aux_logits": False, "init_weights": True} if name in AUXILIARY else {}
        net = torchvision.models.get_model(name, weights=None, num_classes=classes, **auxiliary)
    for module in net.modules():
        if isinstance(module, nn.ReLU | nn.SiLU):
            module.inplace = False
    return net


def body(net: Any) -> tuple[nn.Module, dict[str, str]]:
    """All of the library's network up to its last maps, and which prefix of our names was which of the library's."""
    if hasattr(net, "reset_classifier"):  # timm
        net.reset_classifier(0, "")
        return net, {"encoder.": ""}
    if isinstance(net, torchvision.models.DenseNet):
        net.features.add_module("relu5", nn.ReLU())  # a function in torchvision's forward
    if hasattr(net, "features"):
        return net.features, {"encoder.": "features."}
    kept = [(name, m) for name, m in net.named_children() if name not in ("avgpool", "dropout", "fc")]
    origins = {f"encoder.{i}.": f"{name}." for i, (name, _) in enumerate(kept)}
    return nn.Sequential(*(m for _, m in kept)), origins


class FromLibrary(Classifier):
    """A classifier whose layers, all but the new last ones, are those of a library's network.

    names: which networks it can be. origins: prefix of our state-dict names -> prefix of the library's.
    """

    names: tuple[str, ...]
    origins: dict[str, str]

    def take(self, name: str, classes: int) -> Any:
        """Keep the body of the network ``name`` as ``encoder``; returns all of it. ValueError lists the valid names."""
        if name not in self.names:
            raise ValueError(f"There is no network {name!r} here. There are: {', '.join(self.names)}.")
        self.name, net = name, reference(name, classes)
        self.encoder, self.origins = body(net)
        self.cells = NETWORKS[name].cells
        return net

    def origin(self, name: str) -> str | None:
        """What a tensor of our state dict is called in the library's; None for one of a new layer."""
        theirs = (new + name.removeprefix(old) for old, new in self.origins.items() if name.startswith(old))
        return next(theirs, None)

    def from_reference(self, state: Mapping[str, Tensor]) -> None:
        """Take the weights of the library's network ``name``, given as its state dict; new layers stay as they are.

        Strict: ValueError says which tensors are missing, of another shape, or of another network.
        """
        own = self.state_dict()
        theirs = {name: origin for name in own if (origin := self.origin(name))}
        if wrong := _differences({origin: own[name] for name, origin in theirs.items()}, state):
            more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
            raise ValueError(
                f"These are not the weights of {self.name}: {'; '.join(wrong[:SHOWN])}{more}. "
                f"Give the whole state dict of the library's {self.name}."
            )
        self.load_state_dict(own | {name: state[origin] for name, origin in theirs.items() if origin in state})


def _differences(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> list[str]:
    """Sentences; old files have no batch counts (``num_batches_tracked``), and those do not matter in use."""
    missing = [n for n in wanted if n not in given and not n.endswith("num_batches_tracked")]
    shapes = [(n, tuple(given[n].shape), tuple(t.shape)) for n, t in wanted.items() if n in given]
    surplus = [n for n in given if n not in wanted and not n.startswith(LEFT_OUT)]
    return (
        [f"{n} is missing" for n in missing]
        + [f"{n} is {has} instead of {needs}" for n, has, needs in shapes if has != needs]
        + [f"{n} has no place" for n in surplus]
    )
