"""Ten evaluations, one a fold, as one: the mean of each figure with its t interval over folds."""

from dataclasses import replace

import numpy as np
from scipy import stats

from ..results import Evaluation, Measure


def averaged(folds: list[Evaluation], name: str) -> Evaluation:
    """The figures that all folds have, averaged, and their confusion matrices added; n is all films. Curves are left
    to the folds.

    The interval is Student's over folds, clipped to [0, 1] where every fold's figure lies there. Training films of the
    folds overlap, so it is too narrow, by how much nobody can tell (Bengio and Grandvalet 2004).
    """
    first = folds[0]
    of_all = {(m.name, m.about): [one.measure(m.name, m.about) for one in folds] for m in first.measures}
    figures = tuple(_mean(place, [m for m in found if m]) for place, found in of_all.items() if all(found))
    note = f"Means over {len(folds)} folds; their training films overlap, so the intervals are too narrow."
    return replace(
        first,
        name=name,
        n=sum(one.n for one in folds),
        groups=sum(one.groups for one in folds),
        measures=figures,
        notes=(note, *first.notes),
        confusion=tuple(map(tuple, np.sum([one.confusion for one in folds], axis=0, dtype=int).tolist())),
        roc={},
        pr={},
        reliability={},
        conformal=None,
        abstain=None,
        threshold=None,
        temperature=1.0,
    )


def _mean(place: tuple[str, str], found: list[Measure]) -> Measure:
    values = np.array([m.value for m in found])
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    low, high = values.mean() - half, values.mean() + half
    if values.min() >= 0 and values.max() <= 1:
        low, high = max(low, 0.0), min(high, 1.0)
    return Measure(*place, float(values.mean()), float(low), float(high), sum(m.n for m in found))
