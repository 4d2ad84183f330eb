"""Stored test-set evaluations: ``weights/results/<id>.json``, written by ``python -m cxr_models evaluate <id>``."""

import json
from dataclasses import dataclass
from pathlib import Path

from .manifest import ROOT

FOLDER = ROOT / "weights" / "results"
HEADLINES = (
    ("Dice", ""),
    ("macro-F1", ""),
    ("ROC AUC", "covid19"),
    ("sensitivity at threshold", "covid19"),
    ("specificity at threshold", "covid19"),
)


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


def stored(folder: Path = FOLDER) -> list[Evaluation]:
    """All stored evaluations of models, by id."""
    found = (evaluation(file.stem, folder) for file in sorted(folder.glob("*.json")))
    return [one for one in found if one is not None]


def table(folder: Path = FOLDER) -> str:
    """The headline figures of every stored evaluation as a Markdown table, each with its 95 % interval and n."""
    lines = ["| model | films | figure | value | 95 % interval |", "| --- | --- | --- | --- | --- |"]
    for found in stored(folder):
        for m in filter(None, (found.measure(name, about) for name, about in HEADLINES)):
            what = f"{m.name}, {m.about}" if m.about else m.name
            lines.append(f"| {found.model_id} | {m.n} | {what} | {m.value:.3f} | {m.low:.3f} to {m.high:.3f} |")
    return "\n".join(lines)
