"""Grad-CAM++: as Grad-CAM, with each map weighted by where it raises the class (Chattopadhay 2018, eq. 5, 19, 20).

For the score exp(logit) the second and third derivatives are powers of the gradient g of the logit:
``alpha = g^2 / (2 g^2 + sum(A) g^3)``, the weight of a map is ``sum(alpha * relu(g))``. The sum is taken over positive
evidence only, so that the map has no sign: several small places weigh as much as one large one.
"""

import numpy as np
import torch
from torch import Tensor

from ..imaging.preprocess import to_film_frame
from ..registry import LoadedModel
from ..types import Map
from .layer import features_and_gradient
from .signature import Cancel, Progress, Question


def grad_cam_pp(loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Map:
    """Map of evidence for the class, at least 0; proportions count, not the size.

    extra: "grid" (h, w) float32, the map before upsampling; "logit". Raises UnknownMethod for a layer there is not.
    """
    features, logit, gradient = features_and_gradient(loaded, question)
    grid = weighted(features, gradient).numpy()
    rows, columns = grid.shape
    return Map(
        values=to_film_frame(grid, question.film.pixels.shape),
        model_id=loaded.spec.id,
        method="grad_cam_pp",
        target=question.target,
        signed=False,
        unit=f"Grad-CAM++ score (proportions only) of one cell of the {rows} x {columns} grid",
        extra={"grid": grid, "logit": np.asarray(logit, np.float32)},
    )


def weighted(features: Tensor, gradient: Tensor) -> Tensor:
    """(c, h, w) twice -> (h, w), at least 0."""
    below = 2 * gradient**2 + features.sum((1, 2), keepdim=True) * gradient**3
    alpha = torch.where(below != 0, gradient**2 / torch.where(below != 0, below, 1.0), 0.0)
    weights = (alpha * gradient.relu()).sum((1, 2), keepdim=True)
    return (weights * features).sum(0).relu()
