"""What trainings leave in their folders, read from outside, while they run and afterwards. Knows no training, no torch.

A runs folder holds a folder a run: ``run.json``, ``status.json``, and a folder a stage with ``metrics.csv``. Who starts
one from elsewhere leaves ``launch.json`` there, and who asks it to stop, ``stop.json``. Whatever is missing, foreign or
half written becomes a state and a sentence, never an error.
"""

import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from .. import manifest
from .curves import Stage, stages
from .state import LAUNCH, LIVE, RUN, STATUS, Place, State, fares, place
from .values import Table, content, number, table, tables, text, whole

FOLDER = "CXR_RUNS"


class Difference(NamedTuple):
    """A value in which the recipe leaves the paper, and why."""

    what: str
    paper: str
    ours: str
    why: str


@dataclass(frozen=True)
class Run:
    """One run. state, sentence, pid: as ``state.Fares``. place: only while it trains. init: of the recipe. films: of
    each part. started: with its time zone."""

    name: str
    folder: Path
    state: State
    sentence: str = ""
    pid: int | None = None
    place: Place | None = None
    model: str = ""
    title: str = ""
    init: str = ""
    device: str = ""
    command: str = ""
    started: datetime | None = None
    films: tuple[tuple[str, int], ...] = ()
    differences: tuple[Difference, ...] = ()
    stages: tuple[Stage, ...] = ()

    @property
    def live(self) -> bool:
        """Whether its process runs, or may be just about to."""
        return self.state in LIVE

    @property
    def on_phantoms(self) -> bool:
        """Whether it learns from drawings."""
        return "--phantoms" in self.command

    @property
    def films_seen(self) -> int:
        """Films shown to it so far, with repetitions."""
        return sum(stage.films for stage in self.stages)

    @property
    def tested(self) -> Stage | None:
        """The last stage with a validation loss: those of other stages may be of another task."""
        return next((stage for stage in reversed(self.stages) if stage.validated), None)


def home() -> Path:
    """The runs folder: what CXR_RUNS names, else ``runs`` beside the package."""
    return Path(os.environ.get(FOLDER) or manifest.ROOT / "runs")


def every(folder: Path) -> list[Run]:
    """All runs in a runs folder, the newest first; folders that are no runs are passed over."""
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        return []
    found = [read(one) for one in inside if any((one / name).is_file() for name in (RUN, STATUS, LAUNCH))]
    return sorted(found, key=lambda run: run.started.timestamp() if run.started else 0.0, reverse=True)


def read(folder: Path) -> Run:
    """The run in its folder."""
    try:
        run, status, launch = (content(folder / name) for name in (RUN, STATUS, LAUNCH))
    except ValueError as error:
        said = f"{error} It was cut short, or is no run: remove its folder."
        return Run(folder.name, folder, "unreadable", said, title=folder.name)
    recipe, model = table(run, "recipe"), text(run, "model") or text(launch, "model")
    how = fares(folder, status, launch, model)
    return Run(
        folder.name,
        folder,
        *how,
        place=place(status) if how.state == "training" else None,
        model=model,
        title=text(run, "title") or text(launch, "title") or folder.name,
        init=text(recipe, "init"),
        device=text(run, "device"),
        command=text(run, "command") or text(launch, "command"),
        started=_started(run, launch),
        films=tuple((part, whole(table(run, "films"), part)) for part in table(run, "films")),
        differences=tuple(
            Difference(*(text(one, key) for key in Difference._fields)) for one in tables(recipe, "differences")
        ),
        stages=stages(folder, [(text(one, "name"), whole(one, "batch")) for one in tables(recipe, "stages")]),
    )


def _started(run: Table, launch: Table) -> datetime | None:
    try:
        return datetime.fromisoformat(text(run, "started")).astimezone()
    except (ValueError, OverflowError):
        at = number(launch, "time", 0.0)
        return datetime.fromtimestamp(min(at, time.time())).astimezone() if at > 0 else None
