"""What the models say of many films: each film is shrunk once a size, and each core reads films of its own."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

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
    loaded = registry.load(model_id)
    spec, was_read = loaded.spec, []

    def inputs() -> Iterator[np.ndarray]:
        for film, lungs in shown:
            if cancelled():
                raise Cancelled("Cancelled: nothing was kept.")
            was_read.append(True)
            try:
                yield film(spec.input, lungs)
            except RefusedFilm:
                was_read[-1] = False

    waiting = inputs()
    first = list(islice(waiting, 1))
    logits = loaded.run_many(chain(first, waiting)) if first else torch.empty(0, len(spec.classes))
    found = np.full((len(was_read), len(spec.classes)), np.nan)
    found[was_read] = torch.softmax(logits.double() / spec.temperature, 1).numpy()
    return found
