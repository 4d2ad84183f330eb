"""How long a recipe takes on this machine, measured; and the recipe shortened to a budget of time.

Every stage is shortened by the same factor, so that a short run is a small picture of the whole one. What was planned
is kept in the run's folder: a run that goes on keeps its plan, and stays exactly repeatable.
"""

import json
import math
import time
from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import nn

from .. import tables
from ..errors import TrainingError
from .draws import of_stage
from .recipes import Recipe, Stage
from .stage import Material, nearby
from .tasks import TASKS

WARM, TIMED = 2, 4  # steps
WHOLE: dict[str, float | None] = {"share": 1.0, "seconds": None}
SPARE = 1.1  # validation, checkpoints, the settling of batch norms


def planned(
    net: nn.Module, recipe: Recipe, given: Material, folder: Path, seconds: float | None, share: float = 1.0
) -> Recipe:
    """The recipe as this run does it: the plan in ``folder``, else ``share`` of it, shortened to ``seconds``.

    Raises TrainingError where the run in ``folder`` was begun with another share or budget.
    """
    file, asked = folder / "plan.json", {"share": share, "seconds": seconds}
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
    begun = before["asked"] if before else WHOLE if (folder / "run.json").is_file() else asked
    if begun != asked:
        raise TrainingError(
            f"{folder} holds a run begun with another --share or --budget. Give the same ones again to go on with it, "
            "or remove that folder."
        )
    if before:
        return replace(recipe, stages=tuple(Stage(**tables.fitted(Stage, one, "plan")) for one in before["stages"]))
    if asked == WHOLE:
        return recipe
    short = scaled(recipe, given, share)
    if seconds is not None:
        short = scaled(short, given, factor(short, given, [pace(net, stage, given) for stage in short.stages], seconds))
    folder.mkdir(parents=True, exist_ok=True)
    stages = [asdict(stage) for stage in short.stages]
    file.write_text(json.dumps({"asked": asked, "stages": stages}), encoding="utf-8")
    return short


def pace(net: nn.Module, stage: Stage, given: Material) -> float:
    """Seconds a film takes in ``stage``, of ``TIMED`` steps of a copy of ``net``."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    task = TASKS[stage.task](deepcopy(net), stage, given.spec, given.films, given.seed).to(device)
    task.films = nearby(task.films, device)
    task.net.to(memory_format=torch.channels_last).train()
    rows = torch.tensor(of_stage(given.rows, stage, "train").index[: stage.batch].to_numpy())
    optimizer = torch.optim.SGD([p for p in task.parameters() if p.requires_grad], 0.0)
    for step in range(WARM + TIMED):
        if step == WARM:
            began = now(device)
        with torch.autocast(device.type, torch.bfloat16):
            loss = task.loss(rows)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return (now(device) - began) / TIMED / len(rows)


def now(device: torch.device) -> float:
    """Seconds, once the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.monotonic()


def views(stage: Stage, given: Material) -> int:
    """Films the whole stage shows, with repetitions."""
    return stage.epochs * min(stage.films or 10**9, len(of_stage(given.rows, stage, "train")))


def factor(recipe: Recipe, given: Material, paces: list[float], seconds: float) -> float:
    """By how much every stage must be shortened, at most 1, so that all fit. paces: seconds a film, one a stage."""
    takes = SPARE * sum(views(stage, given) * pace for stage, pace in zip(recipe.stages, paces, strict=True))
    return min(1.0, seconds / takes)


def scaled(recipe: Recipe, given: Material, share: float) -> Recipe:
    """``recipe`` with the films that every stage shows multiplied by ``share``, in (0, 1]. Raises TrainingError."""
    if not 0 < share <= 1:
        raise TrainingError(f"A share of {share:g} of a recipe cannot be trained: give one above 0 and at most 1.")
    stages = (shorter(stage, round(share * views(stage, given)), given) for stage in recipe.stages)
    return replace(recipe, stages=tuple(stages)) if share < 1 else recipe


def shorter(stage: Stage, count: int, given: Material) -> Stage:
    """The stage showing ``count`` films, at least a batch, in as few epochs as they need."""
    have = views(replace(stage, epochs=1), given)
    epochs = max(1, math.ceil(count / have))
    return replace(stage, epochs=epochs, films=max(min(stage.batch, have), round(count / epochs)))
