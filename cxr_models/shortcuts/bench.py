"""The bench: every edit of one film, read by every model, in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from .. import inference, registry
from ..errors import CxrError
from ..types import Film, Lungs
from . import EDITS
from .edit import Edited, edited, remade
from .looks import Cancel, Looks, Progress

LONGEST = 1024  # pixels of the longer side on the bench; no model reads more than 512


@dataclass(frozen=True, eq=False)
class Bench:
    """What every model says of a film before and after every edit.

    film, lungs: as they are edited and shown, at most ``LONGEST`` pixels. edits: those that could be made, in order;
    refused: the others, with the sentence why. before: model -> (K,) probabilities in the manifest's class order;
    after: model -> (E, K); NaN where a model could not read the film. failures: models that could not be used, and why.
    """

    film: Film
    lungs: Lungs | None
    edits: tuple[str, ...]
    before: dict[str, np.ndarray]
    after: dict[str, np.ndarray]
    refused: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def change(self, model_id: str, name: str) -> np.ndarray:
        """(E,) change of the probability of class ``name``, [-1, 1]. Raises ValueError for a class it does not have."""
        k = registry.spec(model_id).classes.index(name)
        return self.after[model_id][:, k] - self.before[model_id][k]

    def edited(self, name: str) -> Edited:
        """The film after the edit ``name``, as the models were shown it."""
        return edited(EDITS[name], self.film, self.lungs)


def bench(
    film: Film,
    lungs: Lungs | None,
    model_ids: Sequence[str] | None = None,
    edits: Sequence[str] | None = None,
    progress: Progress = lambda share, doing: None,
    cancelled: Cancel = lambda: False,
) -> Bench:
    """All of ``edits`` (of ``EDITS``, all by default) and ``model_ids`` (all classifiers). Raises Cancelled.

    Lungs are those of the film as it came: what an edit changes is what the models see, not where the lungs are looked
    for. A model that cannot be used, and an edit that needs lungs where there are none, are sentences in the result.
    """
    small, found = on_the_bench(film, lungs)
    shown, refused = [Edited(small, found, small.pixels.shape)], {}
    names = []
    for name in EDITS if edits is None else edits:
        progress(0.0, f"Editing the film: {EDITS[name].title}")
        try:
            shown.append(edited(EDITS[name], small, found))
            names.append(name)
        except CxrError as error:
            refused[name] = str(error)
    before, after, failures = _asked(Looks([(one.film, one.lungs) for one in shown]), model_ids, progress, cancelled)
    return Bench(small, found, tuple(names), before, after, refused, failures)


def on_the_bench(film: Film, lungs: Lungs | None) -> tuple[Film, Lungs | None]:
    """Film and lungs at most ``LONGEST`` pixels long: the same greys, averaged over areas.

    Never ``film`` itself: what is kept for as long as a film is open must not hold that film.
    """
    scale = LONGEST / max(film.pixels.shape)
    if scale >= 1:
        return replace(film), lungs
    size = tuple(max(1, round(side * scale)) for side in film.pixels.shape[::-1])
    pixels = cv2.resize(film.pixels, size, interpolation=cv2.INTER_AREA)
    if lungs is None:
        return remade(film, pixels), None
    mask = cv2.resize(lungs.mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return remade(film, pixels), Lungs(mask, lungs.area_fraction, lungs.areas, lungs.confidence, lungs.region)


def _asked(
    looks: Looks, model_ids: Sequence[str] | None, progress: Progress, cancelled: Cancel
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, str]]:
    """before, after and failures, as in ``Bench``; the first film is the one as it came."""
    before, after, failures = {}, {}, {}
    ids = inference.classifiers() if model_ids is None else tuple(model_ids)
    for i, model_id in enumerate(ids):
        try:
            progress((i + 1) / (len(ids) + 1), f"{registry.spec(model_id).title} reads all films")
            found = looks.probabilities(model_id, cancelled)
        except CxrError as error:
            if cancelled():
                raise
            failures[model_id] = str(error)
            continue
        before[model_id], after[model_id] = found[0], found[1:]
    return before, after, failures
