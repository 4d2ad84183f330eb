"""Two models on the same films: how far they are apart, in which figure, and whether that is more than chance."""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import softmax

from .. import manifest
from ..errors import TrainingError
from ..results import FOLDER, Comparison, Difference, save_comparison
from . import sources
from .definitions import accuracy, balanced_accuracy, f1
from .evaluate import answered
from .films import Films, own
from .intervals import Bootstrap, Figures, limits
from .measures import counted, resampled_counts
from .predictions import truth_of
from .ranking import Ranking
from .significance import delong_p, mcnemar_p

NOTES = (
    "p-values are two-sided, take films as independent and are not corrected for the number of comparisons; intervals"
    " keep groups whole and are the figure to read.",
)


class Answers:
    """One model on N films. truth: (N,) class numbers; p: (N, K) probabilities; answer: (N,) class numbers."""

    def __init__(self, truth: np.ndarray, p: np.ndarray, answer: np.ndarray, classes: tuple[str, ...]):
        self.truth, self.p, self.answer, self.classes = truth, p, answer, classes
        self.right = answer == truth
        self.sides = [k for k in range(len(classes)) if 0 < (truth == k).sum() < len(truth)]
        self._rankings = [Ranking(truth == k, p[:, k]) for k in self.sides]

    def figures(self) -> Figures:
        """Accuracy, balanced accuracy, macro-F1 and each class's ROC AUC on the films as they are."""
        return self._figures(counted(self.truth, self.answer, len(self.classes)), [r.areas[0] for r in self._rankings])

    def resampled(self, weights: np.ndarray) -> Figures:
        """The same for (N, B) weights, (B,) each."""
        counts = resampled_counts(self.truth, self.answer, len(self.classes), weights)
        return self._figures(counts, [r.resampled(weights)[0] for r in self._rankings])

    def _figures(self, counts: np.ndarray, areas: list) -> Figures:
        present = np.unique(self.truth)
        averages = (accuracy(counts), balanced_accuracy(counts), f1(counts)[present].mean(0))
        found = dict(zip([("accuracy", ""), ("balanced accuracy", ""), ("macro-F1", "")], averages, strict=True))
        return found | {("ROC AUC", self.classes[k]): area for k, area in zip(self.sides, areas, strict=True)}


def compare(
    a: str, b: str, index: pd.DataFrame, root: Path, runs: Path, file: Path, films: Films | None = None
) -> Comparison:
    """Compare two models on the films that both read, and store it.

    Models of other classes are compared on the first class against all others. Raises TrainingError where they have no
    first class in common.
    """
    specs, films = manifest.specs(file), films or own(index)
    rows, (one, other) = _paired(specs[a], specs[b], films.rows, root, runs)
    bootstrap = Bootstrap(rows.group.to_numpy())
    refused = sources.refusal(rows.source, np.array(one.classes)[one.truth])
    found = Comparison(
        a,
        b,
        films.name,
        one.classes,
        len(rows),
        bootstrap.groups,
        int((one.right & ~other.right).sum()),
        int((other.right & ~one.right).sum()),
        tuple(d for d in differences(one, other, bootstrap) if d.about or not refused),
        films.data,
        str(datetime.date.today()),
        f"python -m cxr_models evaluate --compare {a} {b}{films.options}",
        (*filter(None, [refused]), *NOTES),
    )
    save_comparison(found, FOLDER)
    return found


def differences(a: Answers, b: Answers, bootstrap: Bootstrap) -> list[Difference]:
    """Every figure of ``a`` minus that of ``b`` with its paired interval: both models in the same resamples."""

    def minus(weights: np.ndarray) -> Figures:
        one, other = a.resampled(weights), b.resampled(weights)
        return {key: one[key] - other[key] for key in one}

    one, other, spread = a.figures(), b.figures(), bootstrap.spread(minus)
    return [_difference(key, float(one[key]), float(other[key]), spread[key], a, b) for key in one]


def _difference(
    key: tuple[str, str], one: float, other: float, resampled: np.ndarray, a: Answers, b: Answers
) -> Difference:
    low, high = limits(resampled, one - other)
    test, p = _test(key, a, b)
    first, second, value, low, high = (round(v, 4) for v in (one, other, one - other, low, high))
    return Difference(*key, first, second, value, low, high, test, p)


def _test(key: tuple[str, str], a: Answers, b: Answers) -> tuple[str, float | None]:
    name, about = key
    if name == "accuracy":
        return "McNemar, exact", mcnemar_p(int((a.right & ~b.right).sum()), int((b.right & ~a.right).sum()))
    if name == "ROC AUC":
        k = a.classes.index(about)
        return "DeLong", delong_p(a.truth == k, a.p[:, k], b.p[:, k])
    return "", None


def _paired(
    a: manifest.ModelSpec, b: manifest.ModelSpec, rows: pd.DataFrame, root: Path, runs: Path
) -> tuple[pd.DataFrame, list[Answers]]:
    """The films that both read, and what each says of them in the classes that both are held against."""
    if a.classes[0] != b.classes[0] or min(len(a.classes), len(b.classes)) < 2:
        raise TrainingError(f"{a.id} and {b.id} answer different questions and cannot be compared.")
    classes = a.classes if a.classes == b.classes else (a.classes[0], f"non_{a.classes[0]}")
    rows = rows[rows.label != ""].reset_index(drop=True)
    kept = [answered(spec, rows, root, runs) for spec in (a, b)]
    shared = set(kept[0][0].sha256) & set(kept[1][0].sha256)
    rows = rows[rows.sha256.isin(shared)].reset_index(drop=True)
    both = []
    for spec, (read, z) in zip((a, b), kept, strict=True):
        p = softmax(z[read.sha256.isin(shared).to_numpy()] / spec.temperature, 1)
        both.append(_held_against(truth_of(rows, classes), p, classes))
    return rows, both


def _held_against(truth: np.ndarray, p: np.ndarray, classes: tuple[str, ...]) -> Answers:
    """A model of more classes than ``classes`` says "not the first" with any other."""
    answer = np.minimum(p.argmax(1), len(classes) - 1)
    if p.shape[1] != len(classes):
        p = np.stack([p[:, 0], 1 - p[:, 0]], 1)
    return Answers(truth, p, answer, classes)
