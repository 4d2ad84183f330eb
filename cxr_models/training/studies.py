"""The papers' studies whole: every network of a table by its protocol, in one command that goes on where it stopped.

``protocols`` trains and measures one network; here is which networks make a study, what each starts from, and whether
one is done already. What they are called is in ``results_studies``, where the results page reads it too.
"""

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import torch
from scipy.special import softmax

from .. import results, results_page
from ..data.protocols import protocol
from ..errors import CxrError, TrainingError
from ..evaluation import measures
from ..evaluation import report as printed
from ..evaluation.evaluate import answered
from ..evaluation.intervals import Bootstrap
from ..evaluation.predictions import labelled, truth_of
from ..results import Evaluation
from ..results_studies import CHOSEN, HEAD, SCORE, STARTED, STUDIES, VALIDATION, Study, best, command
from ..types import COVID19, NON_COVID19
from . import protocols, recipes
from .diary import data_hash
from .export import export
from .plan import scaled
from .ranks import ranks
from .recipes import Recipe
from .run import train, wanted
from .stage import Material
from .start import with_pretraining
from .tasks import Films
from .trial import reading_from, with_lungs

SCORES = ("accuracy", "balanced accuracy", SCORE)  # of a candidate
AGAIN = "What was measured before is stored, and the same command goes on from here."


class Job(NamedTuple):
    """What all members of a study have in common. command: as their evaluations name it."""

    study: Study
    command: str
    index: pd.DataFrame
    root: Path
    runs: Path
    seed: int
    share: float

    def folder(self, split: str, model_id: str) -> Path:
        """Where ``protocols`` trains."""
        return self.runs / "protocols" / split / model_id


def run(name: str, index: pd.DataFrame, root: Path, runs: Path, seed: int = 0, share: float = 1.0) -> list[Evaluation]:
    """Train and measure every member, and write the results page after each; run again to go on where it stopped.

    name: a key of ``STUDIES``. share: of the films that each stage shows, in (0, 1]. A search ends with the chosen head
    on the test films. Raises TrainingError that names the member where it failed.
    """
    study = STUDIES[name]
    job = Job(study, command(name, share, seed), index, root, runs, seed, share)
    of, found = len(study.members()) + study.search, list[Evaluation]()
    for number, (where, model_id) in enumerate(study.members(), 1):
        with told(f"study {name}: {number} of {of}, {model_id} by {where}"):
            found.append(member(job, where, model_id, tested=not study.search))
    if study.search:
        winner = best(found).model_id
        with told(f"study {name}: {of} of {of}, {winner} was chosen and goes to the test films"):
            found.append(member(job, study.protocols[0], winner, tested=True))
    return found


@contextmanager
def told(place: str) -> Iterator[None]:
    """Say where a study is; a failure there is a sentence that names the place."""
    print(place, flush=True)
    try:
        yield
    except (CxrError, OSError) as error:
        raise TrainingError(f"{place}: {error} {AGAIN}") from error


def member(job: Job, where: str, model_id: str, tested: bool) -> Evaluation:
    """One network by one protocol: what is stored of it, or trained and measured now, on test or validation films."""
    recipe, notes = recipe_of(job, where, model_id, tested)
    splits = list(protocols.splits_of(protocol(where, job.index, job.seed), where, job.index, job.seed))
    name = where if tested else where + VALIDATION
    if kept := stored(job, recipe, name, splits):
        print("stored already", flush=True)
        return kept
    if tested:
        found = protocols.run(recipe, where, job.index, job.root, job.runs, job.seed, job.share)
    else:
        found = validated(job, recipe, where, splits[0][1])
    return store(job, found, [split for split, _ in splits], notes)


def recipe_of(job: Job, where: str, model_id: str, tested: bool) -> tuple[Recipe, tuple[str, ...]]:
    """How a member is trained, and what is to be said of it: where it started, and that it was chosen."""
    study, first = job.study, job.study.ids[0]
    recipe, notes = named(study, model_id), list[str]()
    if study.search and tested:
        notes.append(
            f"{CHOSEN}among {len(study.ids)} heads by {SCORE} on validation films: {model_id}. No other was measured on"
            " these films."
        )
    if study.shared and model_id != first:
        recipe = after(named(study, first), job.folder(where, first), recipe)
        notes.append(f"{STARTED}the encoder of {first}, trained once as an autoencoder for all heads of the study.")
    return recipe, tuple(notes)


def named(study: Study, model_id: str) -> Recipe:
    """The recipe of a member, for the question its paper asks."""
    if study.search and (head := HEAD.fullmatch(model_id)):
        base, layers, units = head[1], int(head[2]), int(head[3])
        recipe = recipes.get(base)
        settings = recipe.settings | {"layers": [units] * layers}
        return replace(recipe, id=model_id, title=f"{recipe.title} of {layers} x {units}", settings=settings)
    recipe = recipes.get(model_id)
    if not study.on_lungs or NON_COVID19 in recipe.classes or recipe.classes == ("lungs",):
        return recipe
    settings, classes = recipe.settings | {"classes": 2}, (COVID19, NON_COVID19)
    return replace(recipe, settings=settings, classes=classes, input=replace(recipe.input, region="lungs"))


def after(first: Recipe, folder: Path, recipe: Recipe) -> Recipe:
    """``recipe`` without its autoencoder, from the one that ``first`` trained in ``folder``, before it saw a label."""
    trained = next(stage.name for stage in with_pretraining(first).stages if stage.task == "Reconstruct")
    stages = tuple(stage for stage in recipe.stages if stage.task != "Reconstruct")
    return replace(recipe, stages=stages, init=str(folder / trained / "best.safetensors"))


def stored(job: Job, recipe: Recipe, name: str, splits: list[tuple[str, pd.DataFrame]]) -> Evaluation | None:
    """What the same command left of a member, if all its runs are done."""
    done = [trained(job, recipe, job.folder(split, recipe.id), films) for split, films in splits]
    found = results.evaluation(recipe.id, results.FOLDER, name)
    return found if found and all(done) and found.command == job.command else None


def trained(job: Job, recipe: Recipe, folder: Path, films: pd.DataFrame) -> bool:
    """Whether the run in ``folder`` is done. Raises TrainingError where it is none of this recipe, these films, this
    seed and this share."""
    file = folder / "run.json"
    if not file.is_file():
        return False
    recipe = with_pretraining(protocols.for_classes(recipe, films))
    rows = wanted(films, recipe)
    asked = scaled(recipe, Material(rows, Films(torch.empty(0)), recipe.input), job.share)
    now = {"recipe": json.loads(json.dumps(asdict(asked))), "data": data_hash(rows), "seed": job.seed}
    before = json.loads(file.read_text(encoding="utf-8"))
    if changed := [name for name, value in now.items() if before[name] != value]:
        raise TrainingError(
            f"{folder} holds a run of another {' and '.join(changed)}. Give the --share and --seed it was begun with, "
            "remove that folder, or name another with --runs."
        )
    return (folder / "net.safetensors").is_file()


def validated(job: Job, recipe: Recipe, where: str, films: pd.DataFrame) -> Evaluation:
    """Train a candidate and measure it on the validation films alone; its test films stay unread."""
    folder = job.folder(where, recipe.id)
    net, done = train(
        protocols.for_classes(recipe, films), films, job.root, folder, job.seed, job.runs / "cache", share=job.share
    )
    file = with_lungs(folder.parent)
    spec = export(net, done, films, folder, job.seed, file)
    with reading_from(file):
        rows, z = answered(spec, labelled(films, "val"), job.root, job.runs)
    truth, p = truth_of(rows, spec.classes), softmax(z, axis=1)
    bootstrap = Bootstrap(rows.group.to_numpy())
    figures = measures.classification(truth, p, spec.classes, bootstrap)
    return Evaluation(
        model_id=recipe.id,
        classes=spec.classes,
        n=len(rows),
        data=f"validation films of the protocol {where}",
        date=str(datetime.date.today()),
        command=job.command,
        confusion=tuple(map(tuple, measures.counted(truth, p.argmax(1), len(spec.classes)).tolist())),
        roc={},
        measures=tuple(m for m in figures if m.name in SCORES),
        notes=(spec.training.shortened, "Validation films, for a choice: figures on them are no result."),
        name=where + VALIDATION,
        groups=bootstrap.groups,
    )


def store(job: Job, found: Evaluation, splits: list[str], notes: tuple[str, ...]) -> Evaluation:
    """Store a member's evaluation, and those of its folds, as this study's; drop the checkpoints, which nothing needs
    any more and which would fill a disk; write the page."""
    folds = [results.evaluation(found.model_id, results.FOLDER, split) for split in splits if len(splits) > 1]
    marked = [replace(one, command=job.command, notes=(*notes, *one.notes)) for one in (*folds, found) if one]
    if ranks().first:
        for one in marked:
            results.save(one, results.FOLDER)
        for split in splits:
            for checkpoint in job.folder(split, found.model_id).glob("*/last.ckpt"):
                checkpoint.unlink()
        results_page.write()
    print(printed.text(marked[-1]))
    return marked[-1]
