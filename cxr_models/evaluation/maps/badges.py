"""How many maps hold: the badge and every single check, by model and method, on test films."""

from functools import partial
from pathlib import Path
from typing import get_args

import pandas as pd

from ...errors import RefusedFilm
from ...explain import Question, checks
from ...explain.checks.company import companions
from ...results import Measure
from ...results_maps import BADGE, FAILED, about
from ...types import Badge, Evidence
from ..intervals import proportion
from ..predictions import labelled
from .cases import Case, cases
from .kept import Kept, Record
from .plan import Plan, drawn, maps_of

FILMS = 30


def measured(plan: Plan, kept: Kept, index: pd.DataFrame, root: Path) -> list[Measure]:
    """Shares of each badge, and of the maps that fail each check among those on which it could be made."""
    rows = drawn(labelled(index, "test"), plan.number(FILMS))
    found = [
        kept.get(case.name, model_id, method, partial(judged, case, model_id, method))
        | {"model": model_id, "method": method}
        for case, model_id, method in plan.asked("Badges", cases(root, rows), FILMS)
    ]
    return figures(pd.DataFrame(found)) if found else []


def judged(case: Case, model_id: str, method: str) -> Record:
    """The map of the most probable class beside those of the quick methods; badge "" where the film is not read."""
    try:
        question = Question(case.film, case.lungs, case.decided(model_id))
    except RefusedFilm:
        return {"badge": "", "checks": {}}
    (made,) = maps_of([question], model_id, method)
    if made is None:
        return {"badge": "no evidence", "checks": {}}
    beside = [maps_of([question], model_id, other)[0] for other in companions(model_id, method)]
    return of(checks.check(made, question, [one for one in beside if one]))


def of(evidence: Evidence) -> Record:
    return {
        "badge": evidence.badge,
        "checks": {one.code: one.passed if one.passed is None else bool(one.passed) for one in evidence.checks},
    }


def figures(frame: pd.DataFrame) -> list[Measure]:
    """From one row a map: badge, checks (code -> passed or None), model, method."""
    found: list[Measure] = []
    for (model_id, method), part in frame[frame.badge != ""].groupby(["model", "method"], sort=False):
        for badge in get_args(Badge):
            found += proportion(f"{BADGE} {badge}", about(model_id, method), (part.badge == badge).sum(), len(part))
        for code in dict.fromkeys(code for checked in part.checks for code in checked):
            made = [checked[code] for checked in part.checks if checked.get(code) is not None]
            found += proportion(f"{FAILED} {code}", about(model_id, method), made.count(False), len(made))
    return found
