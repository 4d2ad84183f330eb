"""The maps beside which a map is judged: always those of the quick methods, whatever its reader has looked at.

The published shares of maps that pass were measured so (``cxr_models/evaluation/maps/badges.py``).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from cxr_models.errors import MapError
from cxr_models.types import Map
from pages.shared import jobs
from pages.shared.map_words import FOR_EVERY_CLASS

if TYPE_CHECKING:
    from cxr_models.explain import Question


def company(question: Question, result: Map, cancelled: jobs.Cancel) -> list[Map]:
    """The maps of the same answer by every other quick method that applies to the model and gives one.

    A map that is the same for every class agrees or disagrees with no answer, and is left out. Takes a moment a map.
    Raises Cancelled, WeightsError.
    """
    from cxr_models import explain  # brings torch: the page is shown first

    found = []
    for method in explain.methods_for(result.model_id):
        if method in explain.QUICK and method not in (result.method, *FOR_EVERY_CLASS):
            asked = (question.film, question.lungs, result.model_id, method, question.target)
            with suppress(MapError):
                found.append(explain.explain(*asked, cancelled=cancelled))
    return found
