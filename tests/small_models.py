"""A manifest of three small models with weights that can be followed by hand, and a film on which they agree.

The film is grey 0.8 with two dark boxes, its lungs. The UNet answers logit 20 (0.5 - x), so that dark means lung;
both classifiers are CNN-X, one of them on the lungs alone. No gate: the film is read with a warning.
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from cxr_models import manifest, registry, weights
from cxr_models.imaging.preprocess import InputSpec
from cxr_models.types import Film

GREY = InputSpec(64, 1, (0.0,), (1.0,))
LUNGS = InputSpec(64, 1, (0.5,), (0.25,), "lungs")
BOXES = (slice(60, 240), slice(40, 120)), (slice(60, 240), slice(200, 270))
MODELS = {
    "unet": ("unet", {"widths": (2, 2, 2, 2, 2)}, ("lungs",), InputSpec(512, 1, (0.0,), (1.0,))),
    "whole": ("cnn_x", {"size": 64, "classes": 3}, ("covid19", "normal", "pneumonia"), GREY),
    "inside": ("cnn_x", {"size": 64, "classes": 2}, ("covid19", "non_covid19"), LUNGS),
}
TRAINING = manifest.Training({"none": 1}, 1, 1.0, 0, "CPU", 1.0, "", "random", "none", datetime.date(2026, 1, 1))


def film(name: str = "Film 1") -> Film:
    """(320, 300): two lungs of 180 x 80 and 180 x 70 pixels."""
    pixels = np.full((320, 300), 0.8, np.float32)
    for box in BOXES:
        pixels[box] = 0.2
    return Film(pixels, "ab" * 32, name, "phantom")


def entry(model_id: str, folder: Path, net: nn.Module | None = None, **changes: object) -> manifest.ModelSpec:
    """The manifest's entry of a model, its weights written into ``folder``."""
    architecture, settings, classes, size = MODELS[model_id]
    net = net or registry.build(architecture, settings)
    sha256, length = weights.save(net, folder / f"{model_id}.safetensors")
    covid = classes[0] == "covid19"
    values = dict(
        id=model_id, title=model_id.title(), family="tests", paper="None", architecture=architecture,
        settings=settings, bundled=f"{model_id}.safetensors", sha256=sha256, size=length, licence="MIT",
        classes=classes, thresholds={"covid19": 0.5} if covid else {}, thresholds_chosen="by hand",
        precision="f32", cam_layer="paths", limits="A test.", input=size, training=TRAINING, folder=folder,
    )  # fmt: skip
    return manifest.ModelSpec(**(values | changes))


def dark_is_lung() -> nn.Module:
    """The UNet with one path left: grey value through the first level, its skip and the last level, then the logit."""
    net = registry.build("unet", MODELS["unet"][1])
    for p in net.parameters():
        nn.init.zeros_(p)
    with torch.no_grad():
        for level, channel in ((net.down[0], 0), (net.merge[0], 2)):
            level[0].weight[0, channel, 1, 1] = level[2].weight[0, 0, 1, 1] = 1
        net.out.weight[0, 0], net.out.bias[0] = -20, 10
    return net


@contextmanager
def installed(folder: Path) -> Iterator[Path]:
    """The three models in ``folder`` are the manifest's, converted networks are kept there too; yields the folder."""
    torch.manual_seed(0)
    nets = {"unet": dark_is_lung()}
    manifest.write({name: entry(name, folder, nets.get(name)) for name in MODELS}, folder / "weights_manifest.toml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CXR_MANIFEST", str(folder / "weights_manifest.toml"))
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        registry.clear()
        yield folder
        registry.clear()
