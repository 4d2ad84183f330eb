"""Are the probabilities true shares? One temperature, reliability curves, ECE, Brier score and log-likelihood."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from scipy.stats import binomtest
from sklearn.metrics import brier_score_loss, log_loss

from ..results import Measure
from .intervals import Bootstrap, Figures

ECE_BINS = 15
CURVE_BINS = 10
LOG_T = (-2.0, 3.0)
SCORES = ("ECE", "Brier", "NLL")
BEFORE = "before temperature"


def fit_temperature(z: np.ndarray, truth: np.ndarray) -> float:
    """The T > 0 that makes softmax(z / T) most likely (Guo et al. 2017). z: (N, K) logits; truth: (N,) class numbers.

    The order of a film's classes and each class's argmax stay as they are. T is sought within exp(-2) to exp(3).
    """

    def loss(log_t: float) -> float:
        return -float(log_softmax(z / np.exp(log_t), 1)[np.arange(len(z)), truth].mean())

    return float(np.exp(minimize_scalar(loss, bounds=LOG_T, method="bounded").x))


def top_label_bins(truth: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For ECE: the bin of each film's highest probability, and its hit (0 or 1) minus that probability; (N,) each.

    15 bins of equal width, [0, 1/15), ..., and one for exactly 1, as torchmetrics has them.
    """
    bins = np.digitize(p.max(1), np.linspace(0, 1, ECE_BINS + 1)) - 1
    return bins, (p.argmax(1) == truth) - p.max(1)


def ece(truth: np.ndarray, p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Expected calibration error of the top label (Guo et al. 2017, eq. 3) for (N, B) film weights: (B,) in [0, 1].

    The sum over bins of (films in the bin / films) x |share right - mean probability|.
    """
    bins, gap = top_label_bins(truth, p)
    in_bin = (bins == np.arange(ECE_BINS + 1)[:, None]) * gap
    return np.abs(in_bin @ weights).sum(0) / weights.sum(0)


def brier(truth: np.ndarray, p: np.ndarray) -> float:
    """Half the mean squared distance to the truth's one-hot row, in [0, 1]; for two classes the usual Brier score."""
    return float(brier_score_loss(truth, p, labels=range(p.shape[1]), scale_by_half=True))


def nll(truth: np.ndarray, p: np.ndarray) -> float:
    """Mean negative log-likelihood (nats)."""
    return float(log_loss(truth, p, labels=range(p.shape[1])))


def reliability(truth: np.ndarray, p: np.ndarray) -> dict[str, list[float]]:
    """One class's curve over 10 bins of equal width, empty ones left out. truth: (N,) bool; p: (N,) its probability.

    predicted: mean probability in the bin; observed: share of films of the class, low and high: its Wilson interval;
    n: films.
    """
    bins = np.minimum((p * CURVE_BINS).astype(int), CURVE_BINS - 1)
    curve: dict[str, list[float]] = {name: [] for name in ("predicted", "observed", "low", "high", "n")}
    for b in np.unique(bins):
        n, hits = int((bins == b).sum()), int(truth[bins == b].sum())
        wilson = binomtest(hits, n).proportion_ci(method="wilson")
        point = (p[bins == b].mean(), hits / n, wilson.low, wilson.high)
        for name, value in zip(curve, (*(round(float(v), 4) for v in point), n), strict=True):
            curve[name].append(value)
    return curve


def curves(z: np.ndarray, truth: np.ndarray, temperature: float, classes: tuple[str, ...]) -> dict[str, dict]:
    """ "before" and "after" temperature -> class -> its reliability curve."""
    probabilities = {"before": softmax(z, 1), "after": softmax(z / temperature, 1)}
    return {
        when: {name: reliability(truth == k, p[:, k]) for k, name in enumerate(classes)}
        for when, p in probabilities.items()
    }


def figures(z: np.ndarray, truth: np.ndarray, temperature: float, bootstrap: Bootstrap) -> list[Measure]:
    """ECE, Brier score and NLL before temperature and with it."""
    found = []
    for about, p in ((BEFORE, softmax(z, 1)), ("", softmax(z / temperature, 1))):
        found += _figures(truth, p, about, bootstrap)
    return found


def _figures(truth: np.ndarray, p: np.ndarray, about: str, bootstrap: Bootstrap) -> list[Measure]:
    rows = np.arange(len(truth))
    squared = ((p - np.eye(p.shape[1])[truth]) ** 2).sum(1) / 2
    surprise = -np.log(np.clip(p[rows, truth], np.finfo(float).eps, 1))

    def resampled(weights: np.ndarray) -> Figures:
        total = weights.sum(0)
        values = (ece(truth, p, weights), squared @ weights / total, surprise @ weights / total)
        return {(name, about): v for name, v in zip(SCORES, values, strict=True)}

    once = np.ones((len(truth), 1))
    values = (float(ece(truth, p, once)[0]), brier(truth, p), nll(truth, p))
    return bootstrap.measures({(name, about): v for name, v in zip(SCORES, values, strict=True)}, resampled)
