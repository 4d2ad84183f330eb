"""Does what is learned from one collection hold in another? The matrix of train source by test source.

A small classifier on the model's own features, normal or not, is fitted on the test films of one collection and asked
about those of another. What is "not normal" can be another disease in another collection.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from ...audits import NAMED, OTHER, SAME, Cell, Matrix
from ...evaluation.definitions import balanced_accuracy
from ...evaluation.intervals import Bootstrap, Figures, limits
from ...evaluation.measures import counted, resampled_counts
from ...evaluation.sources import v
from ...results import Measure
from ...types import NORMAL
from ..probes import LEAST, answers, fitted

SIDES = ("not normal", "normal")
Pair = tuple[str, str]  # trained, tested
Count = Callable[[np.ndarray, np.ndarray], np.ndarray]  # rows (N,) bool, their answers -> (2, 2, ...) films


def matrix(features: np.ndarray, rows: pd.DataFrame) -> Matrix:
    """features: (N, F) of the films of ``rows``, of which source, label and group count."""
    source, truth, groups = rows.source.to_numpy(str), (rows.label == NORMAL).to_numpy(int), rows.group.to_numpy()
    names = sorted(set(source))
    counts = {name: {side: int((truth[source == name] == k).sum()) for k, side in enumerate(SIDES)} for name in names}
    pairs = {(a, b): too_few(a, counts) or too_few(b, counts) for a in names for b in names}
    said = {pair: _asked(features, truth, source, groups, pair) for pair, why in pairs.items() if not why}
    found = _measures(said, source, truth, groups) if said else {}
    cells = tuple(Cell(*pair, found.get(pair), why) for pair, why in pairs.items())
    return Matrix(cells, counts, v(rows.source, truth), found.get((NAMED, SAME)), found.get((NAMED, OTHER)))


def too_few(name: str, counts: dict[str, dict[str, int]]) -> str:
    """Why nothing can be learned from a collection, or asked of it; "" where both sides have ``LEAST`` films."""
    side, films = min(counts[name].items(), key=lambda one: one[1])
    if films >= LEAST:
        return ""
    return f"{name}: no {side} film" if films == 0 else f"{name}: fewer than {LEAST} {side} films ({films})"


def _asked(features: np.ndarray, truth: np.ndarray, source: np.ndarray, groups: np.ndarray, pair: Pair) -> np.ndarray:
    """(n,) answers to the films of the tested collection, in order; of the trained collection itself, in folds."""
    trained, tested = (source == name for name in pair)
    if pair[0] == pair[1]:
        return answers(features[tested], truth[tested], groups[tested])
    return fitted(features[trained], truth[trained], groups[trained]).predict(features[tested])


def _measures(
    said: dict[Pair, np.ndarray], source: np.ndarray, truth: np.ndarray, groups: np.ndarray
) -> dict[Pair, Measure]:
    """Of each cell, and the means over those of one and of two collections; films are resampled once for all."""

    def of(count: Count) -> Figures:
        cells = {pair: balanced_accuracy(count(source == pair[1], answer)) for pair, answer in said.items()}
        kinds = {SAME: [cells[a, b] for a, b in cells if a == b], OTHER: [cells[a, b] for a, b in cells if a != b]}
        return cells | {(NAMED, kind): np.mean(values, axis=0) for kind, values in kinds.items() if values}

    point = of(lambda part, answer: counted(truth[part], answer, 2))
    spread = Bootstrap(groups).spread(
        lambda weights: of(lambda part, answer: resampled_counts(truth[part], answer, 2, weights[part]))
    )
    asked = np.isin(source, [tested for _, tested in said])
    return {key: _measure(key, float(point[key]), spread[key], source, asked) for key in point}


def _measure(key: Pair, value: float, spread: np.ndarray, source: np.ndarray, asked: np.ndarray) -> Measure:
    low, high = limits(spread, value)
    about, films = (key[1], asked) if key[0] == NAMED else (" to ".join(key), source == key[1])
    return Measure(NAMED, about, round(value, 4), round(low, 4), round(high, 4), int(films.sum()))
