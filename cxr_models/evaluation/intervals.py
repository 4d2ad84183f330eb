"""95 % intervals: Wilson for proportions of films, the percentile bootstrap over whole groups for everything else.

A resample is a column of film weights: how often each film's group was drawn. Figures are computed for all resamples
at once, as matrix products and cumulative sums over (N, B) weights; calling a metric 1000 times takes minutes.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from ..results import Measure

RESAMPLES = 1000
CELLS = 4_000_000  # films x resamples held at once
LIMITS = (2.5, 97.5)

Key = tuple[str, str]
Figures = dict[Key, np.ndarray]


def proportion(name: str, about: str, hits: int, n: int) -> list[Measure]:
    """hits / n with its Wilson interval (Wilson 1927); nothing when n is 0."""
    if n == 0:
        return []
    interval = binomtest(int(hits), int(n)).proportion_ci(method="wilson")
    return [Measure(name, about, round(hits / n, 4), round(interval.low, 4), round(interval.high, 4), int(n))]


class Bootstrap:
    """Resamples of whole groups (Efron & Tibshirani 1993, chapter 8), the same ones at every call."""

    def __init__(self, groups: np.ndarray, times: int = RESAMPLES, seed: int = 0):
        self._group, names = pd.factorize(np.asarray(groups))
        self.films, self.groups, self._times, self._seed = len(self._group), len(names), times, seed

    def weights(self) -> Iterator[np.ndarray]:
        """(N, b) float weights, block by block until all resamples are through."""
        generator = np.random.default_rng(self._seed)
        step = max(CELLS // max(self.films, 1), 1)
        for start in range(0, self._times, step):
            shape = (min(step, self._times - start), self.groups)
            drawn = generator.multinomial(self.groups, np.full(self.groups, 1 / self.groups), shape[0])
            yield drawn.T[self._group].astype(float)

    def spread(self, figures: Callable[[np.ndarray], Figures]) -> Figures:
        """``figures(weights)``, name -> (b,) values a resample, over all resamples: name -> (B,)."""
        blocks = [figures(weights) for weights in self.weights()]
        return {key: np.concatenate([block[key] for block in blocks]) for key in blocks[0]}

    def measures(self, values: dict[Key, float], figures: Callable[[np.ndarray], Figures]) -> list[Measure]:
        """``values`` on all films, each with the interval of its resamples; figures that are NaN are left out."""
        spread = self.spread(figures)
        return [self._measure(key, v, spread[key]) for key, v in values.items() if np.isfinite(v)]

    def _measure(self, key: Key, value: float, resampled: np.ndarray) -> Measure:
        low, high = limits(resampled, value)
        return Measure(*key, round(float(value), 4), round(low, 4), round(high, 4), self.films)


def limits(resampled: np.ndarray, value: float) -> tuple[float, float]:
    """2.5th and 97.5th percentile of (B,) figures, NaN ones aside, widened to ``value`` where that lies outside."""
    seen = resampled[np.isfinite(resampled)]
    low, high = np.percentile(seen, LIMITS) if len(seen) else (value, value)
    return float(min(low, value)), float(max(high, value))


def mean_of(name: str, about: str, values: np.ndarray, groups: np.ndarray) -> list[Measure]:
    """The mean of (N,) ``values``, films with NaN aside, and its interval over groups; nothing where none is left."""
    kept = np.isfinite(values)
    seen = values[kept]
    if not len(seen):
        return []
    key = (name, about)
    return Bootstrap(groups[kept]).measures({key: seen.mean()}, lambda w: {key: seen @ w / w.sum(0)})
