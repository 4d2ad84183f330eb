"""Where in the film a class's logit comes from: the last feature maps, weighted by what the head makes of them.

No hooks: a classifier's features and head are explicit, and only the head is differentiated. For a head that is linear
in the features A (c, h, w) the map ``sum_c dlogit/dA_c * A_c`` is the class activation map (CNN-X paper, eq. 1-5), and
its cells sum, with the bias, to the logit. For any other head (CAE's LSTM) it is Grad-CAM (Selvaraju 2017, eq. 1-2,
without its ReLU, so that evidence against the class is kept): a first-order summary, named as such.
"""

import numpy as np
import torch
from torch import Tensor

from ..imaging.preprocess import to_film_frame
from ..inference import Inputs
from ..registry import LoadedModel, load
from ..types import Film, Lungs, Map
from .signature import Cancel, Progress

LINEAR, GRADIENT = "class activation map (exact)", "Grad-CAM"


def activation_map(
    film: Film, lungs: Lungs | None, model_id: str, target: str, progress: Progress, cancelled: Cancel
) -> Map:
    """Signed map of ``target``: positive = evidence for it; upsampled bilinearly to the film (CNN-X paper, eq. 6).

    extra: "grid" (h, w) float32, the map before upsampling; "logit" of the class; with a linear head also "bias",
    so that grid.sum() + bias = logit.
    """
    loaded = load(model_id)
    exact, index = loaded.module.linear_head, loaded.spec.classes.index(target)
    features = loaded.maps(Inputs(film)(loaded.spec.input, lungs))
    features, logit, gradient = differentiate(loaded, features, index)
    grid = (contributions if exact else grad_cam)(features, gradient).numpy()
    extra = {"grid": grid, "logit": np.float32(logit)}
    if exact:
        extra["bias"] = np.float32(at_nothing(loaded, features, index))
    rows, columns = grid.shape
    kind = "contribution to the logit" if exact else "Grad-CAM score (sign and proportions only)"
    return Map(
        values=to_film_frame(grid, film.pixels.shape),
        model_id=model_id,
        method="cam",
        target=target,
        signed=True,
        unit=f"{kind} of one cell of the {rows} x {columns} grid",
        exact=exact,
        extra={name: np.asarray(value) for name, value in extra.items()},
    )


def differentiate(loaded: LoadedModel, features: Tensor, index: int) -> tuple[Tensor, float, Tensor]:
    """Features (1, c, h, w) -> features (c, h, w), the logit of class ``index``, and dlogit/dfeatures (c, h, w)."""
    leaf = features.clone().requires_grad_()
    with loaded.lock, torch.enable_grad():
        logit = loaded.module.head(leaf)[0, index]
        (gradient,) = torch.autograd.grad(logit, leaf)
    return leaf.detach()[0], logit.item(), gradient[0]


def contributions(features: Tensor, gradient: Tensor) -> Tensor:
    """(c, h, w) twice -> (h, w): what each cell adds to the logit of a linear head."""
    return (gradient * features).sum(0)


def grad_cam(features: Tensor, gradient: Tensor) -> Tensor:
    """(c, h, w) twice -> (h, w): the maps weighted by their mean gradient."""
    return (gradient.mean((1, 2), keepdim=True) * features).sum(0)


@torch.no_grad()
def at_nothing(loaded: LoadedModel, features: Tensor, index: int) -> float:
    """The logit when every feature is zero: the bias of a linear head."""
    with loaded.lock:
        return loaded.module.head(torch.zeros_like(features)[None])[0, index].item()
