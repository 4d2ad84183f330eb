"""Stored evaluations: ``weights/results/<id>.json`` (test films), ``<id>.<name>.json`` (other films, or another split),
``comparisons.json`` (pairs of models on the same films), all written by ``python -m cxr_models evaluate``."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .manifest import ROOT, replace_file

FOLDER = ROOT / "weights" / "results"
TEST = "test"
COMPARISONS = "comparisons.json"
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
    "macro-F1", "Dice", ... (docs/evaluation.md lists and defines them); about: the class, "collection <source>",
    "<class>, collection <source>" or "source alone" it belongs to, "" for all films; n: films."""

    name: str
    about: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Conformal:
    """Cuts for ``sets.prediction_set``, from n validation films of each class. coverage: stated, in (0, 1)."""

    method: str
    coverage: float
    cuts: dict[str, float]
    n: dict[str, int]


@dataclass(frozen=True)
class Abstain:
    """Thresholds for ``sets.side`` on the probability of the first class, from validation films.

    missed: stated largest share of the class's films below ``low``; alarms: of the others at or above ``high``.
    """

    low: float
    high: float
    missed: float
    alarms: float


@dataclass(frozen=True)
class Evaluation:
    """One model on one set of films, by default the untouched test set.

    confusion: K rows of K counts, truth down, answer across, in class order; empty for the UNet. roc: class ->
    {"fpr": [...], "tpr": [...]}, pr: class -> {"recall": [...], "precision": [...]}, each in [0, 1]. notes: sentences a
    reader of the figures must know. name: "test", or that of another set. groups: patients and near-duplicates, which
    the bootstrap keeps whole. cramers_v: of collection and class, in [0, 1], None where either has one value. refused:
    why there is no accuracy and no average over all films, "" where there is. reliability: "before" and "after"
    temperature -> class -> {"predicted", "observed", "low", "high", "n"}, a value a bin. temperature, threshold: in use
    when measured. conformal, abstain: chosen on validation films; their measures say how they hold here.
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
    name: str = TEST
    groups: int = 0
    cramers_v: float | None = None
    refused: str = ""
    pr: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    reliability: dict[str, dict[str, dict[str, list[float]]]] = field(default_factory=dict)
    temperature: float = 1.0
    threshold: float | None = None
    conformal: Conformal | None = None
    abstain: Abstain | None = None

    def measure(self, name: str, about: str = "") -> Measure | None:
        """The figure of this name, None if it was not measured."""
        return next((m for m in self.measures if (m.name, m.about) == (name, about)), None)

    def prevalence(self, name: str) -> float:
        """The share of the films that are of class ``name``. Raises ValueError for a class this model does not have."""
        k = self.classes.index(name)
        return sum(self.confusion[k]) / sum(map(sum, self.confusion))


@dataclass(frozen=True)
class Difference:
    """One figure of two models on the same films: a, b, and a - b with its 95 % interval over groups.

    p: two-sided, of ``test`` ("DeLong", "McNemar, exact"), None where no test was made; not corrected for the number
    of comparisons.
    """

    name: str
    about: str
    a: float
    b: float
    value: float
    low: float
    high: float
    test: str = ""
    p: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Model ``a`` against model ``b`` on the n films that both read. only_a, only_b: films that one alone answers
    rightly. name: of the set of films; classes: those that both were held against."""

    a: str
    b: str
    name: str
    classes: tuple[str, ...]
    n: int
    groups: int
    only_a: int
    only_b: int
    differences: tuple[Difference, ...]
    data: str
    date: str
    command: str
    notes: tuple[str, ...] = ()


def evaluation(model_id: str, folder: Path = FOLDER, name: str = TEST) -> Evaluation | None:
    """The stored evaluation of a model on the films called ``name``, None if there is none."""
    file = folder / file_name(model_id, name)
    return _evaluation(json.loads(file.read_text())) if file.is_file() else None


def file_name(model_id: str, name: str = TEST) -> str:
    return f"{model_id}.json" if name == TEST else f"{model_id}.{name}.json"


def stored(folder: Path = FOLDER) -> list[Evaluation]:
    """The stored evaluations on test films of all models, by id."""
    files = (file for file in sorted(folder.glob("*.json")) if "." not in file.stem and file.name != COMPARISONS)
    return [_evaluation(json.loads(file.read_text())) for file in files]


def elsewhere(model_id: str, folder: Path = FOLDER) -> list[Evaluation]:
    """A model's stored evaluations on other films than its test films, by name."""
    return [_evaluation(json.loads(file.read_text())) for file in sorted(folder.glob(f"{model_id}.*.json"))]


def save(found: Evaluation, folder: Path = FOLDER) -> None:
    """Write an evaluation where ``evaluation`` finds it."""
    _write(folder / file_name(found.model_id, found.name), asdict(found))


def comparisons(folder: Path = FOLDER) -> list[Comparison]:
    """All stored comparisons of two models, in the order in which they were first made."""
    file = folder / COMPARISONS
    return [_comparison(one) for one in json.loads(file.read_text())] if file.is_file() else []


def save_comparison(found: Comparison, folder: Path = FOLDER) -> None:
    """Add a comparison, or put it in the place of the same pair's on the same films."""
    known = {(one.a, one.b, one.name): one for one in comparisons(folder)}
    known[(found.a, found.b, found.name)] = found
    _write(folder / COMPARISONS, [asdict(one) for one in known.values()])


def table(folder: Path = FOLDER) -> str:
    """The headline figures of every stored evaluation as a Markdown table, each with its 95 % interval and n."""
    lines = ["| model | films | figure | value | 95 % interval |", "| --- | --- | --- | --- | --- |"]
    for found in stored(folder):
        for m in filter(None, (found.measure(name, about) for name, about in HEADLINES)):
            what = f"{m.name}, {m.about}" if m.about else m.name
            lines.append(f"| {found.model_id} | {m.n} | {what} | {m.value:.3f} | {m.low:.3f} to {m.high:.3f} |")
    return "\n".join(lines)


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_file(file, (json.dumps(content, indent=1, allow_nan=False) + "\n").encode())


def _evaluation(stored: dict[str, Any]) -> Evaluation:
    parts: dict[str, Callable[[Any], Any]] = {
        "classes": tuple,
        "notes": tuple,
        "confusion": lambda rows: tuple(map(tuple, rows)),
        "measures": lambda measures: tuple(Measure(**m) for m in measures),
        "conformal": lambda cuts: cuts and Conformal(**cuts),
        "abstain": lambda band: band and Abstain(**band),
    }
    return Evaluation(**{name: parts.get(name, lambda v: v)(value) for name, value in stored.items()})


def _comparison(stored: dict[str, Any]) -> Comparison:
    differences = tuple(Difference(**one) for one in stored["differences"])
    tuples = {name: tuple(stored[name]) for name in ("classes", "notes")}
    return Comparison(**{**stored, **tuples, "differences": differences})
