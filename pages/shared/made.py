"""What takes a moment to compute of a film, made once and kept exactly as long as the film is open."""

import hashlib
from dataclasses import replace
from weakref import WeakKeyDictionary

import cv2

from cxr_models import explain, inference
from cxr_models.explain import perturbation
from cxr_models.types import Film, Map, Residuals
from pages.shared import session
from pages.shared.viewer.pack import shrink

LONGEST = 1024

# Keyed on the object itself, which lives in one session: never shared, and gone with the film.
_residuals: WeakKeyDictionary[Film, dict[str, Residuals]] = WeakKeyDictionary()
_removed: WeakKeyDictionary[Map, Film] = WeakKeyDictionary()


def residuals(film: Film, model_id: str) -> Residuals:
    """What the autoencoders of a model leave of ``film``. Raises CxrError with a sentence for the reader."""
    kept = _residuals.setdefault(film, {})
    if model_id not in kept:
        kept[model_id] = inference.residuals(film, model_id)
    return kept[model_id]


def quick_map(case: session.Case, model_id: str, method: str, target: str) -> Map:
    """A map that takes a moment (not the perturbation), kept in the session. Raises CxrError with a sentence."""
    kept = session.kept_map(case.sha256, model_id, method, target)
    if kept is None:
        kept = explain.explain(case.film, case.reading.lungs, model_id, method=method, target=target)
        session.keep_map(case.sha256, kept)
    return kept


def without_evidence(film: Film, result: Map) -> Film:
    """The film, at most 1024 pixels long, blurred where a perturbation ``result`` says: what changed the answer."""
    if result not in _removed:
        pixels, removed = shrink(film.pixels, LONGEST), shrink(result.values, LONGEST)
        rows, columns = (side * perturbation.REFERENCE / perturbation.AT for side in pixels.shape)
        pixels = (1 - removed) * pixels + removed * cv2.GaussianBlur(pixels, (0, 0), sigmaX=columns, sigmaY=rows)
        _removed[result] = replace(film, pixels=pixels, sha256=hashlib.sha256(pixels.tobytes()).hexdigest())
    return _removed[result]
