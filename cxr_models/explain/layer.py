"""Features of any layer of a network, the gradient of a class's logit there, and the map of both."""

from collections.abc import Callable
from threading import get_ident

import numpy as np
import torch
from torch import Tensor

from ..errors import UnknownMethod
from ..inference import Inputs
from ..registry import LoadedModel
from ..types import Map
from .cam import differentiate
from .grid import laid
from .signature import Question

Weigh = Callable[[Tensor, Tensor], Tensor]
"""Features and gradient, (c, h, w) each, to what each channel adds to the map, (c, h, w)."""


def weighed_map(loaded: LoadedModel, question: Question, method: str, weigh: Weigh, signed: bool, score: str) -> Map:
    """The map of ``weigh`` at the question's layer, in the film frame; without a sign only what is above 0. score: what
    one of its units is. A named layer is spread evenly over the film.

    extra: "grid" (h, w) float32, the map before upsampling; "logit". Raises UnknownMethod for a layer there is not.
    """
    features, logit, gradient = features_and_gradient(loaded, question)
    parts = weigh(features, gradient)
    cells = () if question.layer else loaded.module.cells
    grid, values = parts.sum(0).numpy(), laid(parts, cells, loaded.spec.input.size, question.film.pixels.shape)
    rows, columns = grid.shape
    if not signed:
        grid, values = grid.clip(0), values.clip(0)
    return Map(
        values=values,
        model_id=loaded.spec.id,
        method=method,
        target=question.target,
        signed=signed,
        unit=f"{score} of one cell of the {rows} x {columns} grid",
        extra={"grid": grid, "logit": np.asarray(logit, np.float32)},
    )


def features_and_gradient(loaded: LoadedModel, question: Question) -> tuple[Tensor, float, Tensor]:
    """Features (c, h, w), logit, and dlogit/dfeatures (c, h, w), at the question's layer.

    Raises UnknownMethod for a layer the network does not have, listing what it has there, or one that gives no maps.
    """
    x = Inputs(question.film)(loaded.spec.input, question.lungs)
    index = loaded.spec.classes.index(question.target)
    if not question.layer:
        return differentiate(loaded, loaded.maps(x), index)
    return _at(loaded, torch.from_numpy(x), question.layer, index)


def _at(loaded: LoadedModel, x: Tensor, layer: str, index: int) -> tuple[Tensor, float, Tensor]:
    """A hook for the time of one look, under the model's lock: hooks on a shared network are no thread's own."""
    module, mine, seen = _module(loaded, layer), get_ident(), []

    def keep(_module: object, _inputs: object, out: Tensor) -> Tensor:
        if get_ident() != mine:
            return out  # a look that needs no lock, such as one of integrated gradients
        seen.append(out.detach().requires_grad_() if isinstance(out, Tensor) and out.ndim == 4 else None)
        return out if seen[-1] is None else seen[-1].clone()  # what follows may work in place

    with loaded.lock, torch.enable_grad():
        handle = module.register_forward_hook(keep)
        try:
            logit = loaded.module(x)[0, index]
        finally:
            handle.remove()
        (features,) = seen if len(seen) == 1 else (None,)
        if features is None:
            raise UnknownMethod(f"Layer {layer!r} of {loaded.spec.title} does not give one set of maps: name another.")
        (gradient,) = torch.autograd.grad(logit, features)
    return features.detach()[0], logit.item(), gradient[0]


def _module(loaded: LoadedModel, layer: str) -> torch.nn.Module:
    """The part of that name, or an error that lists the parts of the last name that is right."""
    here = loaded.module
    path: list[str] = []
    for name in layer.split("."):
        parts = dict(here.named_children())
        if name not in parts:
            where = ".".join(path) or "The network"
            has = ", ".join(".".join([*path, part]) for part in parts) or "no parts"
            raise UnknownMethod(f"{loaded.spec.title} has no layer {layer!r}. {where} has: {has}.")
        path, here = [*path, name], parts[name]
    return here
