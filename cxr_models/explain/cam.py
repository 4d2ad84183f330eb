"""Exact class activation map: what each cell of the last feature maps adds to a class's logit (CNN-X paper, eq. 1-6).

For networks whose head is linear in the features A (c, h, w). No hooks and no pass backwards through the network: the
features are those of the reading, and only the head is differentiated. The map is ``sum_c dlogit/dA_c * A_c``; its
cells sum, with the bias, to the logit.
"""

import numpy as np
import torch
from torch import Tensor

from ..inference import Inputs
from ..registry import LoadedModel
from ..types import Map
from .grid import laid
from .signature import Cancel, Progress, Question


def activation_map(loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Map:
    """Signed map of the class: positive = evidence for it; laid over the film as ``grid.laid`` (CNN-X paper, eq. 6).

    extra: "grid" (h, w) float32, the map before upsampling; "logit" of the class and "bias": grid.sum() + bias = logit.
    """
    index = loaded.spec.classes.index(question.target)
    features = loaded.maps(Inputs(question.film)(loaded.spec.input, question.lungs))
    features, logit, gradient = differentiate(loaded, features, index)
    parts = gradient * features
    grid = parts.sum(0).numpy()
    rows, columns = grid.shape
    return Map(
        values=laid(parts, loaded.module.cells, loaded.spec.input.size, question.film.pixels.shape),
        model_id=loaded.spec.id,
        method="cam",
        target=question.target,
        signed=True,
        unit=f"contribution to the logit of one cell of the {rows} x {columns} grid",
        exact=True,
        extra={
            "grid": grid,
            "logit": np.asarray(logit, np.float32),
            "bias": np.asarray(at_nothing(loaded, features, index), np.float32),
        },
    )


def differentiate(loaded: LoadedModel, features: Tensor, index: int) -> tuple[Tensor, float, Tensor]:
    """Features (1, c, h, w) -> features (c, h, w), the logit of class ``index``, and dlogit/dfeatures (c, h, w)."""
    leaf = features.clone().requires_grad_()
    with loaded.lock, torch.enable_grad():
        logit = loaded.module.head(leaf)[0, index]
        (gradient,) = torch.autograd.grad(logit, leaf)
    return leaf.detach()[0], logit.item(), gradient[0]


@torch.no_grad()
def at_nothing(loaded: LoadedModel, features: Tensor, index: int) -> float:
    """The logit when every feature is zero: the bias of a linear head."""
    with loaded.lock:
        return loaded.module.head(torch.zeros_like(features)[None])[0, index].item()
