"""Architectures by name, and models ready to run. Adding a model is a builder here, a recipe and a manifest entry."""

import hashlib
import inspect
import json
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from . import manifest, weights
from .architectures.baselines import FullyConnected, Pooled, ResNet, SqueezeNet
from .architectures.cae import CAE
from .architectures.cnn_x import CNNX
from .architectures.coronet import CoroNet
from .architectures.custom_cnn import CustomCNN
from .architectures.gate_net import GateNet
from .architectures.hrnet import HRNet
from .architectures.transfer import Transfer
from .architectures.unet import UNet
from .engine import Engine, compile_maps
from .errors import ManifestError, UnknownModel
from .manifest import ModelSpec

BUILDERS = {
    "unet": UNet,
    "cae": CAE,
    "coronet": CoroNet,
    "hrnet": HRNet,
    "cnn_x": CNNX,
    "resnet": ResNet,
    "pooled": Pooled,
    "fully_connected": FullyConnected,
    "squeezenet": SqueezeNet,
    "transfer": Transfer,
    "custom_cnn": CustomCNN,
    "gate_net": GateNet,
}
_loaded: dict[str, "LoadedModel"] = {}
_loading = Lock()


def build(architecture: str, settings: dict) -> nn.Module:
    """A fresh network with random weights. Raises UnknownModel listing the architectures there are, ManifestError."""
    if architecture not in BUILDERS:
        raise UnknownModel(f"No architecture {architecture!r}. There are: {', '.join(BUILDERS)}.")
    builder = BUILDERS[architecture]
    try:
        inspect.signature(builder).bind(**settings)
    except TypeError as error:
        valid = ", ".join(inspect.signature(builder).parameters) or "none"
        raise ManifestError(f"Settings of architecture {architecture}: {error}; the valid ones: {valid}.") from error
    try:
        return builder(**settings)
    except ValueError as error:
        raise ManifestError(f"Settings of architecture {architecture}: {error}") from error


@dataclass(eq=False)
class LoadedModel:
    """A network with its weights, shared by all readers of this process: hold ``lock`` while using ``module``.

    module: float32, in eval mode, its parameters without gradients. engine: the compiled feature maps. The maps of the
    last input are remembered, so that explaining an answer does not compute them a second time.
    """

    spec: ModelSpec
    module: Any  # a torch module; typed so, mypy would take its methods for tensors
    engine: Engine
    lock: RLock = field(default_factory=RLock)
    _last: tuple[np.ndarray, Tensor] | None = None

    def maps(self, x: np.ndarray) -> Tensor:
        """(1, C, S, S) float32 -> feature maps (1, F, h, w) of a classifier; of the UNet, its logits (1, 1, S, S)."""
        with self.lock:
            if self._last is None or not np.array_equal(self._last[0], x):
                self._last = x.copy(), torch.from_numpy(self.engine.run(x))
            return self._last[1].clone()

    def run(self, x: np.ndarray) -> tuple[Tensor, Tensor]:
        """(1, C, S, S) float32 -> logits (1, K) and feature maps (1, F, h, w), float32, without gradients."""
        with self.lock, torch.no_grad():
            features = self.maps(x)
            return self.module.head(features), features


def load(model_id: str) -> LoadedModel:
    """The model of this id, loaded once a process. Raises UnknownModel listing the ids, WeightsError, ManifestError."""
    found = _loaded.get(model_id)
    if found is None:
        with _loading:
            found = _loaded.get(model_id) or _load(spec(model_id))
            _loaded[model_id] = found
    return found


def spec(model_id: str) -> ModelSpec:
    """A model's entry, of a loaded one as it was then. Raises UnknownModel listing the ids there are, ManifestError."""
    if loaded := _loaded.get(model_id):
        return loaded.spec
    known = manifest.specs()
    if model_id not in known:
        raise UnknownModel(f"There is no model {model_id!r}. There are: {', '.join(known)}.")
    return known[model_id]


def clear() -> None:
    """Forget every loaded model, so that a changed manifest or changed weights are read anew."""
    with _loading:
        _loaded.clear()


def _load(spec: ModelSpec) -> LoadedModel:
    module = build(spec.architecture, spec.settings).eval().requires_grad_(False)
    weights.load_into(module, spec)
    module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # convolves faster
    shape = (1, spec.input.channels, spec.input.size, spec.input.size)
    settings = hashlib.sha256(json.dumps([spec.architecture, spec.settings], sort_keys=True).encode()).hexdigest()
    return LoadedModel(spec, module, compile_maps(module, shape, spec.precision, f"{spec.sha256[:16]}-{settings[:8]}"))
