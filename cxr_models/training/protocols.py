"""A protocol run whole: films split its way, a model trained on them from the start, measured on its test films.

What is trained here is no part of the bundle. Its weights stay in the runs folder under a manifest of their own; only
the evaluation is stored with the others, as ``weights/results/<id>.<protocol>.json``.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from .. import results
from ..data.protocols import Protocol, protocol
from ..data.splits import assign
from ..evaluation.evaluate import calibrate, evaluate
from ..evaluation.films import Films
from ..evaluation.folds import averaged
from ..results import Evaluation
from ..types import COVID19, NON_COVID19
from .export import export
from .ranks import ranks
from .recipes import Recipe
from .run import train
from .trial import reading_from, with_lungs

VALIDATION = {"val": 0.1}  # of the training groups, where a paper names no validation films


def run(
    recipe: Recipe, name: str, index: pd.DataFrame, root: Path, runs: Path, seed: int = 0, share: float = 1.0
) -> Evaluation:
    """Split, train, calibrate and measure; run again to go on where it stopped. In folds, the mean over all of them.

    share: of the films that each stage shows, in (0, 1]: for comparing protocols, each with the same short training.
    Raises UnknownModel, or TrainingError for an unknown protocol or one that the films cannot fill.
    """
    chosen = protocol(name, index, seed)
    command = f"python -m cxr_models protocol {name} --models {recipe.id}"
    command += f" --share {share:g}" if share < 1 else ""
    found = [
        replace(_one(recipe, label, films, root, runs, seed, share), command=command)
        for label, films in splits_of(chosen, name, index, seed)
    ]
    found = [replace(one, notes=(*chosen.notes, *one.notes)) for one in found]
    if len(found) > 1:
        found.append(averaged(found, name))
    if ranks().first:
        for one in found:
            results.save(one, results.FOLDER)
    return found[-1]


def _one(recipe: Recipe, name: str, films: pd.DataFrame, root: Path, runs: Path, seed: int, share: float) -> Evaluation:
    """Train and measure on one split of the films; ``name`` is that of the results and of the folder."""
    home = runs / "protocols" / name
    net, done = train(for_classes(recipe, films), films, root, home / recipe.id, seed, runs / "cache", share=share)
    file = with_lungs(home)
    spec = export(net, done, films, home / recipe.id, seed, file)
    test = Films(films[films.split == "test"].reset_index(drop=True), name, f"test films of the protocol {name}")
    with reading_from(file):
        if spec.thresholds:
            calibrate(recipe.id, films, root, runs, file)
        found = evaluate(recipe.id, films, root, runs, file, test)
    return replace(found, notes=(spec.training.shortened, *found.notes))


def splits_of(chosen: Protocol, name: str, index: pd.DataFrame, seed: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """(name, films) of each split of a protocol: one, or in folds one a fold, "<protocol>-<fold>"."""
    folds = sorted(set(chosen.table.fold) - {-1})
    for fold in folds:
        role = pd.Series("train", chosen.table.index).where(chosen.table.fold != fold, "test")
        yield f"{name}-{fold}", split_by(Protocol(chosen.table.assign(role=role)), index, seed)
    if not folds:
        yield name, split_by(chosen, index, seed)


def split_by(chosen: Protocol, index: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The rows of ``index`` that a protocol uses, ``split`` its role and ``label`` its class."""
    table = chosen.table.rename(columns={"role": "split", "class": "label"})
    films = index.drop(columns=["split", "label"]).merge(table.drop(columns="fold"), on="path")
    if "val" not in set(films.split):
        own = films[films.split == "train"]
        films.loc[own.index, "split"] = assign(own, VALIDATION, seed)
    return films


def for_classes(recipe: Recipe, films: pd.DataFrame) -> Recipe:
    """The recipe for the classes that the protocol tells apart, COVID-19 first; a two-class network stays one, and the
    lungs have no classes."""
    classes = (COVID19, *sorted(set(films.label) - {COVID19, ""}))
    if COVID19 not in recipe.classes or NON_COVID19 in recipe.classes or classes == recipe.classes:
        return recipe
    return replace(recipe, classes=classes, settings=recipe.settings | {"classes": len(classes)})
