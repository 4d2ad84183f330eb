"""Stored test-set evaluations: ``weights/results/<id>.json``, written by ``python -m cxr_models evaluate <id>``."""

import json
from dataclasses import dataclass
from pathlib import Path

from .manifest import ROOT

FOLDER = ROOT / "weights" / "results"


@dataclass(frozen=True)
class Measure:
    """One figure with its 95 % interval. name: "sensitivity", "specificity", "PPV", "F1", "ROC AUC", "accuracy",
    "macro-F1", "Dice", ...; about: the class or collection it belongs to, "" for the whole test set; n: films."""

    name: str
    about: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Evaluation:
    """One model on the untouched test set.

    confusion: K rows of K counts, truth down, answer across, in class order; empty for the UNet. roc: class ->
    {"fpr": [...], "tpr": [...]}, each in [0, 1]. notes: sentences a reader of the figures must know.
    """

    model_id: str
    classes: tuple[str, ...]
    n: int
    data: str
    date: str
    command: str
    confusion: tuple[tuple[int, ...], ...]
    roc: dict[str, dict[str, list[float]]]
    measures: tuple[Measure, ...]
    notes: tuple[str, ...] = ()

    def measure(self, name: str, about: str = "") -> Measure | None:
        """The figure of this name, None if it was not measured."""
        return next((m for m in self.measures if (m.name, m.about) == (name, about)), None)


def evaluation(model_id: str, folder: Path = FOLDER) -> Evaluation | None:
    """The stored evaluation of a model, None if there is none."""
    file = folder / f"{model_id}.json"
    if not file.is_file():
        return None
    table = json.loads(file.read_text())
    table["measures"] = tuple(Measure(**m) for m in table["measures"])
    table["confusion"] = tuple(tuple(r) for r in table["confusion"])
    return Evaluation(**{**table, "classes": tuple(table["classes"]), "notes": tuple(table["notes"])})
