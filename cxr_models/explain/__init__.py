"""Why a model answers as it does on one film: maps in the film frame, one method a file.

A map shows what a network used, not where disease is. Published checks are sobering: every method examined failed at
least one of four sanity criteria (Arun 2021), and Grad-CAM stays below radiologists in localisation (Saporta 2022).
"""

from dataclasses import replace

import numpy as np

from .. import manifest, registry
from ..errors import Cancelled, RefusedFilm, UnknownMethod
from ..manifest import ModelSpec
from ..types import COVID19, Film, Lungs, Map
from .cam import GRADIENT, LINEAR, activation_map
from .perturbation import meaningful_perturbation
from .residual import residual_map
from .signature import Cancel, Method, Progress

METHODS: dict[str, Method] = {
    "cam": activation_map,
    "perturbation": meaningful_perturbation,
    "residual": residual_map,
}


def explain(
    film: Film,
    lungs: Lungs | None,
    model_id: str,
    method: str,
    target: str,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> Map:
    """One map of ``target``, a class of the model, by ``method``, a key of ``METHODS``; values (H, W) float32.

    With lungs the map says how much of its positive evidence lies inside them, and extra["floor"] what share an even
    map would have there: the lungs' share of the film. Raises UnknownModel, UnknownMethod (also for a class that the
    model does not have), RefusedFilm when the model needs lungs and there are none, Cancelled, WeightsError.
    """
    spec = registry.spec(model_id)
    _check(spec, method, target)
    found = lungs if lungs is not None and lungs.mask.any() else None
    if spec.input.region == "lungs" and found is None:
        raise RefusedFilm(f"{spec.title} reads the lungs alone and none were found on this film: use another model.")
    progress, cancelled = progress or (lambda share, doing: None), cancelled or (lambda: False)
    if cancelled():
        raise Cancelled("Cancelled before it began: there is no map. Start again to have one.")
    progress(0.0, f"{label(model_id, method)} of {spec.title}")
    made = METHODS[method](film, found, model_id, target, progress, cancelled)
    progress(1.0, "Done")
    return made if found is None else _beside(made, found)


def methods_for(model_id: str) -> tuple[str, ...]:
    """Keys of ``METHODS`` that apply to this model, in their order. Raises UnknownModel."""
    return _methods(registry.spec(model_id))


def label(model_id: str, method: str) -> str:
    """The method's name for this model; it tells an exact class activation map from Grad-CAM. Raises as explain."""
    spec = registry.spec(model_id)
    _check_method(spec, method)
    cam = LINEAR if getattr(registry.BUILDERS[spec.architecture], "linear_head", False) else GRADIENT
    return {"cam": cam, "perturbation": "meaningful perturbation", "residual": "residual"}[method]


def inside(values: np.ndarray, mask: np.ndarray) -> float | None:
    """Share of the positive part of ``values`` (H, W) that lies in ``mask`` (H, W) bool; None if there is none."""
    positive = np.clip(values, 0, None)
    total = positive.sum(dtype=np.float64)
    return float(positive[mask].sum(dtype=np.float64) / total) if total > 0 else None


def _beside(made: Map, lungs: Lungs) -> Map:
    floor = np.asarray(lungs.mask.mean(), np.float32)
    return replace(made, inside_lungs=inside(made.values, lungs.mask), extra=made.extra | {"floor": floor})


def _methods(spec: ModelSpec) -> tuple[str, ...]:
    builder = registry.BUILDERS[spec.architecture]
    answers = COVID19 in spec.classes
    rebuilds = hasattr(builder, "residuals") or hasattr(builder, "reconstruct")
    has = {"cam": answers, "perturbation": answers, "residual": rebuilds}
    return tuple(method for method in METHODS if has[method])


def _check(spec: ModelSpec, method: str, target: str) -> None:
    _check_method(spec, method)
    if target not in spec.classes:
        raise UnknownMethod(f"{spec.title} has no class {target!r} to explain. It has: {', '.join(spec.classes)}.")


def _check_method(spec: ModelSpec, method: str) -> None:
    valid = _methods(spec)
    if method in valid:
        return
    if method not in METHODS:
        raise UnknownMethod(f"There is no method {method!r}. There are: {', '.join(METHODS)}.")
    having = [other.id for other in manifest.specs().values() if method in _methods(other)]
    raise UnknownMethod(
        f"{spec.title} has no {method!r}. It has: {', '.join(valid) or 'none'}; {method!r} is for {', '.join(having)}."
    )
