"""``weights_manifest.toml``: what every network is, where its weights are, and what was measured with it.

One table a model, in the order in which readers see them. A key that is unknown, missing or of the wrong type is a
``ManifestError`` that names the entry, the field and what would be valid; nothing is guessed.
"""

import datetime
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from . import tables
from .errors import ManifestError
from .imaging.preprocess import InputSpec
from .types import COVID19

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# One table a model, in the order readers see. Written by cxr_models.manifest; comments are not kept.\n"
REPO = r"(?!.*(--|\.\.|\.git$))\b[\w.-]+\b/\b[\w.-]{1,96}\b"  # what huggingface_hub accepts, with an owner
NOT_IN_FILE = ("id", "folder")


@dataclass(frozen=True)
class Hub:
    """A file on a model hub. repo: "owner/name". revision: the 40 hex digits of a commit, never a branch or a tag."""

    repo: str
    revision: str
    file: str


@dataclass(frozen=True)
class Training:
    """How the weights came to be.

    data: source -> number of films used for training. films_seen: with repetitions over ``epochs``. minutes: of the
    whole training on ``device``. shortened: one plain sentence saying how short the training was, "" if it ran to
    its end. initialisation: random, or from which weights. split: how films were kept apart for testing.
    """

    data: dict[str, int]
    films_seen: int
    epochs: float
    seed: int
    device: str
    minutes: float
    shortened: str
    initialisation: str
    split: str
    date: datetime.date


@dataclass(frozen=True)
class Result:
    """One measured figure with its 95 % interval [low, high], over ``n`` films of ``data``, printed by ``command``."""

    name: str
    value: float
    low: float
    high: float
    n: int
    data: str
    command: str


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """One entry of the manifest, checked at construction (ManifestError names the entry, the field, the valid values).

    bundled: weights file relative to the manifest; hub: where else to get it; at least one of them. sha256, size:
    of the weights file, in hex and bytes. classes: in the order of the network's outputs, COVID-19 first; empty or
    ("lungs",) for the network that finds the lungs. thresholds: class -> operating point in [0, 1] on the calibrated
    probability. temperature: logits are divided by it, 1.0 = not calibrated. precision: what the fast path may
    compute in. limits: what this model cannot say. folder: that of the manifest, not written to the file.
    ``architecture`` is a key of ``registry.BUILDERS``, checked there, as are the ``settings`` for its builder.
    """

    id: str
    title: str
    family: str
    paper: str
    architecture: str
    settings: dict[str, object] = field(default_factory=dict)
    bundled: str | None = None
    hub: Hub | None = None
    sha256: str
    size: int
    licence: str
    classes: tuple[str, ...]
    thresholds: dict[str, float] = field(default_factory=dict)
    thresholds_chosen: str = ""
    temperature: float = 1.0
    precision: Literal["bf16", "f32"]
    cam_layer: str = ""
    limits: str
    input: InputSpec
    training: Training
    results: tuple[Result, ...] = ()
    folder: Path = field(default=ROOT, compare=False)

    def __post_init__(self) -> None:
        for name, value in tables.fitted(ModelSpec, vars(self), self.id).items():
            object.__setattr__(self, name, value)
        for holds, where, wanted in _rules(self):
            if not holds:
                raise ManifestError(f"{self.id}.{where}: {wanted}.")

    @property
    def bundled_path(self) -> Path | None:
        """Where the bundled file should be; None when the entry has none."""
        return self.folder / self.bundled if self.bundled else None

    @property
    def threshold(self) -> float:
        """Operating point in [0, 1] on the first class. Raises KeyError when the entry states none."""
        return self.thresholds[self.classes[0]]


def in_use() -> Path:
    """The manifest that is read and written: $CXR_MANIFEST, else the one beside the package."""
    return Path(os.environ.get("CXR_MANIFEST") or ROOT / "weights_manifest.toml")


def specs(path: Path | str | None = None) -> dict[str, ModelSpec]:
    """Model id -> its entry, in file order, from ``path``, else from the manifest ``in_use``.

    Raises ManifestError when the file is absent, no TOML, or an entry is wrong.
    """
    file = Path(path) if path else in_use()
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        remedy = "restore it with `git checkout weights_manifest.toml` or name another in CXR_MANIFEST"
        raise ManifestError(f"{file} cannot be read ({error.strerror}): {remedy}.") from error
    except ValueError as error:
        raise ManifestError(f"{file} is not valid TOML: {error}.") from error
    try:
        return {name: _entry(name, table, file.resolve().parent) for name, table in entries.items()}
    except ManifestError as error:
        raise ManifestError(f"{file.name}, entry {error}") from error


def write(entries: Mapping[str, ModelSpec], path: Path | str) -> None:
    """Write ``entries`` in their order as TOML; the file is replaced whole or not at all."""
    lines = [HEADER]
    for spec in entries.values():
        lines += tables.lines(spec.id, {name: value for name, value in vars(spec).items() if name not in NOT_IN_FILE})
    replace_file(path, "\n".join(lines).encode())


def update(path: Path | str, spec: ModelSpec) -> None:
    """Replace the entry of ``spec.id`` in place, or add it last; a manifest that is not there yet is begun.

    Raises ManifestError, leaving the file alone, when another entry is wrong.
    """
    known = specs(path) if Path(path).exists() else {}
    write(known | {spec.id: spec}, path)


def replace_file(path: Path | str, content: bytes) -> None:
    """Write ``content`` beside ``path`` and move it there, so that no reader ever sees half a file."""
    beside = Path(f"{path}.{os.getpid()}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _entry(name: str, table: object, folder: Path) -> ModelSpec:
    return ModelSpec(id=name, folder=folder, **tables.keys(ModelSpec, table, name, NOT_IN_FILE))


def _rules(spec: ModelSpec) -> Iterator[tuple[bool, str, str]]:
    """(holds, field, what is wanted) for everything that the types do not say."""
    yield _is(r"[a-z0-9][a-z0-9_-]*", spec.id), "id", "small letters, digits, - and _ only"
    for name in ("title", "family", "paper", "architecture", "licence", "limits"):
        yield bool(getattr(spec, name).strip()), name, "must not be empty"
    yield bool(spec.bundled or spec.hub), "bundled", "give a bundled file, a hub, or both"
    if spec.bundled is not None:
        yield _is_weights_file(spec.bundled), "bundled", f"{spec.bundled!r} is no relative path of a .safetensors file"
    if hub := spec.hub:
        yield _is(REPO, hub.repo), "hub.repo", f"{hub.repo!r} is not of the form owner/name"
        yield _is(r"[0-9a-f]{40}", hub.revision), "hub.revision", f"{hub.revision!r} is not a commit (40 hex digits)"
        yield _is_weights_file(hub.file), "hub.file", f"{hub.file!r} is no relative path of a .safetensors file"
    yield _is(r"[0-9a-f]{64}", spec.sha256), "sha256", f"{spec.sha256!r} is not 64 small hex digits"
    yield spec.size > 0, "size", f"{spec.size} is not above 0 bytes"
    yield spec.temperature > 0, "temperature", f"{spec.temperature} is not above 0"
    yield from _class_rules(spec)
    yield from _training_rules(spec.training)
    for i, r in enumerate(spec.results):
        yield bool(r.name and r.data and r.command), f"results[{i}]", "name, data and command must not be empty"
        yield r.low <= r.value <= r.high, f"results[{i}].value", f"{r.value} is not within [{r.low}, {r.high}]"
        yield r.n > 0, f"results[{i}].n", f"{r.n} films measure nothing"


def _class_rules(spec: ModelSpec) -> Iterator[tuple[bool, str, str]]:
    yield len(set(spec.classes)) == len(spec.classes), "classes", "a class is listed twice"
    if COVID19 in spec.classes:
        yield spec.classes[0] == COVID19, "classes", f"{COVID19} must come first"
        yield COVID19 in spec.thresholds, "thresholds", f"the operating point on {COVID19} is missing"
        yield bool(spec.cam_layer), "cam_layer", "a classifier must name the layer whose map is shown"
    for name, value in spec.thresholds.items():
        yield name in spec.classes, f"thresholds.{name}", f"not one of the classes {', '.join(spec.classes)}"
        yield 0 <= value <= 1, f"thresholds.{name}", f"{value} is not within [0, 1]"
    yield bool(spec.thresholds_chosen) or not spec.thresholds, "thresholds_chosen", "say how thresholds were chosen"


def _training_rules(training: Training) -> Iterator[tuple[bool, str, str]]:
    yield bool(training.data), "training.data", "name at least one source"
    for source, count in training.data.items():
        yield count > 0, f"training.data.{source}", f"{count} films were not trained on"
    for name in ("films_seen", "epochs", "minutes"):
        value = getattr(training, name)
        yield value >= 0, f"training.{name}", f"{value} is below 0"
    for name in ("device", "initialisation", "split"):
        yield bool(getattr(training, name).strip()), f"training.{name}", "must not be empty"


def _is(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def _is_weights_file(text: str) -> bool:
    file = PurePosixPath(text)
    return file.suffix == ".safetensors" and not file.is_absolute() and ".." not in file.parts and "\\" not in text
