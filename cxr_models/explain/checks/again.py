"""A map made once more, of another network or another film, to be compared with the first."""

from dataclasses import replace

import torch

from ...errors import MapError
from ...imaging.preprocess import to_film_frame
from ...inference import Inputs
from ...registry import LoadedModel
from ...types import Map
from .. import METHODS
from ..residual import JOINT
from ..signature import Cancel, Progress, Question
from .agreement import alike


def remade(made: Map, loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Map | None:
    """``made`` by the same method from ``loaded`` and ``question``; None where nothing that can be shown comes out.

    Raises Cancelled.
    """
    if made.method == "residual":
        return _residual(made, loaded, question)
    try:
        (found,) = METHODS[made.method](loaded, [question], progress, cancelled)
    except MapError:
        return None
    return found


def likeness(made: Map, again: Map | None) -> float:
    """Rank correlation in [-1, 1]; 0 where there is no second map, or one that ranks nothing."""
    return (alike(made, again) if again is not None else None) or 0.0


@torch.no_grad()
def _residual(made: Map, loaded: LoadedModel, question: Question) -> Map:
    """As ``residual.residual_map``, which asks the registry for the network, of ``loaded`` itself."""
    x = torch.from_numpy(Inputs(question.film)(loaded.spec.input, question.lungs))
    net = loaded.module
    with loaded.lock:
        left = net.residuals(x)[0, JOINT] if hasattr(net, "residuals") else (x - net.reconstruct(x))[0].mean(0)
    return replace(made, values=to_film_frame(left.abs().numpy(), made.values.shape))
