"""Split conformal prediction sets, one cut a class, and the check of their coverage on the test films.

Score: 1 - p of a film's own class (LAC: Sadinle, Lei & Wasserman 2019, "Least ambiguous set-valued classifiers with
bounded error levels"); calibrated within each class (Mondrian: Vovk 2012, "Conditional validity of inductive conformal
predictors"), so that the stated coverage holds for every class and whatever the prevalence. It holds on average over
films drawn as the validation films were, not for another hospital's, and not for every single film.
"""

import numpy as np

from ..results import Abstain, Conformal, Measure
from ..sets import prediction_set
from .intervals import Bootstrap, Figures, proportion

COVERAGE = 0.95
ERROR = 0.05
METHOD = "split conformal, class-conditional (Mondrian), score 1 - p of the class (LAC)"


def lower_cut(values: np.ndarray, error: float) -> float:
    """The value below which a further one falls with a chance of at most ``error``, if it is drawn as ``values`` were.

    The k-th smallest of n, k = floor(error (n + 1)); -inf where n is too small to say (k = 0).
    """
    k = int(np.floor(error * (len(values) + 1) + 1e-9))
    return float(np.sort(values)[k - 1]) if k else float("-inf")


def fit(truth: np.ndarray, p: np.ndarray, classes: tuple[str, ...], coverage: float = COVERAGE) -> Conformal:
    """Cuts from validation films. truth: (N,) class numbers; p: (N, K) probabilities; coverage in (0, 1).

    A class with too few validation films for the coverage gets the cut 0: it is in every set.
    """
    own = {name: p[truth == k, k] for k, name in enumerate(classes)}
    cuts = {name: max(lower_cut(values, 1 - coverage), 0.0) for name, values in own.items()}
    return Conformal(METHOD, coverage, cuts, {name: len(values) for name, values in own.items()})


def checked(
    truth: np.ndarray, p: np.ndarray, classes: tuple[str, ...], cuts: Conformal, bootstrap: Bootstrap
) -> list[Measure]:
    """On test films: coverage, overall and of each class, with Wilson intervals; set sizes and shares of sets."""
    sets = [prediction_set(classes, row, cuts.cuts) for row in p]
    covered = np.array([classes[k] in chosen for k, chosen in zip(truth, sets, strict=True)])
    size = np.array([len(chosen) for chosen in sets])
    found = proportion("coverage of sets", "", covered.sum(), len(covered))
    for k, name in enumerate(classes):
        found += proportion("coverage of sets", name, covered[truth == k].sum(), (truth == k).sum())
    for what, chosen in (("sets of one class", size == 1), ("sets of several", size > 1), ("empty sets", size == 0)):
        found += proportion(what, "", chosen.sum(), len(size))
    return found + bootstrap.measures({SIZE: size.mean()}, lambda w: _mean(size, w))


SIZE = ("mean set size", "")


def _mean(size: np.ndarray, weights: np.ndarray) -> Figures:
    return {SIZE: size @ weights / weights.sum(0)}


def band(truth: np.ndarray, score: np.ndarray, threshold: float, error: float = ERROR) -> Abstain:
    """Two thresholds from validation films: below ``low`` spared, at or above ``high`` named, between them no answer.

    Of films of the class at most ``error`` are spared, of the others at most ``error`` named, each as a conformal
    bound. Where the two would cross, no film need go unanswered: both are the operating threshold, moved between them.
    truth: (N,) bool; score: (N,) probability of the class.
    """
    low = max(lower_cut(score[truth], error), 0.0)
    high = -lower_cut(-score[~truth], error)  # a film's score exceeds it with a chance of at most error
    high = float(np.nextafter(min(high, 1.0), 2.0))
    if low > high:
        low = high = float(np.clip(threshold, high, low))
    return Abstain(low, high, error, error)
