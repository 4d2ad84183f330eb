"""A protocol run whole: films split its way, a model trained on them from the start, measured on its test films.

What is trained here is no part of the bundle. Its weights stay in the runs folder under a manifest of their own; only
the evaluation is stored with the others, as ``weights/results/<id>.<protocol>.json``.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd

from .. import manifest, registry, results, weights
from ..data.protocols import Protocol, protocol
from ..data.splits import assign
from ..errors import TrainingError
from ..evaluation.evaluate import calibrate, evaluate
from ..evaluation.films import Films
from ..results import Evaluation
from ..types import COVID19, NON_COVID19
from . import recipes
from .export import export
from .recipes import Recipe
from .run import train

UNET = "unet"
VALIDATION = {"val": 0.1}  # of the training groups, where a paper names no validation films


def run(
    model_id: str, name: str, index: pd.DataFrame, root: Path, runs: Path, seed: int = 0, stages: int | None = None
) -> Evaluation:
    """Split, train, calibrate and measure; run again to go on where it stopped.

    stages: only so many of the recipe's stages (all if None): for comparing protocols, each with the same short
    training. Raises UnknownModel, or TrainingError for an unknown protocol or one that the films cannot fill.
    """
    chosen, home = protocol(name, index, seed), runs / "protocols" / name
    films = split_by(chosen, index, seed)
    recipe = for_classes(first_stages(recipes.get(model_id), stages), films)
    net = train(recipe, films, root, home, seed, runs / "cache")
    file = with_lungs(home)
    spec = export(net, recipe, films, home, seed, file)
    test = Films(films[films.split == "test"].reset_index(drop=True), name, f"test films of the protocol {name}")
    with reading_from(file):
        calibrate(model_id, films, root, runs, file)
        found = evaluate(model_id, films, root, runs, file, test)
    command = f"python -m cxr_models protocol {name} --models {model_id}"
    found = replace(
        found,
        command=command if stages is None else f"{command} --stages {stages}",
        notes=(*chosen.notes, spec.training.shortened, *found.notes),
    )
    results.save(found, results.FOLDER)
    return found


def with_lungs(home: Path) -> Path:
    """The manifest of the folder ``home``, begun with the bundle's UNet, which finds the lungs for the others."""
    file, unet = home / "weights_manifest.toml", manifest.specs()[UNET]
    beside = home / "weights" / "unet.safetensors"
    beside.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(weights.path(unet), beside)
    manifest.update(file, replace(unet, bundled=str(beside.relative_to(home))))
    return file


def split_by(chosen: Protocol, index: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The rows of ``index`` that a protocol uses, ``split`` its role and ``label`` its class.

    Raises TrainingError for a protocol in folds.
    """
    table = chosen.table.rename(columns={"role": "split", "class": "label"})
    if set(table.split) == {"fold"}:
        raise TrainingError("A protocol in folds is not one split, so it cannot be run as one.")
    films = index.drop(columns=["split", "label"]).merge(table, on="path")
    if "val" not in set(films.split):
        own = films[films.split == "train"]
        films.loc[own.index, "split"] = assign(own, VALIDATION, seed)
    return films


def for_classes(recipe: Recipe, films: pd.DataFrame) -> Recipe:
    """The recipe for the classes that the protocol tells apart, COVID-19 first; a two-class network stays one."""
    classes = (COVID19, *sorted(set(films.label) - {COVID19}))
    if NON_COVID19 in recipe.classes or classes == recipe.classes:
        return recipe
    return replace(recipe, classes=classes, settings=recipe.settings | {"classes": len(classes)})


def first_stages(recipe: Recipe, count: int | None) -> Recipe:
    """The recipe cut to its first stages; the network is used at the size it saw last.

    Raises TrainingError when it has fewer.
    """
    if count is None:
        return recipe
    if not 1 <= count <= len(recipe.stages):
        raise TrainingError(f"The recipe of {recipe.id} has {len(recipe.stages)} stages, so not {count} of them.")
    stages = recipe.stages[:count]
    return replace(recipe, stages=stages, input=replace(recipe.input, size=stages[-1].size))


@contextmanager
def reading_from(file: Path) -> Iterator[None]:
    """Within it, models are those of the manifest ``file``."""
    before = os.environ.get("CXR_MANIFEST")
    os.environ["CXR_MANIFEST"] = str(file)
    registry.clear()
    try:
        yield
    finally:
        os.environ.pop("CXR_MANIFEST")
        if before is not None:
            os.environ["CXR_MANIFEST"] = before
        registry.clear()
