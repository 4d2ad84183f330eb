"""What the models say of many films, one after the other; each film is shrunk once a size.

Batches and a film a core were tried: on two cores a compiled network is as fast film by film (benchmarks/shortcuts.py).
"""

from collections.abc import Callable, Iterable

import numpy as np
import torch

from .. import registry
from ..errors import Cancelled, RefusedFilm
from ..inference import Inputs
from ..types import Film, Lungs

Shown = tuple[Film, Lungs | None]
Cancel = Callable[[], bool]
Progress = Callable[[float, str], None]


class Looks:
    """Films, with their lungs for the models that read the lungs alone, to be shown to one model after another."""

    def __init__(self, shown: Iterable[Shown]):
        self._shown = [(Inputs(film), lungs) for film, lungs in shown]

    def probabilities(self, model_id: str, cancelled: Cancel = lambda: False) -> np.ndarray:
        """As the function ``probabilities``."""
        return _probabilities(model_id, self._shown, cancelled)


def probabilities(model_id: str, shown: Iterable[Shown], cancelled: Cancel = lambda: False) -> np.ndarray:
    """(N, K) float64, calibrated as in ``inference.predict``; NaN where the model needs lungs and there are none.

    The films may come one by one: none is kept. Raises UnknownModel, WeightsError, Cancelled.
    """
    return _probabilities(model_id, ((Inputs(film), lungs) for film, lungs in shown), cancelled)


def _probabilities(model_id: str, shown: Iterable[tuple[Inputs, Lungs | None]], cancelled: Cancel) -> np.ndarray:
    loaded, found = registry.load(model_id), []
    spec = loaded.spec
    for film, lungs in shown:
        if cancelled():
            raise Cancelled("Cancelled: nothing was kept.")
        try:
            logits, _ = loaded.run(film(spec.input, lungs))
            found.append(torch.softmax(logits[0].double() / spec.temperature, 0).numpy())
        except RefusedFilm:
            found.append(np.full(len(spec.classes), np.nan))
    return np.array(found).reshape(-1, len(spec.classes))
