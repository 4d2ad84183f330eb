"""The maps beside which a map is judged (``cxr_models/explain/checks/company.py``), made for it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from cxr_models.errors import MapError
from cxr_models.types import Map
from pages.shared import jobs

if TYPE_CHECKING:
    from cxr_models.explain import Question


def company(question: Question, result: Map, cancelled: jobs.Cancel) -> list[Map]:
    """As far as something comes out. Takes a moment a map. Raises Cancelled, WeightsError."""
    from cxr_models import explain  # brings torch: the page is shown first
    from cxr_models.explain.checks.company import companions

    found = []
    for method in companions(result.model_id, result.method):
        asked = (question.film, question.lungs, result.model_id, method, question.target)
        with suppress(MapError):
            found.append(explain.explain(*asked, cancelled=cancelled))
    return found
