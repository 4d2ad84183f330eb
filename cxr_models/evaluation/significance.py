"""Tests of two models on the same films: DeLong for the areas under their ROC curves, McNemar for their accuracies."""

import numpy as np
from scipy.stats import binomtest, norm, rankdata

SAME = 1e-15  # a variance below it is rounding


def delong(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """ROC AUCs (M,) and their (M, M) covariance of M scores on the same films (DeLong, DeLong & Clarke-Pearson 1988).

    By midranks, in N log N (Sun & Xu 2014). truth: (N,) bool with at least two films on each side; scores: (M, N).
    """
    cases, others = scores[:, truth], scores[:, ~truth]
    m, n = cases.shape[1], others.shape[1]
    ranks = rankdata(np.hstack([cases, others]), axis=1)
    above = (ranks[:, :m] - rankdata(cases, axis=1)) / n  # of each case: share of the others below it
    below = 1 - (ranks[:, m:] - rankdata(others, axis=1)) / m
    covariance = np.cov(above) / m + np.cov(below) / n
    return above.mean(1), np.atleast_2d(covariance)


def delong_p(truth: np.ndarray, a: np.ndarray, b: np.ndarray) -> float | None:
    """Two-sided p of equal AUCs of two scores (N,) on the same films.

    None where the test cannot be made: fewer than two films on one side, or areas that differ without any variance.
    """
    if min(truth.sum(), (~truth).sum()) < 2:
        return None
    areas, covariance = delong(truth, np.stack([a, b]))
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    if variance < SAME:
        return 1.0 if np.isclose(*areas) else None
    return float(2 * norm.sf(abs(areas[0] - areas[1]) / np.sqrt(variance)))


def mcnemar_p(only_a: int, only_b: int) -> float:
    """Exact two-sided p that two models are right equally often, from the films that one alone answers rightly.

    The binomial test of only_a in only_a + only_b with 1/2 (McNemar 1947); 1 where there are none.
    """
    return float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0
