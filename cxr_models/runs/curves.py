"""The curves and the log of a training, read while they are written: rows and lines that are not whole are left out."""

import csv
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

METRICS, TOOK, LOG = "metrics.csv", "stage.json", "log.txt"
TAIL = 20_000  # bytes of a log that are looked at
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


class Point(NamedTuple):
    """step: of the optimiser, within the stage. loss: mean over the films learned from since the point before.
    val_loss: over films that are not learned from. None where it was not measured."""

    step: int
    epoch: int
    loss: float | None
    val_loss: float | None


@dataclass(frozen=True)
class Stage:
    """One stage of a run, as far as it came. films: shown so far, with repetitions."""

    name: str
    points: tuple[Point, ...]
    films: int

    @property
    def validated(self) -> tuple[Point, ...]:
        """The points with a validation loss: one an epoch."""
        return tuple(point for point in self.points if point.val_loss is not None)


def stages(folder: Path, planned: Sequence[tuple[str, int]]) -> tuple[Stage, ...]:
    """The stages of a run's folder that have begun, in the order of ``planned`` (name, films a batch); without a plan
    all that are there, by name."""
    names = dict(planned) or dict.fromkeys(sorted(file.parent.name for file in folder.glob(f"*/{METRICS}")), 0)
    found = (_stage(folder / name, batch) for name, batch in names.items() if name and name == Path(name).name)
    return tuple(stage for stage in found if stage.points)


def _stage(folder: Path, batch: int) -> Stage:
    read = points(folder / METRICS)
    return Stage(folder.name, read, _films(folder / TOOK) or (read[-1].step * batch if read else 0))


def _films(file: Path) -> int:
    """Films that a stage says to have shown; 0 where it has not ended."""
    try:
        films = json.loads(file.read_bytes())["films"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return 0
    return films if isinstance(films, int) else 0


def points(file: Path) -> tuple[Point, ...]:
    """The whole rows of a ``metrics.csv``, by step; none where there is no such file."""
    try:
        stat = file.stat()
        return _points(file, stat.st_mtime_ns, stat.st_size)
    except OSError:
        return ()


@lru_cache(maxsize=256)
def _points(file: Path, changed: int, size: int) -> tuple[Point, ...]:
    """A file is read again only when it has changed."""
    lines = file.read_bytes().decode(errors="replace").replace("\0", "").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    try:
        rows = (_point(row) for row in csv.DictReader(whole))
        return tuple(sorted((row for row in rows if row), key=lambda row: row.step))
    except csv.Error:
        return ()


def _point(row: dict) -> Point | None:
    step, epoch = _number(row.get("step")), _number(row.get("epoch"))
    if step is None or epoch is None:
        return None
    return Point(int(step), int(epoch), _number(row.get("loss")), _number(row.get("val_loss")))


def _number(cell: object) -> float | None:
    try:
        number = float(str(cell))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def log_tail(folder: Path, lines: int) -> list[str]:
    """The last lines of a run's log, of a progress bar only its last state; none where there is no log."""
    try:
        with (folder / LOG).open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    last = (line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))
    shown = [CONTROL.sub("", line).rstrip() for line in last]
    return [line for line in shown if line][-lines:]
