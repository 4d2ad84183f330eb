"""Does the map stay when the film hardly changes? The film is moved a little and made a little noisy, both ways.

No reader would look elsewhere for it, so a map that does is not to be relied on.
"""

from dataclasses import replace

import cv2
import numpy as np

from ...registry import LoadedModel
from ...types import Check, Map
from ..scene import shown_alone
from ..signature import Cancel, Progress, Question, stopped
from .again import likeness, remade
from .portion import portion

SHIFT = 0.02  # of the film's sides
NOISE = 0.01  # of the grey range, as the network sees it
WAYS = (1, -1)  # down and to the right, up and to the left
SEED = 0


def repeatability(made: Map, loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> float:
    """The smaller of two rank correlations in [-1, 1] with maps of the disturbed film, moved back; 0 where the
    disturbed film has no map. Raises Cancelled."""
    found, where = [], shown_alone(question.lungs, loaded.spec.input)
    for i, way in enumerate(WAYS):
        stopped(cancelled)
        part = portion(progress, i / len(WAYS), (i + 1) / len(WAYS))
        part(0.0, "Moving the film a little")
        again = remade(made, loaded, disturbed(question, way, loaded.spec.input.size), part, cancelled)
        back = again and replace(again, values=moved(again.values, -way * SHIFT))
        found.append(likeness(made, back, where) or 0.0)
    return min(found)


def judged(correlation: float, limit: float) -> Check:
    passed = correlation >= limit
    what = "the map stays alike" if passed else "the map changes"
    sentence = f"After moving the film by {SHIFT:.0%} and adding faint noise {what} (likeness {correlation:.2f} of 1)."
    return Check("repeat", passed, sentence, correlation, limit)


def disturbed(question: Question, way: int, size: int) -> Question:
    """The film and its lungs moved by ``way * SHIFT``, and noise of one value for each of the network's pixels:
    finer noise would vanish when a large film is shrunk."""
    noise = np.random.default_rng(SEED).normal(0, NOISE, (size, size)).astype(np.float32)
    film, lungs = question.film, question.lungs
    pixels = moved(film.pixels, way * SHIFT)
    pixels = pixels + cv2.resize(noise, pixels.shape[::-1], interpolation=cv2.INTER_NEAREST)
    if lungs is not None:
        lungs = replace(lungs, mask=moved(lungs.mask, way * SHIFT), region=moved(lungs.region, way * SHIFT))
    return replace(question, film=replace(film, pixels=pixels.clip(0, 1)), lungs=lungs)


def moved(values: np.ndarray, share: float) -> np.ndarray:
    """(H, W) moved down and to the right by ``share`` of its sides, the edge repeated; up and left if negative."""
    rows, columns = (np.clip(np.arange(side) - round(share * side), 0, side - 1) for side in values.shape)
    return values[np.ix_(rows, columns)]
