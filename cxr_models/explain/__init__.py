"""Why a model answers as it does on one film: maps in the film frame, one method a file.

A map shows what a network used, not where disease is. Published checks are sobering: every method examined failed at
least one of four sanity criteria (Arun 2021), and Grad-CAM stays below radiologists in localisation (Saporta 2022).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .. import manifest, registry
from ..errors import MapError, RefusedFilm, UnknownMethod
from ..manifest import ModelSpec
from ..types import COVID19, Film, Lungs, Map
from .cam import activation_map
from .grad_cam import grad_cam_map
from .grad_cam_pp import grad_cam_pp_map
from .integrated_gradients import integrated_gradients_map
from .occlusion import occlusion_map
from .perturbation import perturb
from .residual import residual_map
from .signature import Cancel, Method, Progress, Question, one_by_one, stopped

METHODS: dict[str, Method] = {
    "cam": one_by_one(activation_map),
    "grad_cam": one_by_one(grad_cam_map),
    "grad_cam_pp": one_by_one(grad_cam_pp_map),
    "integrated_gradients": one_by_one(integrated_gradients_map),
    "occlusion": one_by_one(occlusion_map),
    "perturbation": perturb,
    "residual": one_by_one(residual_map),
}
QUICK = ("cam", "grad_cam", "grad_cam_pp", "residual")  # one look of the network or less: no need to wait
LAYERED = ("grad_cam", "grad_cam_pp")
NAMES = {
    "cam": "class activation map (exact)",
    "grad_cam": "Grad-CAM",
    "grad_cam_pp": "Grad-CAM++",
    "integrated_gradients": "integrated gradients",
    "occlusion": "occlusion",
    "perturbation": "meaningful perturbation",
    "residual": "residual",
}


def explain(
    film: Film,
    lungs: Lungs | None,
    model_id: str,
    method: str,
    target: str,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
    layer: str = "",
) -> Map:
    """One map of ``target``, a class of the model, by ``method``, a key of ``METHODS``; values (H, W) float32.

    layer: of Grad-CAM and Grad-CAM++, a part of the network by its name in torch; the last features if not given.
    With lungs the map says how much of its positive evidence lies inside them, and extra["floor"] what share an even
    map would have there: the lungs' share of the film. Raises UnknownModel, UnknownMethod (also for a class or a layer
    that the model does not have), RefusedFilm when the model needs lungs and there are none, MapError when nothing
    that could be shown comes out, Cancelled, WeightsError.
    """
    (made,) = explain_all([Question(film, lungs, target, layer)], model_id, method, progress, cancelled)
    return made


def explain_all(
    questions: Sequence[Question],
    model_id: str,
    method: str,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> list[Map]:
    """Maps of several films or classes by one model and one method, in their order. Raises as ``explain``."""
    spec = registry.spec(model_id)
    for question in questions:
        _check(spec, method, question)
    progress, cancelled = progress or (lambda share, doing: None), cancelled or (lambda: False)
    stopped(cancelled)
    progress(0.0, f"{NAMES[method].capitalize()} of {spec.title}")
    asked = [_with_lungs(question) for question in questions]
    made = METHODS[method](registry.load(model_id), asked, progress, cancelled)
    progress(1.0, "Done")
    return [_finished(one, question, spec) for one, question in zip(made, asked, strict=True)]


def methods_for(model_id: str) -> tuple[str, ...]:
    """Keys of ``METHODS`` that apply to this model, in their order. Raises UnknownModel."""
    return _methods(registry.spec(model_id))


def label(model_id: str, method: str) -> str:
    """The method's name. Raises UnknownModel, and UnknownMethod for one that does not apply to this model."""
    _check_method(registry.spec(model_id), method)
    return NAMES[method]


def inside(values: np.ndarray, mask: np.ndarray) -> float | None:
    """Share of the positive part of ``values`` (H, W) that lies in ``mask`` (H, W) bool; None if there is none."""
    positive = np.clip(values, 0, None)
    total = positive.sum(dtype=np.float64)
    return float(positive[mask].sum(dtype=np.float64) / total) if total > 0 else None


def _with_lungs(question: Question) -> Question:
    """An empty mask is no lungs."""
    lungs = question.lungs
    return replace(question, lungs=lungs if lungs is not None and lungs.mask.any() else None)


def _finished(made: Map, question: Question, spec: ModelSpec) -> Map:
    if not np.isfinite(made.values).all():
        raise MapError(
            f"The {NAMES[made.method]} of {spec.title} holds values that are no numbers, so there is nothing to show. "
            "Try another method, and check this model's weights if it happens again."
        )
    if not made.values.any():
        what = "moves the answer" if made.signed else "speaks for this class"
        remedy = "Try another method" + ("." if made.method == "occlusion" else "; occlusion needs no gradient.")
        raise MapError(
            f"The {NAMES[made.method]} of {spec.title} is zero everywhere: by it nothing on the film {what}. {remedy}"
        )
    if question.lungs is None:
        return made
    floor = np.asarray(question.lungs.mask.mean(), np.float32)
    return replace(made, inside_lungs=inside(made.values, question.lungs.mask), extra=made.extra | {"floor": floor})


def _methods(spec: ModelSpec) -> tuple[str, ...]:
    builder = registry.BUILDERS[spec.architecture]
    linear = getattr(builder, "linear_head", False)
    rebuilds = hasattr(builder, "residuals") or hasattr(builder, "reconstruct")
    has = dict.fromkeys(METHODS, COVID19 in spec.classes)
    has |= {"cam": has["cam"] and linear, "grad_cam": has["grad_cam"] and not linear, "residual": rebuilds}
    return tuple(method for method in METHODS if has[method])


def _check(spec: ModelSpec, method: str, question: Question) -> None:
    if method not in LAYERED or not question.layer or not _methods(spec):  # Grad-CAM at a layer is for every classifier
        _check_method(spec, method)
    if question.layer and method not in LAYERED:
        raise UnknownMethod(f"{method!r} takes no layer. Those that do: {', '.join(LAYERED)}.")
    if question.target not in spec.classes:
        has = ", ".join(spec.classes)
        raise UnknownMethod(f"{spec.title} has no class {question.target!r} to explain. It has: {has}.")
    if spec.input.region == "lungs" and _with_lungs(question).lungs is None:
        raise RefusedFilm(f"{spec.title} reads the lungs alone and none were found on this film: use another model.")


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
