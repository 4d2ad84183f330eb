"""``analyse --check``: should each map be believed? What the checks found, in JSON's own types, for the film's line.

Agreement is with the maps of the other quick methods, as in the stored share of maps that pass
(``evaluation/maps/badges.py``), whatever --explain asked for; never with ``residual``, whose map is the same for every
class. Those that were not asked for are made for this and not written out.
"""

import math
from contextlib import suppress
from typing import Any

from ..errors import MapError
from ..explain import QUICK, explain, methods_for
from ..explain.checks import check
from ..explain.checks.badge import reasons
from ..explain.signature import Question
from ..types import Evidence, Film, Lungs, Map

COMPANY = tuple(method for method in QUICK if method != "residual")


def checked(film: Film, lungs: Lungs | None, made: dict[str, Map]) -> dict[str, dict[str, Any]]:
    """Method -> what ``told`` says of its map. made: maps of one answer of one model, by method.

    Raises WeightsError.
    """
    company = _company(film, lungs, made)
    return {method: told(check(one, Question(film, lungs, one.target), company)) for method, one in made.items()}


def told(found: Evidence) -> dict[str, Any]:
    """The figures of ``types.Evidence`` by their names there; null for one that is not there or is no number."""
    return {
        "badge": found.badge,
        "reasons": list(reasons(found.checks)),
        "checks": {
            one.code: {"passed": one.passed, "value": _number(one.value), "limit": _number(one.limit)}
            for one in found.checks
        },
        "inside": _number(found.inside),
        "floor": _number(found.floor),
        "ceiling": _number(found.ceiling),
        "zones": {zone.name: {"share": _number(zone.share), "floor": _number(zone.floor)} for zone in found.zones},
        "deletion": [_number(probability) for probability in found.deletion],
        "insertion": [_number(probability) for probability in found.insertion],
        "cascade": {part: _number(likeness) for part, likeness in found.cascade},
        "agreement": {method: _number(likeness) for method, likeness in found.agreement.items()},
    }


def _company(film: Film, lungs: Lungs | None, made: dict[str, Map]) -> list[Map]:
    """The maps of the same answer by ``COMPANY``, as far as the model has them and something comes out."""
    one = next(iter(made.values()))
    found = []
    for method in (m for m in methods_for(one.model_id) if m in COMPANY):
        with suppress(MapError):
            found.append(made.get(method) or explain(film, lungs, one.model_id, method, one.target))
    return found


def _number(value: float | None) -> float | None:
    """JSON knows neither NaN nor infinity, nor numpy's types."""
    return None if value is None or not math.isfinite(value) else float(value)
