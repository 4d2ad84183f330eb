"""Stored audits: what a model's answers follow, measured over many films; ``weights/results/audit.<id>.json``.

Made by ``python -m cxr_models audit`` (``shortcuts/audit/``). Here are figures only, without torch and without films:
``findings`` says them in sentences, ``report`` makes one HTML file of them.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .. import results
from ..manifest import replace_file
from ..results import Measure

COMMAND = "python -m cxr_models audit"
# Names of figures; ``about`` is the title of the edit or the mark, or of what is shown.
CHANGE, SIZE, FLIPS = "change of probability", "size of the change", "answers changed"
SCORE, RATIO = "macro-F1", "part of whole films"
NAMED = "balanced accuracy"
WHOLE, LUNGS, BORDER, TILES = "Whole film", "Lungs only", "Border only", "8 × 8 tiles, logistic regression"
ERASED = "Lungs erased"  # begins the titles of all fills
SAME, OTHER = "same collection", "other collection"
DISEASE, COLLECTION, VIEW, AGE = "disease", "collection", "view", "adult or child"
PUBLISHED = {WHOLE: 0.852, ERASED: 0.829, LUNGS: 0.723, TILES: 0.642}
PUBLISHED_ON = "Published for another network on the COVID-19 Radiography Database: other films, other classes."
LUNGS_MARK = "-lungs"  # in the id of a network trained on the lungs alone, whose twin on whole films lacks it


@dataclass(frozen=True)
class Probe:
    """How well a model's features name ``asked``: balanced accuracy with its interval, or why it was not asked.

    counts: answer -> films. v: Cramér's V of the answer and the collection, None where there is none to give.
    """

    asked: str
    counts: dict[str, int]
    found: Measure | None = None
    reason: str = ""
    v: float | None = None

    @property
    def chance(self) -> float:
        """The balanced accuracy of an answer that looks at nothing."""
        return 1 / max(len(self.counts), 1)


@dataclass(frozen=True)
class Cell:
    """A classifier on the model's features, fitted on films of one collection, asked about another's (or its own, in
    folds): normal or not. found: balanced accuracy; None where ``reason`` says what stands against a figure."""

    trained: str
    tested: str
    found: Measure | None = None
    reason: str = ""


@dataclass(frozen=True)
class Matrix:
    """A cell for each two collections, row by row. counts: collection -> "normal", "not normal" -> films. cramers_v: of
    collection and class. same, other: means over the cells with a figure, on the diagonal and beside it."""

    cells: tuple[Cell, ...]
    counts: dict[str, dict[str, int]]
    cramers_v: float | None
    same: Measure | None = None
    other: Measure | None = None

    def cell(self, trained: str, tested: str) -> Cell:
        """Raises KeyError for collections that it does not have."""
        return {(one.trained, one.tested): one for one in self.cells}[trained, tested]


@dataclass(frozen=True)
class Audit:
    """One model over many films. n: films that were changed; films: collection -> class -> how many of them; cramers_v:
    of the two. edits, marks: titles, in order. measures: CHANGE, SIZE and FLIPS of each; SCORE and RATIO of what is
    shown. probed: films whose features were probed. region: "film" or "lungs", what the model reads."""

    model_id: str
    title: str
    region: str
    classes: tuple[str, ...]
    n: int
    films: dict[str, dict[str, int]]
    cramers_v: float | None
    edits: tuple[str, ...]
    marks: tuple[str, ...]
    measures: tuple[Measure, ...]
    probed: int
    probes: tuple[Probe, ...]
    matrix: Matrix
    date: str
    command: str
    notes: tuple[str, ...] = ()

    def measure(self, name: str, about: str = "") -> Measure | None:
        """The figure of this name, None if it was not measured."""
        return next((m for m in self.measures if (m.name, m.about) == (name, about)), None)

    def of(self, name: str) -> list[Measure]:
        """All figures of this name, in order."""
        return [m for m in self.measures if m.name == name]

    def probe(self, asked: str) -> Probe | None:
        """The probe of this name, None if there is none."""
        return next((one for one in self.probes if one.asked == asked), None)


def save(found: Audit, folder: Path = results.FOLDER) -> None:
    """Write an audit where ``stored`` finds it."""
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps(asdict(found), indent=1, allow_nan=False) + "\n"
    replace_file(folder / f"audit.{found.model_id}.json", content.encode())


def stored(folder: Path = results.FOLDER) -> dict[str, Audit]:
    """Model id -> its stored audit, by id."""
    files = sorted(folder.glob("audit.*.json"), key=lambda file: file.stem)
    found = (_audit(json.loads(file.read_text(encoding="utf-8"))) for file in files)
    return {one.model_id: one for one in found}


def twins(found: dict[str, Audit]) -> list[tuple[Audit, Audit]]:
    """(trained on whole films, trained on the lungs alone) of each family of which both were audited."""
    names = {name: name.replace(LUNGS_MARK, "", 1) for name in found if LUNGS_MARK in name}
    return [(found[whole], found[name]) for name, whole in names.items() if whole in found]


def readable(label: str) -> str:
    """A class as readers write it: "covid19" -> "COVID-19", "non_covid19" -> "not COVID-19"."""
    return label.replace("non_", "not ").replace("covid19", "COVID-19")


def _audit(read: dict[str, Any]) -> Audit:
    tuples = {name: tuple(read[name]) for name in ("classes", "edits", "marks", "notes")}
    measures = tuple(Measure(**m) for m in read["measures"])
    probes = tuple(Probe(**{**one, "found": _measure(one["found"])}) for one in read["probes"])
    cells = tuple(Cell(**{**one, "found": _measure(one["found"])}) for one in read["matrix"]["cells"])
    means = {name: _measure(read["matrix"][name]) for name in ("same", "other")}
    matrix = Matrix(**{**read["matrix"], **means, "cells": cells})
    return Audit(**{**read, **tuples, "measures": measures, "probes": probes, "matrix": matrix})


def _measure(read: dict[str, Any] | None) -> Measure | None:
    return Measure(**read) if read else None
