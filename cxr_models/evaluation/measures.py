"""All figures of one classifier on one set of films, each with its 95 % interval and n."""

import numpy as np
from sklearn.metrics import confusion_matrix

from ..results import Measure
from .definitions import RATES, balanced_accuracy, pr_of_hard_labels
from .intervals import Bootstrap, Figures, proportion
from .ranking import Ranking

AVERAGED = (*RATES, "ROC AUC", "PR AUC")


def classification(truth: np.ndarray, p: np.ndarray, classes: tuple[str, ...], bootstrap: Bootstrap) -> list[Measure]:
    """Figures over all films (about "") and of every class. truth: (N,) class numbers; p: (N, K) probabilities.

    Wilson intervals for shares of films, the bootstrap for the rest. Averages are over the classes that have films
    here, plain ("macro-") and by their films ("weighted-"); with a single such class there is nothing to average.
    """
    table = counted(truth, p.argmax(1), len(classes))
    rankings = [Ranking(truth == k, p[:, k]) for k in range(len(classes))]
    present = np.flatnonzero(table.sum(1))

    def at_once(weights: np.ndarray) -> Figures:
        counts = resampled_counts(truth, p.argmax(1), len(classes), weights)
        return _figures(counts, [r.resampled(weights) for r in rankings], classes, present)

    point = {key: float(v) for key, v in _figures(table, [r.areas for r in rankings], classes, present).items()}
    found = proportion("accuracy", "", np.trace(table), table.sum())
    for k, name in enumerate(classes):
        found += of_class(name, k, table)
    return found + bootstrap.measures(point, at_once)


def of_class(name: str, k: int, table: np.ndarray) -> list[Measure]:
    """Sensitivity, specificity, PPV and NPV of class ``k`` from a (K, K) confusion matrix, with Wilson intervals."""
    hit, truth, said, total = table[k, k], table[k].sum(), table[:, k].sum(), table.sum()
    spared = total - truth - said + hit
    return [
        *proportion("sensitivity", name, hit, truth),
        *proportion("specificity", name, spared, total - truth),
        *proportion("PPV", name, hit, said),
        *proportion("NPV", name, spared, total - said),
    ]


def counted(truth: np.ndarray, answer: np.ndarray, k: int) -> np.ndarray:
    """(K, K) films, truth down, answer across."""
    return confusion_matrix(truth, answer, labels=range(k))


def resampled_counts(truth: np.ndarray, answer: np.ndarray, k: int, weights: np.ndarray) -> np.ndarray:
    """The confusion matrix of every resample at once: (N, B) weights -> (K, K, B)."""
    cell = np.arange(k * k)[:, None] == truth * k + answer
    return (cell.astype(float) @ weights).reshape(k, k, -1)


def _figures(counts: np.ndarray, areas: list, classes: tuple[str, ...], present: np.ndarray) -> Figures:
    """Every figure that the bootstrap gives the interval of; counts (K, K, ...), areas K pairs of (...)."""
    of = {name: rate(counts) for name, rate in RATES.items()}
    of |= {name: np.stack([np.asarray(pair[i]) for pair in areas]) for i, name in enumerate(("ROC AUC", "PR AUC"))}
    found: Figures = {}
    if len(present) > 1:
        found[("balanced accuracy", "")] = balanced_accuracy(counts)
        for name in AVERAGED:
            found |= _averages(name, of[name][present], counts.sum(1)[present])
    hard = pr_of_hard_labels(counts)
    for k in present:
        for name, values in (("F1", of["F1"]), ("ROC AUC", of["ROC AUC"]), ("PR AUC", of["PR AUC"])):
            found[(name, classes[k])] = values[k]
        found[("PR of hard labels", classes[k])] = hard[k]
    return found


def _averages(name: str, values: np.ndarray, films: np.ndarray) -> Figures:
    """Plain mean and mean by films over classes, the first axis; a class never answered has PPV 0 (scikit-learn's)."""
    values = np.nan_to_num(values) if name in ("PPV", "NPV") else values
    return {(f"macro-{name}", ""): values.mean(0), (f"weighted-{name}", ""): (values * films).sum(0) / films.sum(0)}
