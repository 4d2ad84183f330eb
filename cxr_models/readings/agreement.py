"""How far readers and models agree, and where readers moved once they had seen the models. Pure figures.

To agree is not to be right: a reader and a model can be wrong together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, median
from typing import Literal

from ..types import COVID19, NON_COVID19
from .record import Answer, FilmRead

KAPPA_FROM = 10  # films; kappa of fewer says little
_Z = NormalDist().inv_cdf(0.975)

Move = Literal["towards", "away", "neither", "kept"]


@dataclass(frozen=True)
class Agreement:
    """A reader's first readings against one model: the same answer on ``hits`` of ``n`` films.

    low, high: 95 % Wilson interval of hits / n, in [0, 1]. kappa: Cohen's, in [-1, 1]; None below ``KAPPA_FROM`` films
    or where both always say the same one class.
    """

    model_id: str
    hits: int
    n: int
    low: float
    high: float
    kappa: float | None


@dataclass(frozen=True)
class Summary:
    """Over many films. n: read before the answers were seen. late: read only after they were, and counted nowhere else.

    seconds: median time of the n; None for none. moves: how often each, of the films with a reading before and after.
    """

    n: int
    late: int
    seconds: float | None
    agreements: tuple[Agreement, ...]
    moves: Mapping[Move, int]


def agrees(diagnosis: str, said: str) -> bool:
    """Does the reader's class match a model's? Pneumonia and normal are both "not COVID-19" to a two-class model."""
    return said in (diagnosis, _two_class(diagnosis))


def supporters(diagnosis: str, answers: Iterable[Answer]) -> list[str]:
    """The ids of the models that agree with ``diagnosis``."""
    return [one.model_id for one in answers if agrees(diagnosis, one.said)]


def move(film: FilmRead) -> Move | None:
    """Where the reader's class went after the answers were seen; None without both readings.

    "towards" the models when more of them agree with the second class than with the first, "away" when fewer do.
    """
    if film.before is None or film.after is None:
        return None
    if film.after.diagnosis == film.before.diagnosis:
        return "kept"
    gained = len(supporters(film.after.diagnosis, film.answers)) - len(supporters(film.before.diagnosis, film.answers))
    return "towards" if gained > 0 else "away" if gained < 0 else "neither"


def summary(films: Iterable[FilmRead]) -> Summary:
    """The figures of ``films``, one agreement a model, in the order in which models first answered."""
    films = list(films)
    times = [film.before.seconds for film in films if film.before]
    moves = Counter(moved for film in films if (moved := move(film)))
    seconds = median(times) if times else None
    return Summary(len(times), len(films) - len(times), seconds, tuple(_agreements(films)), moves)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a proportion, in [0, 1] (Wilson 1927); n at least 1."""
    share, spread = hits / n, _Z**2 / n
    centre = share + spread / 2
    half = _Z * sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, (centre - half) / (1 + spread)), min(1.0, (centre + half) / (1 + spread))


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Agreement beyond chance (Cohen 1960): (observed - chance) / (1 - chance); None where chance alone is certain."""
    n = len(pairs)
    ours, theirs = (Counter(side) for side in zip(*pairs, strict=True))
    chance = sum(ours[name] * theirs[name] for name in ours) / n**2
    observed = sum(a == b for a, b in pairs) / n
    return None if chance == 1 else (observed - chance) / (1 - chance)


def _agreements(films: Sequence[FilmRead]) -> Iterable[Agreement]:
    pairs: dict[str, list[tuple[str, str]]] = {}
    for film in films:
        if film.before is not None:
            for one in film.answers:
                pairs.setdefault(one.model_id, []).append((film.before.diagnosis, one.said))
    return (_agreement(model_id, found) for model_id, found in pairs.items())


def _agreement(model_id: str, pairs: Sequence[tuple[str, str]]) -> Agreement:
    """pairs: (reader, model). A model that ever says "not COVID-19" knows two classes: so does the reader, then."""
    if any(said == NON_COVID19 for _, said in pairs):
        pairs = [(_two_class(diagnosis), said) for diagnosis, said in pairs]
    hits, n = sum(a == b for a, b in pairs), len(pairs)
    return Agreement(model_id, hits, n, *wilson(hits, n), kappa(pairs) if n >= KAPPA_FROM else None)


def _two_class(diagnosis: str) -> str:
    return COVID19 if diagnosis == COVID19 else NON_COVID19
