"""Figures of each collection apart, how far the collection alone gets, and when one figure over all would mislead."""

import numpy as np
import pandas as pd

from ..data.confounding import cramers_v, perfectly_confounded
from ..results import Measure
from .definitions import accuracy, f1
from .intervals import Bootstrap, proportion
from .measures import counted, resampled_counts
from .ranking import Ranking

GUESS = "source alone"


def refusal(source: pd.Series, label: np.ndarray) -> str:
    """Why no figure over all films is given; "" where label and source are not perfectly confounded."""
    if not perfectly_confounded(source, label):
        return ""
    classes = pd.Series(label).groupby(source.to_numpy()).unique()
    listed = "; ".join(f"{name}: {', '.join(sorted(found))}" for name, found in classes.items())
    return (
        "No accuracy or average over all films is given: collection and class are perfectly confounded here"
        f" ({listed}), so such a figure cannot tell recognising disease from recognising the collection. Read the"
        " figures of each class and collection, or add films of a collection that has several classes."
    )


def v(source: pd.Series, label: np.ndarray) -> float | None:
    """Cramér's V of collection and class; None where either has one value only."""
    found = cramers_v(source, label)
    return round(found, 4) if np.isfinite(found) else None


def figures(
    source: pd.Series, truth: np.ndarray, p: np.ndarray, classes: tuple[str, ...], groups: np.ndarray
) -> list[Measure]:
    """Of each collection: accuracy, and the ROC AUC of each class of which it has films and of others too."""
    found: list[Measure] = []
    answer = p.argmax(1)
    for name, part in source.groupby(source).indices.items():
        found += proportion("accuracy", f"collection {name}", (answer[part] == truth[part]).sum(), len(part))
        found += _areas(str(name), truth[part], p[part], classes, Bootstrap(groups[part]))
    return found


def _areas(
    source: str, truth: np.ndarray, p: np.ndarray, classes: tuple[str, ...], bootstrap: Bootstrap
) -> list[Measure]:
    keys = [("ROC AUC", f"{name}, collection {source}") for name in classes]
    rankings = [Ranking(truth == k, p[:, k]) for k in range(len(classes))]
    known = {key: r for key, r in zip(keys, rankings, strict=True) if np.isfinite(r.areas[0])}
    if not known:
        return []
    return bootstrap.measures(
        {key: r.areas[0] for key, r in known.items()},
        lambda weights: {key: r.resampled(weights)[0] for key, r in known.items()},
    )


def guess(trained_source: pd.Series, trained: np.ndarray, source: pd.Series, k: int) -> np.ndarray:
    """(N,) class numbers: for each film the most frequent training class of its collection, whatever it shows.

    trained: class numbers of the training films. A collection without training films gets the most frequent class of
    all; ties go to the class that comes first.
    """
    counts = pd.crosstab(trained_source.to_numpy(), trained).reindex(columns=range(k), fill_value=0)
    return source.map(counts.idxmax(axis=1)).fillna(np.bincount(trained, minlength=k).argmax()).to_numpy(int)


def guessed(truth: np.ndarray, answer: np.ndarray, k: int, bootstrap: Bootstrap) -> list[Measure]:
    """Accuracy and macro-F1 of those guesses: how far the collection alone gets on the same films."""
    table = counted(truth, answer, k)
    present = np.flatnonzero(table.sum(1))
    key = ("macro-F1", GUESS)

    def at_once(weights: np.ndarray) -> dict:
        return {key: f1(resampled_counts(truth, answer, k, weights))[present].mean(0)}

    return [
        *proportion("accuracy", GUESS, round(float(accuracy(table)) * len(truth)), len(truth)),
        *bootstrap.measures({key: float(f1(table)[present].mean())}, at_once),
    ]
