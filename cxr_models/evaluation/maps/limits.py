"""Limits of the badge, from films that are neither trained nor tested on: how alike the maps of different films are.

The null is the rank correlation of two maps of the same model, method and class on two *different* films. Maps of one
network share its habits, so it is far above zero, and a map says something of its own film only beyond it.

- repeat, the 95th percentile: a repeat on the same film must be more alike than two films' maps are.
- random, the median of their size: once the weights are shuffled, no more may be left than two films' maps share.
- agreement, the 95th percentile where the two maps are of different methods: two methods on one film must agree more.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from ... import registry
from ...errors import RefusedFilm, TrainingError
from ...explain import METHODS, Question
from ...explain.checks.agreement import SIDE, reduced, spearman
from ...explain.scene import shown_alone
from ...results import Measure
from ...results_maps import LIMITS
from ..intervals import Bootstrap, limits
from ..predictions import labelled
from .cases import Case, cases
from .kept import Kept, Record
from .plan import Plan, drawn, maps_of

FILMS = 30
TIMES = 200
QUANTILES = dict(zip(LIMITS, (0.95, 0.5, 0.95), strict=True))


class Look(NamedTuple):
    """One map on the grid of the checks. whole and positive: (56, 56) float32, all of it and its positive part; shown:
    (56, 56) bool, where its network is shown anything, None for everywhere."""

    film: str
    model: str
    method: str
    target: str
    signed: bool
    whole: np.ndarray
    positive: np.ndarray
    shown: np.ndarray | None = None


class Pair(NamedTuple):
    """Rank correlation of the map of one film with that of another, by the same or by another method."""

    method: str
    other: str
    film: str
    other_film: str
    value: float


def measured(plan: Plan, kept: Kept, index: pd.DataFrame, root: Path) -> list[Measure]:
    """The three limits of every method, over all models, from validation films."""
    rows = drawn(labelled(index, "val"), plan.number(FILMS))
    asked = plan.asked("Limits", cases(root, rows), FILMS)
    looks = (
        of(case.name, model_id, method, kept.get(case.name, model_id, method, partial(looked, case, model_id, method)))
        for case, model_id, method in asked
    )
    return figures(list(pairs([look for look in looks if look])))


def looked(case: Case, model_id: str, method: str) -> Record:
    """The map of the most probable class; no target where there is no map."""
    try:
        target = case.decided(model_id)
    except RefusedFilm:
        return {"target": ""}
    (made,) = maps_of([Question(case.film, case.lungs, target)], model_id, method)
    if made is None:
        return {"target": ""}
    grids = {"whole": made.values, "positive": made.values.clip(0)}
    if (shown := shown_alone(case.lungs, registry.spec(model_id).input)) is not None:
        grids["shown"] = shown
    return {"target": target, "signed": made.signed} | {name: packed(grid) for name, grid in grids.items()}


def packed(values: np.ndarray) -> str:
    """(H, W) on the grid, as text."""
    return base64.b64encode(reduced(values).astype("<f4").tobytes()).decode()


def unpacked(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(SIDE, SIDE)


def of(film: str, model_id: str, method: str, record: Record) -> Look | None:
    """From what was kept; None where there was no map."""
    if not record["target"]:
        return None
    whole, positive = unpacked(record["whole"]), unpacked(record["positive"])
    shown = unpacked(record["shown"]) >= 0.5 if "shown" in record else None
    return Look(film, model_id, method, record["target"], record["signed"], whole, positive, shown)


def pairs(looks: Sequence[Look]) -> Iterator[Pair]:
    """Every two maps of one model and class on different films; by one method every two films once."""
    for one, other in permutations(looks, 2):
        if (one.model, one.target) != (other.model, other.target) or one.film == other.film:
            continue
        if one.method == other.method and one.film > other.film:
            continue
        value = compared(one, other)
        if not np.isnan(value):
            yield Pair(one.method, other.method, one.film, other.film, value)


def compared(one: Look, other: Look) -> float:
    """Rank correlation as the checks take it: of the positive parts where one has no sign, where both are shown."""
    signed = one.signed and other.signed
    grids = (one.whole, other.whole) if signed else (one.positive, other.positive)
    if one.shown is None or other.shown is None:
        return spearman(*grids)
    return spearman(*(grid[one.shown & other.shown] for grid in grids))


def figures(found: Sequence[Pair]) -> list[Measure]:
    """The limits, each with an interval over films."""
    measures = []
    for method in METHODS:
        same = [one for one in found if one.method == one.other == method]
        across = [one for one in found if one.method == method != one.other]
        sizes = [one._replace(value=abs(one.value)) for one in same]  # upside down is alike to that check
        for name, part in zip(LIMITS, (same, sizes, across), strict=True):
            measures += limit(name, method, part)
    return measures


def limit(name: str, method: str, part: Sequence[Pair]) -> list[Measure]:
    """The quantile of the pairs' correlations; films are resampled, and a pair counts as often as both were drawn."""
    part = sorted(part, key=lambda one: one.value)
    if not part:
        return []
    values = np.array([one.value for one in part])
    films = sorted({one.film for one in part} | {one.other_film for one in part})
    first, second = (np.searchsorted(films, [getattr(one, side) for one in part]) for side in ("film", "other_film"))
    value, share = float(np.quantile(values, QUANTILES[name], method="inverted_cdf")), QUANTILES[name]
    key = (name, method)
    spread = Bootstrap(np.array(films), TIMES).spread(
        lambda weights: {key: quantile(values, weights[first] * weights[second], share)}
    )
    low, high = limits(spread[key], value)
    return [Measure(name, method, round(value, 4), round(low, 4), round(high, 4), len(films))]


def quantile(values: np.ndarray, weights: np.ndarray, share: float) -> np.ndarray:
    """(P,) ascending values and (P, B) weights -> (B,): where ``share`` of the weight is reached; NaN without any."""
    reached = weights.cumsum(0)
    found = values[np.argmax(reached >= share * reached[-1], axis=0)]
    return np.where(reached[-1] > 0, found, np.nan)


def table(measures: Iterable[Measure]) -> str:
    """What ``explain/checks/limits.py`` holds. Raises TrainingError where there is nothing to put in it."""
    known = {(m.name, m.about): m.value for m in measures}
    lines = []
    for method in METHODS:
        if all((name, method) in known for name in LIMITS):
            values = ", ".join(f"{name.split()[0]}={known[name, method]:.2f}" for name in LIMITS)
            lines.append(f'    "{method}": Limits({values}),')
    if not lines:
        raise TrainingError(
            "No limits come of so few maps: two methods and two films that a model names alike are needed."
        )
    return "\n".join(["LIMITS = {", *lines, "}"])
