"""The only code that opens a weight file: find, verify, load and save weights.

Looked for in this order: the bundled file, the folder named by ``CXR_WEIGHTS``, the hub's cache, the hub itself.
Only safetensors are read, and only bytes whose SHA-256 is the manifest's: nothing is ever unpickled.
"""

import hashlib
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import safetensors.torch
import torch

from . import hub
from .errors import WeightsError, WeightsMismatch, WeightsMissing
from .manifest import Hub, ModelSpec, replace_file

FOLDER = "CXR_WEIGHTS"
SHOWN = 3
log = logging.getLogger(__name__)


class Found(NamedTuple):
    """A weight file on this machine, where it was found, and how to replace it when it is the wrong one."""

    path: Path
    where: str
    remedy: str


class Status(NamedTuple):
    """State of one model's weights: ``where`` they are or would come from, ok when verified, a sentence for people."""

    id: str
    where: str
    ok: bool
    sentence: str


def path(spec: ModelSpec) -> Path:
    """Where the weight file is, fetched from the hub if need be; its content is checked when it is read.

    Raises WeightsMissing with the remedy when it is nowhere to be had.
    """
    return _obtain(spec).path


def state_dict(spec: ModelSpec) -> dict[str, torch.Tensor]:
    """Tensor name -> tensor on the CPU, half precision widened to float32, integers as they are.

    Raises WeightsMissing, or WeightsMismatch when size, SHA-256 or format are not what the manifest says.
    """
    found = _obtain(spec)
    tensors = _parsed(_verified(spec, found), found)
    # safetensors gives them in another order at every call
    return {name: t.float() if t.is_floating_point() else t for name, t in sorted(tensors.items())}


def content(spec: ModelSpec) -> bytes:
    """The weight file itself, verified and seen to be safetensors; raises as ``state_dict`` does."""
    found = _obtain(spec)
    data = _verified(spec, found)
    _parsed(data, found)
    return data


def fetch(spec: ModelSpec) -> Path:
    """The hub's file in the hub's cache, downloaded if need be and verified, whatever else is on this machine.

    Raises WeightsMissing, also when the entry names no hub, or WeightsMismatch.
    """
    found = _fetched(spec)
    _verified(spec, found)
    return found.path


def load_into(module: torch.nn.Module, spec: ModelSpec) -> None:
    """Fill ``module`` with the weights of ``spec``; every name and shape must agree, or WeightsMismatch lists them."""
    state = state_dict(spec)
    wrong = _differences({k: tuple(v.shape) for k, v in module.state_dict().items()}, state)
    if wrong:
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise WeightsMismatch(
            f"The weights of {spec.id} do not fit its architecture, {spec.architecture!r}: "
            f"{'; '.join(wrong[:SHOWN])}{more}. Correct architecture and settings in the manifest, or train again."
        )
    module.load_state_dict(state, strict=True)


def save(module: torch.nn.Module, path: Path | str) -> tuple[str, int]:
    """Write ``module`` to ``path`` as half-precision safetensors; (SHA-256 in hex, size in bytes) for the manifest.

    A tensor with a value beyond half precision (65504) stays in float32, and the log says which. Raises WeightsError
    when a value is not finite: such a training went wrong.
    """
    data = safetensors.torch.save({name: _stored(name, tensor) for name, tensor in module.state_dict().items()})
    replace_file(path, data)
    return hashlib.sha256(data).hexdigest(), len(data)


def status(specs: Mapping[str, ModelSpec]) -> list[Status]:
    """One line a model, in the manifest's order; reads and verifies what is on this machine, downloads nothing."""
    return [_status(spec) for spec in specs.values()]


def _status(spec: ModelSpec) -> Status:
    found = None
    try:
        if found := _find(spec):
            _verified(spec, found)
            return Status(spec.id, found.where, True, f"Verified by SHA-256, {spec.size / 1e6:.1f} MB.")
    except WeightsError as error:
        return Status(spec.id, found.where if found else "nowhere", False, str(error))
    if spec.hub:
        sentence = f"Not on this machine; fetched at first use ({spec.size / 1e6:.1f} MB)."
        return Status(spec.id, f"hub {spec.hub.repo}", False, sentence)
    return Status(spec.id, "nowhere", False, _nowhere(spec))


def _find(spec: ModelSpec) -> Found | None:
    """The weight file, if it is on this machine."""
    if spec.bundled_path and spec.bundled_path.is_file():
        remedy = f"Restore it with `git checkout -- {spec.bundled}` in {spec.folder}."
        return Found(spec.bundled_path, "bundled", remedy)
    if folder := os.environ.get(FOLDER):
        for file in (Path(folder) / Path(name).name for name in _names(spec)):
            if file.is_file():
                return Found(file, f"folder {folder}", f"Put the right file there, or unset {FOLDER}.")
    if spec.hub and (cached := hub.cached(spec.hub)):
        return _in_cache(spec.hub, cached)
    return None


def _obtain(spec: ModelSpec) -> Found:
    if found := _find(spec):
        return found
    if not spec.hub:
        raise WeightsMissing(_nowhere(spec))
    return _fetched(spec)


def _fetched(spec: ModelSpec) -> Found:
    if not spec.hub:
        raise WeightsMissing(f"The manifest names no hub for {spec.id}: push it to one first, or use its bundled file.")
    by_hand = f", or put {Path(spec.hub.file).name} into a folder named by {FOLDER}"
    return _in_cache(spec.hub, hub.fetch(spec.hub, f"The weights of {spec.id} are not on this machine", by_hand))


def _in_cache(place: Hub, file: Path) -> Found:
    """``file`` is a link; what must be deleted before the hub's file is fetched anew is what it points to."""
    remedy = f"Delete {file.resolve()} and try again; if nothing changes, the hub's file is not the manifest's."
    return Found(file, f"cache of hub {place.repo}", remedy)


def _nowhere(spec: ModelSpec) -> str:
    folder = os.environ.get(FOLDER)
    looked = f"{folder} ({FOLDER}) does not have it either" if folder else f"{FOLDER} names no folder"
    return (
        f"The weights of {spec.id} are missing: there is no {spec.bundled_path}, {looked}, and the manifest names no "
        f"hub. Restore the file with `git checkout -- {spec.bundled}` in {spec.folder}."
    )


def _names(spec: ModelSpec) -> list[str]:
    return [name for name in (spec.bundled, spec.hub and spec.hub.file) if name]


def _verified(spec: ModelSpec, found: Found) -> bytes:
    """The file's bytes, read once, so that what was hashed is what is parsed."""
    try:
        with found.path.open("rb") as file:
            data = file.read(spec.size + 1)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise WeightsMissing(f"{found.path} cannot be read ({error.strerror}). {found.remedy}") from error
    if len(data) != spec.size:
        raise WeightsMismatch(
            f"{found.path} has {size} bytes where the manifest says {spec.size} for {spec.id}: cut short, or another "
            f"file. {found.remedy}"
        )
    if hashlib.sha256(data).hexdigest() != spec.sha256:
        raise WeightsMismatch(
            f"{found.path} is not the file that the manifest names for {spec.id}: its SHA-256 differs. {found.remedy}"
        )
    return data


def _parsed(data: bytes, found: Found) -> dict[str, torch.Tensor]:
    try:
        return safetensors.torch.load(data)
    except safetensors.SafetensorError as error:
        raise WeightsMismatch(f"{found.path} is not a safetensors file ({error}). {found.remedy}") from error


def _differences(wanted: dict[str, tuple[int, ...]], state: dict[str, torch.Tensor]) -> list[str]:
    missing = [f"{name} is missing" for name in wanted if name not in state]
    unknown = [f"{name} is unknown" for name in state if name not in wanted]
    shapes = [
        f"{name} is {tuple(state[name].shape)} instead of {shape}"
        for name, shape in wanted.items()
        if name in state and tuple(state[name].shape) != shape
    ]
    return missing + unknown + shapes


def _stored(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """A copy for the file: floating point as float16 where it fits, everything else as it is."""
    tensor = tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
    if not tensor.is_floating_point():
        return tensor
    if not tensor.isfinite().all():
        raise WeightsError(f"{name} has values that are not finite: the training diverged, do not keep its weights.")
    half = tensor.half()
    if half.isfinite().all():
        return half
    log.warning("%s holds %g, beyond half precision: kept in float32.", name, tensor.abs().max().item())
    return tensor.float()
