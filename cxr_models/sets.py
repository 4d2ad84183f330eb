"""Answers that may say "not sure": conformal prediction sets, and abstention between two thresholds.

Pure functions of calibrated probabilities and of cuts stored with an evaluation (``results.Conformal``, ``Abstain``).
"""

from collections.abc import Mapping, Sequence
from typing import Literal

Side = Literal["below", "between", "above"]


def prediction_set(
    classes: Sequence[str], probabilities: Sequence[float], cuts: Mapping[str, float]
) -> tuple[str, ...]:
    """The classes whose probability reaches their cut, in the model's order.

    One class: a sure answer. Several: the model cannot tell them apart. None: the film is unlike 19 in 20 (at a
    coverage of 95 %) of the validation films of every class. Raises KeyError for a class without a cut.
    """
    return tuple(name for name, p in zip(classes, probabilities, strict=True) if p >= cuts[name])


def side(probability: float, low: float, high: float) -> Side:
    """Where a probability lies: "below" ``low`` (spared), at or "above" ``high`` (named), or "between" (no answer)."""
    if probability < low:
        return "below"
    return "above" if probability >= high else "between"
