"""``analyse --check``: should each map be believed? What the checks found, in JSON's own types, for the film's line.

Agreement is with the maps of ``explain/checks/company.py``, whatever --explain asked for. Those that were not asked for
are made for this and not written out.
"""

import math
from contextlib import suppress
from typing import Any

from ..errors import MapError
from ..explain import explain
from ..explain.checks import check
from ..explain.checks.badge import reasons
from ..explain.checks.company import companions
from ..explain.signature import Question
from ..types import Evidence, Film, Lungs, Map


def checked(film: Film, lungs: Lungs | None, made: dict[str, Map]) -> dict[str, dict[str, Any]]:
    """Method -> what ``told`` says of its map. made: maps of one answer of one model, by method.

    Raises WeightsError.
    """
    known = dict(made)
    return {
        method: told(check(one, Question(film, lungs, one.target), _beside(film, lungs, one, known)))
        for method, one in made.items()
    }


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


def _beside(film: Film, lungs: Lungs | None, one: Map, known: dict[str, Map]) -> list[Map]:
    """The maps of the same answer that keep it company, as far as something comes out; made ones go into ``known``."""
    for method in companions(one.model_id, one.method):
        if method not in known:
            with suppress(MapError):
                known[method] = explain(film, lungs, one.model_id, method, one.target)
    return [known[method] for method in companions(one.model_id, one.method) if method in known]


def _number(value: float | None) -> float | None:
    """JSON knows neither NaN nor infinity, nor numpy's types."""
    return None if value is None or not math.isfinite(value) else float(value)
