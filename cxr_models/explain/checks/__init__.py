"""Checks beside every map: what speaks for and against believing it, one test a file, one badge for all.

``check`` makes them all. The tests are those of the literature on saliency maps: does the answer follow the map
(Petsiuk 2018), does the map depend on what the network learned (Adebayo 2018), does it last, do other methods agree.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ... import registry
from ...errors import MapError
from ...registry import LoadedModel
from ...types import Evidence, Map
from .. import inside
from ..scene import shown_alone
from ..signature import Cancel, Progress, Question, stopped
from . import agreement, badge, curves, randomisation, repeat
from .limits import LIMITS
from .portion import portion
from .zones import ceiling, zones

__all__ = ["check"]


def check(
    made: Map,
    question: Question,
    others: Sequence[Map] = (),
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> Evidence:
    """All checks of ``made``, the map that ``explain`` gave for ``question``; limits in ``limits.LIMITS``.

    others: maps of the same film, model and class by other methods, for their agreement. A map with no evidence for
    its class is not tested further. The map is made five times more and the network looks about 75 times, so that
    slow methods take five times as long as one map. Raises Cancelled, WeightsError, UnknownModel, and MapError when
    map and question do not belong together.
    """
    progress, cancelled = progress or (lambda share, doing: None), cancelled or (lambda: False)
    question = _asked(made, question)
    loaded = registry.load(made.model_id)
    stopped(cancelled)
    found = _tested(made, question, others, loaded, progress, cancelled)
    progress(1.0, "Done")
    return found


def _tested(
    made: Map,
    question: Question,
    others: Sequence[Map],
    loaded: LoadedModel,
    progress: Progress,
    cancelled: Cancel,
) -> Evidence:
    there = badge.evidence(made)
    if not there.passed:
        return Evidence("no evidence", (there,))
    limits, shown = LIMITS[made.method], shown_alone(question.lungs, loaded.spec.input)
    followed = curves.curves(made, loaded, question, portion(progress, 0.0, 0.4), cancelled)
    cascade = randomisation.cascade(made, loaded, question, portion(progress, 0.4, 0.8), cancelled)
    lasting = repeat.repeatability(made, loaded, question, portion(progress, 0.8, 1.0), cancelled)
    agreeing = agreement.agreement(made, others, shown)
    checks = (
        there,
        curves.judged(followed),
        randomisation.judged(cascade, limits.random),
        repeat.judged(lasting, limits.repeat),
        agreement.judged(agreeing, limits.agreement),
    )
    found = Evidence(
        badge.badge(checks),
        checks,
        deletion=followed.deletion,
        insertion=followed.insertion,
        cascade=cascade,
        agreement=agreeing,
    )
    return found if question.lungs is None else _placed(found, made, question.lungs.mask, shown)


def _placed(found: Evidence, made: Map, mask: np.ndarray, shown: np.ndarray | None) -> Evidence:
    """With where its positive evidence lies."""
    return replace(
        found,
        zones=zones(made.values, mask),
        inside=inside(made.values, mask),
        floor=float(mask.mean()),
        ceiling=ceiling(made, mask, shown),
    )


def _asked(made: Map, question: Question) -> Question:
    """The question with no lungs in place of an empty mask. Raises MapError when it is not the map's own."""
    if made.target != question.target or made.values.shape != question.film.pixels.shape:
        raise MapError(
            f"This map is of {made.target!r} on a film of {made.values.shape}, the question of {question.target!r} on "
            f"one of {question.film.pixels.shape}: check a map with the question it was made for."
        )
    lungs = question.lungs
    return replace(question, lungs=lungs if lungs is not None and lungs.mask.any() else None)
