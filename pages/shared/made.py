"""What takes a moment to compute of a film, made once and kept exactly as long as the film is open.

``explain`` and ``inference`` bring torch, which takes seconds to load: they are imported when first needed, so that the
page and the film are shown before.
"""

import hashlib
from dataclasses import replace
from typing import NamedTuple
from weakref import WeakKeyDictionary

import cv2
import numpy as np

from cxr_models.types import Evidence, Film, Lungs, Map, Residuals
from pages.shared import session
from pages.shared.viewer.pack import shrink

LONGEST = 1024


class Blurring(NamedTuple):
    """A small film, the same blurred, and for each pixel the share of the places that a map calls stronger: (h, w)."""

    sharp: np.ndarray
    blurred: np.ndarray
    rank: np.ndarray


# Keyed on the object itself, which lives in one session: never shared, and gone with the film.
_residuals: WeakKeyDictionary[Film, dict[str, Residuals]] = WeakKeyDictionary()
_evidence: WeakKeyDictionary[Map, Evidence | None] = WeakKeyDictionary()
_blurring: WeakKeyDictionary[Map, Blurring] = WeakKeyDictionary()


def residuals(film: Film, model_id: str) -> Residuals:
    """What the autoencoders of a model leave of ``film``. Raises CxrError with a sentence for the reader."""
    kept = _residuals.setdefault(film, {})
    if model_id not in kept:
        from cxr_models import inference

        kept[model_id] = inference.residuals(film, model_id)
    return kept[model_id]


def methods(model_id: str) -> tuple[str, ...]:
    """The kinds of map there are of a model: keys of ``explain.METHODS``."""
    from cxr_models import explain

    return explain.methods_for(model_id)


def method_name(model_id: str, method: str) -> str:
    """What the method is called for this model."""
    from cxr_models import explain

    return explain.label(model_id, method)


def is_quick(method: str) -> bool:
    """Does a map by this method take a moment, so that nobody need wait for it?"""
    from cxr_models import explain

    return method in explain.QUICK


def quick_map(film: Film, lungs: Lungs | None, model_id: str, method: str, target: str) -> Map:
    """A map that takes a moment, kept in the session. Raises CxrError with a sentence."""
    kept = session.kept_map(film.sha256, model_id, method, target)
    if kept is None:
        from cxr_models import explain

        kept = explain.explain(film, lungs, model_id, method=method, target=target)
        session.keep_map(film.sha256, kept)
    return kept


def answer_map(film: Film, lungs: Lungs | None, model_id: str, target: str) -> Map:
    """Where the model's answer comes from, by the first method that applies to it. Raises as ``quick_map``."""
    return quick_map(film, lungs, model_id, methods(model_id)[0], target)


def evidence(result: Map) -> Evidence | None:
    """What is known for and against believing a map; None while it has not been checked.

    That a map holds nothing for its class takes milliseconds to see: it is known from the start.
    """
    if result not in _evidence:
        from cxr_models.explain.checks import badge

        there = badge.evidence(result)
        _evidence[result] = None if there.passed else Evidence("no evidence", (there,))
    return _evidence[result]


def speaks(result: Map) -> bool:
    """Does the map hold anything for its class? No other is drawn, on any page."""
    found = evidence(result)
    return found is None or found.badge != "no evidence"


def keep_evidence(result: Map, found: Evidence) -> None:
    _evidence[result] = found


def removed(film: Film, lungs: Lungs | None, result: Map, share: float) -> Film:
    """The film, at most 1024 pixels long, with ``share`` of what the model is shown blurred, strongest places first.

    The places are those that the map's deletion curve blurs.
    """
    if result not in _blurring:
        _blurring[result] = _prepare(film, lungs, result)
    sharp, blurred, rank = _blurring[result]
    pixels = np.where(rank < share, blurred, sharp)
    return replace(film, pixels=pixels, sha256=hashlib.sha256(pixels.tobytes()).hexdigest())


def _prepare(film: Film, lungs: Lungs | None, result: Map) -> Blurring:
    from cxr_models import registry
    from cxr_models.explain import Question, scene
    from cxr_models.explain.checks.curves import ranked
    from cxr_models.imaging.preprocess import resize

    _, inside = scene.seen(Question(film, lungs, result.target), registry.spec(result.model_id).input)
    sharp = shrink(film.pixels, LONGEST)
    rows, columns = (side * scene.REFERENCE / scene.AT for side in sharp.shape)
    rank = cv2.resize(
        ranked(resize(result.values, inside.shape), inside), sharp.shape[::-1], interpolation=cv2.INTER_NEAREST
    )
    return Blurring(sharp, cv2.GaussianBlur(sharp, (0, 0), sigmaX=columns, sigmaY=rows), rank)
