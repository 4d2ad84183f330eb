"""How far maps can be believed, measured: against known causes, in lungs drawn by hand, and by their own badge.

Each part keeps what it has measured in ``runs/maps``; a second call goes on where the first stopped.
"""

import datetime
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from ... import explain
from ...imaging import phantom
from ...results import FOLDER, TEST, Evaluation, Measure, save
from ...results_maps import COMMAND, MAPS
from . import badges, limits, phantoms, shares
from .kept import Kept
from .plan import EXPLAINING, SLOW, Plan

__all__ = ["EXPLAINING", "Kept", "Plan", "limit_table", "measure", "records", "store"]
Part = Callable[[Plan, Kept, pd.DataFrame, Path], list[Measure]]
PARTS: dict[str, Part] = {
    "phantoms": phantoms.measured,
    "by-hand": shares.by_hand,
    "by-label": shares.by_label,
    "limits": limits.measured,
    "badges": badges.measured,
}
PLACED = ("zones.py", "agreement.py")
NOTES = (
    f"Methods that look at a film many times are measured on at most {SLOW} real films, or {SLOW} of a label.",
    "A drawn opacity or letter is no finding of a real film: a hit shows that a map can find what moved the answer.",
    "Whether other methods agree has no part in the badge: methods ask different questions.",
    "Hand-drawn lungs exist for films without COVID-19 only.",
)


def measure(plan: Plan, index: pd.DataFrame, root: Path, runs: Path, options: str = "", name: str = TEST) -> Evaluation:
    """Measure all parts and store ``weights/results/maps.json``, or ``maps.<name>.json``; options: of the command."""
    found = {part: records(part, runs) for part in PARTS}  # before hours of work in which a file may be edited
    measures = [m for part, measured in PARTS.items() for m in measured(plan, found[part], index, root)]
    data = f"phantoms, test films and validation films; models: {', '.join(plan.models)}"
    return store(measures, data, options, name, NOTES)


def store(measures: Sequence[Measure], data: str, options: str, name: str, notes: tuple[str, ...]) -> Evaluation:
    """As an ``Evaluation`` made by ``COMMAND`` with ``options``."""
    found = Evaluation(
        MAPS,
        (),
        max((m.n for m in measures), default=0),
        data,
        str(datetime.date.today()),
        COMMAND + options,
        (),
        {},
        tuple(measures),
        notes,
        name,
    )
    save(found, FOLDER)
    return found


def limit_table(plan: Plan, index: pd.DataFrame, root: Path, runs: Path) -> str:
    """The limits of the badge as ``explain/checks/limits.py`` holds them, from validation films."""
    return limits.table(limits.measured(plan, records("limits", runs), index, root))


def records(part: str, runs: Path, name: str = "") -> Kept:
    """The records of a key of ``PARTS``; name: of a file of their own."""
    return Kept(runs / "maps" / f"{name or part}.jsonl", _code(part))


def _code(part: str) -> list[Path]:
    """What a record hangs on: how maps are made and measured; of the checks only what places and shrinks maps, but for
    badges all of them and their limits; for phantoms how they are drawn."""
    made, drawn = (list(Path(inspect.getfile(package)).parent.rglob("*.py")) for package in (explain, phantom))
    if part != "badges":
        made = [file for file in made if file.parent.name != "checks" or file.name in PLACED]
    return [Path(inspect.getfile(PARTS[part])), *made, *(drawn if part == "phantoms" else ())]
