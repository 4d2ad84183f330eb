"""Does the answer follow the map? Deletion and insertion curves (Petsiuk 2018, RISE, section 4.1).

Deletion blurs the film from the map's strongest places on: a true map takes the probability away soon. Insertion
brings these places back into the blurred film: a true map restores it soon. How soon depends on the film and on the
network too, so the same map turned round, with its grain and its amount of edges, is the measure of chance.
"""

from dataclasses import dataclass

import numpy as np
import torch

from ...imaging.preprocess import resize
from ...registry import LoadedModel
from ...types import Check, Map
from ..scene import Scene
from ..signature import Cancel, Progress, Question, stopped

STEPS = 10
FLAT = 0.01  # of probability: less than this is no change that could follow anything
TURNS = (np.flipud, np.fliplr, lambda square: np.rot90(square, 2))
LOOKS = (1 + len(TURNS)) * 2 * (STEPS - 1) + 2
SEED = 0


@dataclass(frozen=True, eq=False)
class Curves:
    """deletion, insertion: (STEPS + 1,) float32, the probability of the class with 0, 1/STEPS, ..., all of the places
    blurred, or brought back. turned: gap of each turned map. span: between the extremes of all probabilities seen."""

    deletion: np.ndarray
    insertion: np.ndarray
    turned: tuple[float, ...]
    span: float

    @property
    def gap(self) -> float:
        return area(self.insertion) - area(self.deletion)


def curves(made: Map, loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Curves:
    """Calibrated probabilities by the compiled network, one look a step. Raises Cancelled."""
    scene = Scene(loaded, question)
    seen: list[float] = []

    def probability(keep: np.ndarray) -> float:
        stopped(cancelled)
        progress(len(seen) / LOOKS, f"Blurring what the map marks: look {len(seen) + 1} of {LOOKS}")
        x = scene.mixed(torch.from_numpy(keep.astype(np.float32)))[None]
        logits = loaded.run(x.numpy())[0][0].double()
        seen.append((logits / loaded.spec.temperature).softmax(0)[scene.target].item())
        return seen[-1]

    square = resize(made.values, scene.inside.shape)
    film, blurred = probability(np.ones_like(square)), probability(np.zeros_like(square))
    pairs = []
    for one in (square, *(turn(square) for turn in TURNS)):
        rank, shares = ranked(one, scene.inside), np.arange(1, STEPS) / STEPS
        deletion = np.array([film, *(probability(rank >= share) for share in shares), blurred], np.float32)
        insertion = np.array([blurred, *(probability(rank < share) for share in shares), film], np.float32)
        pairs.append((deletion, insertion))
    turned = tuple(area(insertion) - area(deletion) for deletion, insertion in pairs[1:])
    return Curves(*pairs[0], turned, max(seen) - min(seen))


def judged(found: Curves) -> Check:
    """Passed when the gap is above 0 and larger than that of every turned map; None where the probability hardly moves
    at all."""
    gap, turned = found.gap, max(found.turned)
    limit = max(turned, 0.0)
    if found.span < FLAT:
        sentence = (
            f"The probability stays within {found.span:.3f} whatever is blurred: whether it follows the map cannot be "
            "tested."
        )
        return Check("curves", None, sentence, gap, limit)
    passed = gap > limit
    sentence = (
        f"The answer {'follows' if passed else 'does not follow'} the map: the mean probability is "
        f"{area(found.deletion):.2f} as its places are blurred first and {area(found.insertion):.2f} as they are shown "
        f"first, a gap of {gap:z.2f}; the same map turned round reaches {turned:z.2f}."
    )
    return Check("curves", passed, sentence, gap, limit)


def ranked(square: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """(S, S) map -> (S, S) in [0, 1), 0 the strongest of the places ``inside``, evenly spaced; 1 outside.

    Places of one value, and maps have many of value 0, are ordered by lot, the same lots for every map: in the order
    of memory they would go from the top of the film down, and a map would be judged by that.
    """
    places = np.flatnonzero(inside)
    lots = np.random.default_rng(SEED).permutation(len(places))
    order = places[np.lexsort((lots, -square.ravel()[places]))]
    rank = np.ones(square.size)
    rank[order] = np.arange(len(order)) / len(order)
    return rank.reshape(square.shape)


def area(curve: np.ndarray) -> float:
    """Under a curve of evenly spaced points from 0 to 1 (trapezoids): its mean height."""
    return float((curve[:-1] + curve[1:]).mean() / 2)
