"""How each system is trained: one readable file of values a system, ``<id>.toml`` in this folder.

A file states our values and, under ``[[differences]]``, the paper's where ours differ, with the reason. ``like`` names
another recipe whose values hold where the file states none; stages, settings and differences are replaced whole.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ... import tables
from ...errors import ManifestError, TrainingError, UnknownModel
from ...imaging.preprocess import InputSpec
from ...types import THREE_CLASSES

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Stage:
    """One run of the optimiser.

    task: a key of ``tasks.TASKS``. films: drawn an epoch, 0 = all. size: side in pixels the film is shown at; with
    ``crop`` a window of that side instead. labels: only films of these classes (all if empty). part: the submodule a
    task trains alone. frozen: submodules that do not learn. lr: the peak. schedule: "cycle" warms up over 15 % of the
    steps and falls as a cosine, "flat" stays. patience: epochs without a better validation loss before it stops, 0 =
    never. weighted: classes count by the inverse of their number. augment: a key of ``augment.PRESETS``, "" for none.
    """

    name: str
    task: str
    epochs: int
    batch: int
    lr: float
    size: int
    films: int = 0
    crop: bool = False
    labels: tuple[str, ...] = ()
    part: str = ""
    frozen: tuple[str, ...] = ()
    optimizer: Literal["adamw", "sgd"] = "adamw"
    momentum: float = 0.9
    weight_decay: float = 1e-4
    schedule: Literal["cycle", "flat"] = "cycle"
    patience: int = 0
    weighted: bool = False
    augment: str = "ours"


@dataclass(frozen=True)
class Difference:
    """A value in which we leave the paper, and why."""

    what: str
    paper: str
    ours: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a system is, what a reader is told about it that no measurement says, and its stages in order.

    init: "random", "imagenet" (fetched), "cae" (its encoder is first trained as an autoencoder on films without
    labels) or the folder of a run. store: side in pixels at which decoded films are kept. precision: the one that holds
    its answers to those in float32. paper_training: how long the paper trained.
    """

    id: str
    title: str
    family: str
    paper: str
    architecture: str
    input: InputSpec
    stages: tuple[Stage, ...]
    limits: str
    paper_training: str
    cam_layer: str = ""
    precision: Literal["bf16", "f32"] = "bf16"
    init: str = "random"
    settings: dict[str, object] = field(default_factory=dict)
    classes: tuple[str, ...] = THREE_CLASSES
    store: int = 224
    differences: tuple[Difference, ...] = ()


def ids() -> list[str]:
    """Every system with a recipe: first those that are bundled, then the rest by name."""
    found = sorted(file.stem for file in FOLDER.glob("*.toml"))
    return [*BUNDLED, *(name for name in found if name not in BUNDLED)]


# The most valuable first, with its share of a budget: the lungs serve every other model.
BUNDLED = {"unet": 4, "resnet18": 4, "cae": 5, "coronet": 5, "hrnet": 5, "cnn-x": 1}


@cache
def get(model_id: str) -> Recipe:
    """The recipe of a system. Raises UnknownModel listing the ids there are, TrainingError for a wrong file."""
    if model_id not in ids():
        raise UnknownModel(f"No recipe for {model_id!r}. There are: {', '.join(ids())}.")
    try:
        values = _values(model_id)
        return Recipe(id=model_id, **tables.fitted(Recipe, tables.keys(Recipe, values, model_id, ("id",)), model_id))
    except (ManifestError, tomllib.TOMLDecodeError) as error:
        raise TrainingError(f"The recipe {model_id}.toml is wrong: {error}") from error


def _values(model_id: str) -> dict[str, Any]:
    own = tomllib.loads((FOLDER / f"{model_id}.toml").read_text(encoding="utf-8"))
    like = own.pop("like", None)
    if not like:
        return own
    base = _values(like)
    return base | own | {"input": base["input"] | own.get("input", {})}
