"""Grad-CAM++: as Grad-CAM, with each map weighted by where it raises the class (Chattopadhay 2018, eq. 5, 19, 20).

For the score exp(logit) the second and third derivatives are powers of the gradient g of the logit:
``alpha = g^2 / (2 g^2 + sum(A) g^3)``, the weight of a map is ``sum(alpha * relu(g))``. The sum is taken over positive
evidence only, so that the map has no sign: several small places weigh as much as one large one.
"""

import torch
from torch import Tensor

from ..registry import LoadedModel
from ..types import Map
from .layer import weighed_map
from .signature import Cancel, Progress, Question


def grad_cam_pp_map(loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Map:
    """Map of evidence for the class, at least 0; proportions count, not the size.

    extra: "grid" (h, w) float32, the map before upsampling; "logit". Raises UnknownMethod for a layer there is not.
    """
    return weighed_map(loaded, question, "grad_cam_pp", weighted, False, "Grad-CAM++ score (proportions only)")


def weighted(features: Tensor, gradient: Tensor) -> Tensor:
    """(c, h, w) twice -> (c, h, w)."""
    below = 2 * gradient**2 + features.sum((1, 2), keepdim=True) * gradient**3
    alpha = torch.where(below != 0, gradient**2 / torch.where(below != 0, below, 1.0), 0.0)
    weights = (alpha * gradient.relu()).sum((1, 2), keepdim=True)
    return weights * features
