"""How alike two maps are: the rank correlation (Spearman) of their places on a common coarse grid.

Ranks, for units and sizes differ between methods; a coarse grid, for so do their grains.
"""

from collections.abc import Sequence
from statistics import median

import numpy as np

from ...imaging.preprocess import resize
from ...types import Check, Map

SIDE = 56


def alike(one: Map, other: Map, where: np.ndarray | None = None) -> float | None:
    """Rank correlation in [-1, 1] of two maps of one film, on a grid of 56 x 56.

    where: (h, w) bool, over the whole film: only these places are compared, as ``scene.shown_alone`` gives them: two
    maps that hold nothing outside the lungs would be alike by that outline. Where one of the two has no sign only the
    positive parts are compared. None when either is the same everywhere or holds values that are no numbers: then it
    ranks nothing.
    """
    signed = one.signed and other.signed
    grids = [reduced(made.values if signed else np.clip(made.values, 0, None)) for made in (one, other)]
    if where is not None:
        grids = [grid[reduced(where) >= 0.5] for grid in grids]
    value = spearman(*grids)
    return None if np.isnan(value) else value


def reduced(values: np.ndarray) -> np.ndarray:
    """(H, W) -> (56, 56) float32, by area averaging where that is smaller."""
    return resize(values, (SIDE, SIDE))


def spearman(one: np.ndarray, other: np.ndarray) -> float:
    """Rank correlation in [-1, 1] of two arrays of one shape; NaN when either is the same everywhere or has a NaN."""
    if not (_differs(one) and _differs(other)):
        return float("nan")
    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def ranks(values: np.ndarray) -> np.ndarray:
    """(N,) ranks from 1 on, equal values sharing their mean rank. scipy.stats has it, and takes seconds to load."""
    _, place, count = np.unique(values.ravel(), return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[place]


def agreement(made: Map, others: Sequence[Map], where: np.ndarray | None = None) -> dict[str, float]:
    """Method -> rank correlation of its map of the same film, model and class with ``made``; its own is left out."""
    found = {other.method: alike(made, other, where) for other in others if other.method != made.method}
    return {method: value for method, value in found.items() if value is not None}


def judged(found: dict[str, float], limit: float) -> Check:
    """Passed when the median of the correlations reaches ``limit``: half of the other methods agree at least so well.

    Not made, with value NaN, where there is none.
    """
    if not found:
        return Check("agreement", None, "No map of another method was there to compare with.", float("nan"), limit)
    value, number = median(found.values()), len(found)
    passed = value >= limit
    which = "the map of 1 other method" if number == 1 else f"the maps of {number} other methods"
    ending = f"{which} (likeness {value:.2f} of 1{', the median' if number > 1 else ''})."
    sentence = f"This map {'agrees with' if passed else 'marks other places than'} {ending}"
    return Check("agreement", passed, sentence, value, limit)


def _differs(values: np.ndarray) -> bool:
    """Rounding alone is no difference."""
    return bool(values.size and np.isfinite(values).all() and np.ptp(values) > 1e-6 * np.abs(values).max())
