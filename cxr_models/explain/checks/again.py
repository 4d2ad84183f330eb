"""A map made once more, of another network or another film, to be compared with the first."""

import numpy as np

from ...errors import MapError
from ...registry import LoadedModel
from ...types import Map
from .. import METHODS
from ..signature import Cancel, Progress, Question
from .agreement import alike


def remade(made: Map, loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Map | None:
    """``made`` by the same method from ``loaded`` and ``question``; None where nothing that can be shown comes out.

    Raises Cancelled.
    """
    try:
        (found,) = METHODS[made.method](loaded, [question], progress, cancelled)
    except MapError:
        return None
    return found


def likeness(made: Map, again: Map | None, where: np.ndarray | None) -> float | None:
    """As ``agreement.alike``; None also where there is no second map."""
    return None if again is None else alike(made, again, where)
