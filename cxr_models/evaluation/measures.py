"""Test-set figures with 95 % intervals: Wilson for proportions, bootstrap by group for the rest. Definitions as in
textbooks: specificity is TN / (TN + FP), macro-F1 the plain mean of the classes' F1."""

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, f1_score, roc_auc_score, roc_curve

from ..results import Measure

RESAMPLES = 1000
POINTS = 200


def proportion(name: str, about: str, hits: int, n: int) -> list[Measure]:
    """hits / n with its Wilson interval; nothing when n is 0."""
    if n == 0:
        return []
    interval = binomtest(int(hits), int(n)).proportion_ci(method="wilson")
    return [Measure(name, about, round(hits / n, 4), round(interval.low, 4), round(interval.high, 4), int(n))]


def resampled(
    name: str, about: str, figure: Callable[[np.ndarray], float], groups: np.ndarray, seed: int = 0
) -> Measure:
    """``figure(row numbers)`` on all rows, and its 2.5th to 97.5th percentile over resamples of whole groups."""
    members = [np.flatnonzero(groups == g) for g in np.unique(groups)]
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(RESAMPLES):
        picked = generator.integers(len(members), size=len(members))
        values.append(figure(np.concatenate([members[i] for i in picked])))
    low, high = np.nanpercentile(values, [2.5, 97.5])
    value = figure(np.arange(len(groups)))
    return Measure(name, about, round(value, 4), round(min(low, value), 4), round(max(high, value), 4), len(groups))


def of_class(name: str, k: int, confusion: np.ndarray) -> list[Measure]:
    """Sensitivity, specificity and PPV of class ``k`` from a confusion matrix, truth down, answer across."""
    hit, truth, said, total = confusion[k, k], confusion[k].sum(), confusion[:, k].sum(), confusion.sum()
    return [
        *proportion("sensitivity", name, hit, truth),
        *proportion("specificity", name, total - truth - said + hit, total - truth),
        *proportion("PPV", name, hit, said),
    ]


def classification(truth: np.ndarray, p: np.ndarray, classes: tuple[str, ...], groups: np.ndarray) -> list[Measure]:
    """All figures of one classifier. truth: (N,) class numbers; p: (N, K) probabilities; groups: (N,)."""
    answer, numbers = p.argmax(1), list(range(len(classes)))
    confusion = confusion_matrix(truth, answer, labels=numbers)

    def macro(rows: np.ndarray) -> float:
        return float(f1_score(truth[rows], answer[rows], labels=numbers, average="macro", zero_division=0))

    found = [resampled("macro-F1", "", macro, groups), *proportion("accuracy", "", (truth == answer).sum(), len(truth))]
    for k, name in enumerate(classes):
        found += of_class(name, k, confusion)
        found.append(resampled("F1", name, partial(_f1, truth == k, answer == k), groups))
        found.append(resampled("ROC AUC", name, partial(_auc, truth == k, p[:, k]), groups))
    return found


def mean_of(values: np.ndarray) -> Callable[[np.ndarray], float]:
    """The mean of (N,) ``values`` over chosen rows, as ``resampled`` asks for it."""
    return lambda rows: float(values[rows].mean())


def _f1(truth: np.ndarray, answer: np.ndarray, rows: np.ndarray) -> float:
    return float(f1_score(truth[rows], answer[rows], zero_division=0))


def _auc(truth: np.ndarray, score: np.ndarray, rows: np.ndarray) -> float:
    seen = truth[rows]
    return float(roc_auc_score(seen, score[rows])) if 0 < seen.sum() < len(seen) else float("nan")


def operating_point(truth: np.ndarray, score: np.ndarray, threshold: float, about: str) -> list[Measure]:
    """Sensitivity and specificity of ``score >= threshold`` for one class; truth (N,) bool."""
    said = score >= threshold
    return [
        *proportion("sensitivity at threshold", about, (said & truth).sum(), truth.sum()),
        *proportion("specificity at threshold", about, (~said & ~truth).sum(), (~truth).sum()),
    ]


def roc(truth: np.ndarray, score: np.ndarray) -> dict[str, list[float]]:
    """ROC curve of one class against the rest at no more than ``POINTS`` points."""
    fpr, tpr, _ = roc_curve(truth, score)
    keep = np.unique(np.linspace(0, len(fpr) - 1, POINTS).round().astype(int))
    return {"fpr": fpr[keep].round(4).tolist(), "tpr": tpr[keep].round(4).tolist()}


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """2 |a & b| / (|a| + |b|) of two bool masks; 1 when both are empty."""
    total = int(a.sum()) + int(b.sum())
    return 2 * int((a & b).sum()) / total if total else 1.0
