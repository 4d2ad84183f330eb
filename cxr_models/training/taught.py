"""Networks that were taught one thing, so that what their maps must find is known beforehand.

The same drawn films twice, labelled once by their opacities and once by the letters in their corner, which are
independent of each other. So the two networks differ in nothing but what they were taught, and a map that is to be
believed lies on the opacity of the first and on the letters of the second (``evaluation.maps.phantoms``). The networks
stay in the runs folder: they read drawings.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from ..data.lettered import lettered
from ..evaluation import maps
from ..evaluation.maps import phantoms
from ..results import Evaluation, Measure
from ..results_maps import MARKER, OPACITY, TAUGHT
from ..types import COVID19, NORMAL, THREE_CLASSES
from . import recipes
from .export import export
from .recipes import Recipe, Stage
from .run import train
from .trial import reading_from, with_lungs

LIKE = "resnet18"
FILMS = 480
CLASSES = {OPACITY: THREE_CLASSES, MARKER: (COVID19, NORMAL)}
KINDS = {OPACITY: phantoms.FINDINGS, MARKER: (MARKER,)}  # of pairs that a network is tested on
STAGES = (
    Stage("112", "Classify", epochs=8, batch=32, lr=1e-3, size=112, augment=""),
    Stage("224", "Classify", epochs=4, batch=32, lr=5e-4, size=224, augment=""),
)
NOTE = (
    f"{TAUGHT}{OPACITY} and {TAUGHT}{MARKER} are the network of {LIKE} trained on {FILMS} drawn films each, the same"
    f" ones: labelled by their opacities, or by the letters in their corner. They are tested on other persons."
)


def measure(
    methods: tuple[str, ...], runs: Path, seed: int = 0, films: int | None = None, options: str = ""
) -> Evaluation:
    """Teach both networks, or find them taught, and store the hits of their maps as ``maps.taught.json``.

    films: the most persons, None for all. options: of the command. Raises UnknownMethod, TrainingError.
    """
    plan, home = maps.Plan((), methods, films), runs / "taught"  # what was asked wrongly is told before the training
    file, kept, found = with_lungs(home), maps.records("phantoms", runs, "taught"), list[Measure]()
    for cause in CLASSES:
        teach(cause, home, file, seed)
        with reading_from(file):
            found += hits(cause, replace(plan, models=(name(cause),)), kept)
    models = ", ".join(map(name, CLASSES))
    return maps.store(found, f"phantoms; models: {models}", f" --taught{options}", "taught", (NOTE,))


def name(cause: str) -> str:
    return TAUGHT + cause


def teach(cause: str, home: Path, file: Path, seed: int) -> None:
    """The network in ``home`` and in the manifest ``file``; one that is trained already is taken as it is."""
    films, one = home / "films", recipe(cause)
    index, folder = labelled(lettered(films, FILMS, phantoms.TEXTS, phantoms.SIZE), cause), home / one.id
    net, done = train(one, index, films, folder, seed, home / "cache")
    export(net, done, index, folder, seed, file)


def recipe(cause: str) -> Recipe:
    like, classes = recipes.get(LIKE), CLASSES[cause]
    return replace(
        like,
        id=name(cause),
        title=f"{like.title}, taught the {cause}",
        classes=classes,
        settings=like.settings | {"classes": len(classes)},
        stages=STAGES,
        limits="It reads drawings: it was trained on nothing else.",
        differences=(),
    )


def hits(cause: str, plan: maps.Plan, kept: maps.Kept) -> list[Measure]:
    """Of the pairs in which what was taught is added."""
    (model_id,) = plan.models
    people = [phantoms.Person(seed, kind) for seed in range(plan.number(phantoms.PEOPLE)) for kind in KINDS[cause]]
    records = [
        kept.get(f"{one.kind}-{one.seed}", model_id, method, partial(phantoms.looked, one, model_id, method))
        | {"cause": cause, "seed": one.seed, "kind": one.kind, "model": model_id, "method": method}
        for one in tqdm(people, model_id, mininterval=10)
        for method in plan.methods_of(model_id)
    ]
    return phantoms.figures(pd.DataFrame(records))


def labelled(films: pd.DataFrame, cause: str) -> pd.DataFrame:
    """``lettered`` films as an index to train on: ``label`` is the finding, or COVID-19 where there are letters."""
    label = films.finding if cause == OPACITY else np.where(films.text != "", COVID19, NORMAL)
    return films.assign(label=label, group=films.number, mask="", source="drawn", view="frontal")
