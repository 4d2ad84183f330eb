"""The section "Maps" of docs/results.md: how far maps can be believed, from ``weights/results/maps*.json``.

Its figures are those of an ``Evaluation`` called "maps"; what a figure is about stands in ``Measure.about``, joined by
``about``: the last two are always the model and the method.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

from . import results
from .results import Evaluation, Measure
from .results_studies import shown
from .types import Badge

MAPS = "maps"
COMMAND = "python -m cxr_models evaluate maps"
# On phantoms; about: cause[, model, method].
OPACITY, MARKER = "opacity", "marker"
RAISED, DOUBLED = "probability raised by 0.2", "odds doubled"
HIT, CHANCE = "hit", "chance of a hit"
ON_CAUSE, AREA = "evidence on the cause", "area of the cause"
TAUGHT = "taught-"  # before the cause: the id of a network that learned nothing else
# In the lungs; about: what is shown, class, model, method; or "lungs as found", label, model, method.
INSIDE, FLOOR, CEILING, GAIN = "evidence in the lungs", "floor", "ceiling", "gain by showing the lungs alone"
WHOLE, ALONE, BY_HAND, FOUND = "whole film", "lungs alone", "lungs drawn by hand", "lungs as found"
# Of the badge; about: the method; or model, method.
LIMITS = ("repeat limit", "random limit", "agreement limit")
BADGE, FAILED = "badge", "fails"
Table = tuple[str, list[dict[str, str]], list[str]]
SEEN = """\
How far maps can be believed, measured. `{command}` makes all of this; `{start} --limits` the limits alone.
A map shows what a network used, not where disease is: a map that lies in the lungs can still be wrong.
"""
PAIRS = {
    OPACITY: "Phantoms without and with a drawn opacity: how often a map's maximum lies on it",
    MARKER: "Phantoms without and with letters in a corner: how often a map's maximum lies on them",
}
HITS_NOTE = (
    "Hits are counted over pairs in which the added thing raises the model's probability by 0.2 or doubles its odds:"
    " there it is the cause. A hit is a maximum on it or within 15 of 256 pixels; chance is what a blind map would hit."
)


def about(*parts: str) -> str:
    """What a figure is about, as ``Measure`` holds it."""
    return ", ".join(parts)


def said(folder: Path = results.FOLDER) -> str:
    """What was measured and what came out, in plain words."""
    found = measured(folder)
    if not found:
        return f"Not measured yet: `{COMMAND}`."
    lines = [*_findings(found), *found.notes]
    return SEEN.format(command=found.command, start=COMMAND) + "\n" + "\n".join(f"- {line}" for line in lines)


def measured(folder: Path = results.FOLDER) -> Evaluation | None:
    """What was measured, also where methods or models were measured by commands of their own (``--name``): one
    evaluation, in which a figure that several hold is that of the first."""
    parts = [found for found in (results.evaluation(MAPS, folder), *results.elsewhere(MAPS, folder)) if found]
    if not parts:
        return None
    figures: dict[tuple[str, str], Measure] = {}
    for m in (m for found in parts for m in found.measures):
        figures.setdefault((m.name, m.about), m)
    return replace(
        parts[0],
        command="` and `".join(found.command for found in parts),
        measures=tuple(figures.values()),
        notes=tuple(dict.fromkeys(note for found in parts for note in found.notes)),
    )


def passing(model_id: str, folder: Path = results.FOLDER) -> dict[str, Measure]:
    """Method -> share of the model's maps of test films that carry "passes"; none before that was measured."""
    found = measured(folder)
    return {parts[1]: m for parts, m in _about(found, f"{BADGE} passes") if parts[0] == model_id} if found else {}


def tables(folder: Path = results.FOLDER) -> Iterator[Table]:
    """Heading, rows and lines below of each table; none before anything was measured."""
    if found := measured(folder):
        for cause, heading in PAIRS.items():
            yield heading, _hits(found, cause), [HITS_NOTE, *_unmoved(found, cause)]
            yield f"Share of a map's evidence on the {cause}, in the same pairs", _on_cause(found, cause), []
        for target in dict.fromkeys(parts[1] for parts, _ in _about(found, INSIDE) if parts[0] != FOUND):
            yield f"Share of the evidence for {target} in lungs drawn by hand", _in_lungs(found, target), []
        yield "Share in lungs as found, of the evidence for the class named, by the films' label", _by_label(found), []
        yield "Limits of the badge, from validation films", _limits(found), []
        yield "Maps by their badge, on test films", _badges(found), []
        yield "Maps that fail a check, of those it could be made on", _failed(found), []


def _about(found: Evaluation, name: str) -> list[tuple[tuple[str, ...], Measure]]:
    return [(tuple(m.about.split(", ")), m) for m in found.measures if m.name == name]


def _grid(found: Evaluation, name: str, *where: str) -> dict[str, dict[str, Measure]]:
    """Method -> model -> figure, of those about ``where``."""
    grid: dict[str, dict[str, Measure]] = {}
    for (*rest, model_id, method), m in _about(found, name):
        if tuple(rest) == where:
            grid.setdefault(method, {})[model_id] = m
    return grid


def _rows(lines: dict[str, dict[str, Measure]], models: list[str]) -> list[dict[str, str]]:
    return [{"": name} | {model_id: shown(cells.get(model_id)) for model_id in models} for name, cells in lines.items()]


def _most(grid: dict[str, dict[str, Measure]], models: list[str]) -> dict[str, Measure]:
    """Model -> the figure on the most pairs: it is the pairs', not a method's."""
    cells = {model_id: [cells[model_id] for cells in grid.values() if model_id in cells] for model_id in models}
    return {model_id: max(each, key=lambda m: m.n) for model_id, each in cells.items() if each}


def _asked(found: Evaluation, name: str, cause: str) -> dict[str, Measure]:
    return {parts[1]: m for parts, m in _about(found, name) if parts[0] == cause}


def _hits(found: Evaluation, cause: str) -> list[dict[str, str]]:
    asked = {name: _asked(found, name, cause) for name in (RAISED, DOUBLED)}
    models = list(asked[RAISED])
    chance = {CHANCE: _most(_grid(found, CHANCE, cause), models)}
    return _rows(asked | _grid(found, HIT, cause) | chance, models) if models else []


def _unmoved(found: Evaluation, cause: str) -> list[str]:
    asked = [_asked(found, name, cause) for name in (RAISED, DOUBLED)]
    none = [model_id for model_id in asked[0] if all(each[model_id].value == 0 for each in asked)]
    return [f"No {cause} raised an answer of {', '.join(none)}: there n = 0, and nothing can be hit."] if none else []


def _on_cause(found: Evaluation, cause: str) -> list[dict[str, str]]:
    grid = _grid(found, ON_CAUSE, cause)
    models = list(dict.fromkeys(model_id for cells in grid.values() for model_id in cells))
    return _rows({**grid, AREA: _most(_grid(found, AREA, cause), models)}, models) if grid else []


def _in_lungs(found: Evaluation, target: str) -> list[dict[str, str]]:
    """Before and after segmentation: a row a model and method, the floor beside it."""
    floor = found.measure(FLOOR, BY_HAND)
    rows = []
    for model_id, method in _pairs(found, INSIDE, lambda rest: rest[0] != FOUND and rest[1] == target):
        cells = {name: found.measure(INSIDE, about(name, target, model_id, method)) for name in (WHOLE, ALONE)}
        top = found.measure(CEILING, about(ALONE, target, model_id, method))
        gain = found.measure(GAIN, about(target, model_id, method))
        row = {"model": model_id, "method": method} | {name: shown(m) for name, m in cells.items()}
        rows.append(row | {"gain": shown(gain), FLOOR: _plain(floor), CEILING: _plain(top)})
    return rows


def _by_label(found: Evaluation) -> list[dict[str, str]]:
    labels = list(dict.fromkeys(parts[1] for parts, _ in _about(found, INSIDE) if parts[0] == FOUND))
    rows = [
        {"model": model_id, "method": method}
        | {label: shown(found.measure(INSIDE, about(FOUND, label, model_id, method))) for label in labels}
        for model_id, method in _pairs(found, INSIDE, lambda rest: rest[0] == FOUND)
    ]
    floors = {label: shown(found.measure(FLOOR, about(FOUND, label))) for label in labels}
    return [*rows, {"model": "", "method": FLOOR} | floors] if rows else []


def _limits(found: Evaluation) -> list[dict[str, str]]:
    methods = dict.fromkeys(m.about for m in found.measures if m.name in LIMITS)
    return [{"method": each} | {name: shown(found.measure(name, each)) for name in LIMITS} for each in methods]


def _badges(found: Evaluation) -> list[dict[str, str]]:
    return _by_map(found, {f"{BADGE} {badge}": badge for badge in get_args(Badge)})


def _failed(found: Evaluation) -> list[dict[str, str]]:
    names = dict.fromkeys(m.name for m in found.measures if m.name.startswith(f"{FAILED} "))
    return _by_map(found, {name: name.removeprefix(f"{FAILED} ") for name in names})


def _by_map(found: Evaluation, columns: dict[str, str]) -> list[dict[str, str]]:
    """A row a model and method; columns: name of the figure -> heading."""
    pairs = dict.fromkeys(pair for name in columns for pair in _pairs(found, name, lambda rest: True))
    return [
        {"model": model_id, "method": method}
        | {head: shown(found.measure(name, about(model_id, method))) for name, head in columns.items()}
        for model_id, method in pairs
    ]


def _pairs(found: Evaluation, name: str, wanted: Callable[[list[str]], bool]) -> list[tuple[str, str]]:
    """(model, method) of the figures of this name whose other parts are ``wanted``."""
    return list(dict.fromkeys((model, method) for (*rest, model, method), _ in _about(found, name) if wanted(rest)))


def _plain(m: Measure | None) -> str:
    return f"{m.value:.3f}" if m else ""


def _findings(found: Evaluation) -> Iterator[str]:
    """Counts over all pairs of model and method: a reading that the tables bear out."""
    for cause in PAIRS:
        for taught in (False, True):
            hits = [
                (m, found.measure(CHANCE, about(*parts)))
                for parts, m in _about(found, HIT)
                if parts[0] == cause and parts[1].startswith(TAUGHT) == taught
            ]
            above = sum(chance is not None and m.low > chance.value for m, chance in hits)
            whose = f"methods hit more often than chance on a network that was taught the {cause} alone"
            if hits:
                yield (
                    f"On a drawn {cause}, {above} of {len(hits)} "
                    f"{whose if taught else 'pairs of model and method hit more often than chance'}."
                )
    floor, gains = found.measure(FLOOR, BY_HAND), [m for _, m in _about(found, GAIN)]
    whole = [m for parts, m in _about(found, INSIDE) if parts[0] == WHOLE]
    if whole and floor:
        above, below = sum(m.low > floor.value for m in whole), sum(m.high < floor.value for m in whole)
        yield (
            f"On whole films, {above} of {len(whole)} maps (model, method, class) have more of their evidence in lungs"
            f" drawn by hand than an even map would, {below} have less."
        )
    if gains:
        more, less = sum(m.low > 0 for m in gains), sum(m.high < 0 for m in gains)
        yield f"Shown the lungs alone, {more} of {len(gains)} have a larger share there, {less} a smaller one."
    passing = [m for _, m in _about(found, f"{BADGE} passes")]
    if passing:
        good = sum(m.value >= 0.5 for m in passing)
        yield f'Of {len(passing)} pairs of model and method {good} carry "passes" on half of the films or more.'
