"""The fast path: a network of torch compiled for this CPU by OpenVINO, in bf16 where the CPU computes in it.

What OpenVINO cannot take runs in torch, in float32: slower, with the same answer. Converting a network takes seconds,
compiling it tenths of one, so the converted form is kept in the user's cache folder (``XDG_CACHE_HOME``), under a key
of weights, code and library versions. It holds weights and nothing of any film, and may be deleted at any time.
"""

import hashlib
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import torch
from torch import Tensor, nn

from . import architectures

LIBRARIES = ("openvino", "torch", "torchvision", "timm")
IR = "network.xml"
log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Engine:
    """A compiled network. name: what computes, for example "OpenVINO bf16". run: (1, C, S, S) float32 -> float32.

    Not to be called by two threads at once.
    """

    name: str
    run: Callable[[np.ndarray], np.ndarray]


class Maps(nn.Module):
    """The part worth compiling: a classifier's feature maps, of any other network all of it."""

    def __init__(self, net: nn.Module):
        super().__init__()
        self.net: Any = net

    def forward(self, x: Tensor) -> Tensor:
        return self.net.features(x) if hasattr(self.net, "features") else self.net(x)


def compile_maps(net: nn.Module, shape: tuple[int, ...], precision: str, key: str) -> Engine:
    """``Maps`` of ``net`` for inputs of exactly ``shape`` (N, C, H, W).

    precision: "bf16" or "f32", the first only where the CPU has it. key: names weights and settings of the network, in
    letters that a file name may have; the converted network is kept under it.
    """
    maps = Maps(net).eval()
    try:
        return _openvino(_converted(maps, shape, key), precision)
    except Exception as error:  # a compiler fails in ways of its own, and torch can do without it
        log.info("%s runs in PyTorch: OpenVINO cannot take it (%s).", type(net).__name__, error)
        return Engine("PyTorch f32", _plain(maps))


@cache
def has_bf16() -> bool:
    """Whether this CPU computes in bf16, so that it is faster and not slower than float32."""
    return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _openvino(model: openvino.Model, precision: str) -> Engine:
    bf16 = precision == "bf16" and has_bf16()
    hints = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32",
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "ENABLE_CPU_PINNING": False,  # torch and other readers' threads live on the same cores
    }
    request = _core().compile_model(model, "CPU", hints).create_infer_request()
    return Engine(f"OpenVINO {'bf16' if bf16 else 'f32'}", lambda x: request.infer([x])[0])


def _plain(maps: nn.Module) -> Callable[[np.ndarray], np.ndarray]:
    @torch.no_grad()
    def run(x: np.ndarray) -> np.ndarray:
        return maps(torch.from_numpy(x)).numpy()

    return run


def _converted(maps: nn.Module, shape: tuple[int, ...], key: str) -> openvino.Model:
    """From the cache, else converted and put there if the folder can be written."""
    folder = _cache_folder() / f"{key}-{'x'.join(map(str, shape))}-{_code()}"
    try:
        return _core().read_model(folder / IR)
    except RuntimeError:
        model = _convert(maps, shape)
    try:
        _keep(model, folder)
    except OSError as error:
        log.info("The converted network is not kept: %s.", error)
    return model


@torch.no_grad()
def _convert(maps: nn.Module, shape: tuple[int, ...]) -> openvino.Model:
    example = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    with warnings.catch_warnings():  # tracing is deprecated, but the front end reads it best and fastest
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(maps, example, strict=False, check_trace=False)
        return openvino.convert_model(traced, example_input=example, input=[shape])


def _keep(model: openvino.Model, folder: Path) -> None:
    """Written beside and moved into the place of what could not be read: no other process ever reads half of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        openvino.save_model(model, beside / IR, compress_to_fp16=False)
        shutil.rmtree(folder, ignore_errors=True)
        beside.replace(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "cxr_models"


@cache
def _core() -> openvino.Core:
    return openvino.Core()


@cache
def _code() -> str:
    """16 hex digits that change with the networks' code and the libraries that convert them."""
    digest = hashlib.sha256("".join(version(name) for name in LIBRARIES).encode())
    for file in sorted(Path(architectures.__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
