"""Grad-CAM: the feature maps weighted by their mean gradient (Selvaraju 2017, eq. 1-2).

A first-order summary for networks whose head is not linear in the features, or for an earlier layer of any network.
Without the paper's ReLU, so that evidence against the class is kept. For a head of global average pooling and one
linear layer it is the class activation map itself.
"""

import numpy as np
from torch import Tensor

from ..imaging.preprocess import to_film_frame
from ..registry import LoadedModel
from ..types import Map
from .layer import features_and_gradient
from .signature import Cancel, Progress, Question


def grad_cam(loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Map:
    """Signed map of the class: positive = evidence for it; sign and proportions count, not the size.

    extra: "grid" (h, w) float32, the map before upsampling; "logit". Raises UnknownMethod for a layer there is not.
    """
    features, logit, gradient = features_and_gradient(loaded, question)
    grid = weighted(features, gradient).numpy()
    rows, columns = grid.shape
    return Map(
        values=to_film_frame(grid, question.film.pixels.shape),
        model_id=loaded.spec.id,
        method="grad_cam",
        target=question.target,
        signed=True,
        unit=f"Grad-CAM score (sign and proportions only) of one cell of the {rows} x {columns} grid",
        extra={"grid": grid, "logit": np.asarray(logit, np.float32)},
    )


def weighted(features: Tensor, gradient: Tensor) -> Tensor:
    """(c, h, w) twice -> (h, w): the maps weighted by their mean gradient."""
    return (gradient.mean((1, 2), keepdim=True) * features).sum(0)
