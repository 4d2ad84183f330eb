"""What takes a moment to compute of a film, made once and kept exactly as long as the film is open.

``explain`` and ``inference`` bring torch, which takes seconds to load: they are imported when first needed, so that the
page and the film are shown before.
"""

import hashlib
from dataclasses import replace
from weakref import WeakKeyDictionary

import cv2

from cxr_models.types import Film, Lungs, Map, Residuals
from pages.shared import jobs, session
from pages.shared.viewer.pack import shrink

LONGEST = 1024

# Keyed on the object itself, which lives in one session: never shared, and gone with the film.
_residuals: WeakKeyDictionary[Film, dict[str, Residuals]] = WeakKeyDictionary()
_removed: WeakKeyDictionary[Map, Film] = WeakKeyDictionary()


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


def slow_map(film: Film, lungs: Lungs | None, model_id: str, method: str, target: str) -> jobs.Work:
    """The work of making a map in the background, for ``jobs.start``."""
    from cxr_models import explain

    return lambda progress, cancelled: explain.explain(film, lungs, model_id, method, target, progress, cancelled)


def quick_map(film: Film, lungs: Lungs | None, model_id: str, method: str, target: str) -> Map:
    """A map that takes a moment (not the perturbation), kept in the session. Raises CxrError with a sentence."""
    kept = session.kept_map(film.sha256, model_id, method, target)
    if kept is None:
        from cxr_models import explain

        kept = explain.explain(film, lungs, model_id, method=method, target=target)
        session.keep_map(film.sha256, kept)
    return kept


def without_evidence(film: Film, result: Map) -> Film:
    """The film, at most 1024 pixels long, blurred where a perturbation ``result`` says: what changed the answer."""
    if result not in _removed:
        from cxr_models.explain import scene

        pixels, removed = shrink(film.pixels, LONGEST), shrink(result.values, LONGEST)
        rows, columns = (side * scene.REFERENCE / scene.AT for side in pixels.shape)
        pixels = (1 - removed) * pixels + removed * cv2.GaussianBlur(pixels, (0, 0), sigmaX=columns, sigmaY=rows)
        _removed[result] = replace(film, pixels=pixels, sha256=hashlib.sha256(pixels.tobytes()).hexdigest())
    return _removed[result]
