"""Grad-CAM: the feature maps weighted by their mean gradient (Selvaraju 2017, eq. 1-2).

A first-order summary for networks whose head is not linear in the features, or for an earlier layer of any network.
Without the paper's ReLU, so that evidence against the class is kept. For a head of global average pooling and one
linear layer it is the class activation map itself.
"""

from torch import Tensor

from ..registry import LoadedModel
from ..types import Map
from .layer import weighed_map
from .signature import Cancel, Progress, Question


def grad_cam_map(loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Map:
    """Signed map of the class: positive = evidence for it; sign and proportions count, not the size.

    extra: "grid" (h, w) float32, the map before upsampling; "logit". Raises UnknownMethod for a layer there is not.
    """
    return weighed_map(loaded, question, "grad_cam", weighted, True, "Grad-CAM score (sign and proportions only)")


def weighted(features: Tensor, gradient: Tensor) -> Tensor:
    """(c, h, w) twice -> (c, h, w): the maps weighted by their mean gradient."""
    return gradient.mean((1, 2), keepdim=True) * features
