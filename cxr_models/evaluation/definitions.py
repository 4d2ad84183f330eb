"""What each figure means, from counts alone. Counts are (K, K, ...): truth down, answer across, any further axes (for
example resamples) behind; results are (K, ...), one figure a class against all others. Definitions as in textbooks
(Altman & Bland, BMJ 1994, 308:1552 and 309:102); NaN where there is nothing to divide by.
"""

import numpy as np


def sensitivity(counts: np.ndarray) -> np.ndarray:
    """TP / (TP + FN): of the films of a class, the share that the model names. Also called recall."""
    return _share(_hits(counts), counts.sum(1))


def specificity(counts: np.ndarray) -> np.ndarray:
    """TN / (TN + FP): of the other films, the share that the model spares."""
    return _share(_spared(counts), counts.sum((0, 1)) - counts.sum(1))


def ppv(counts: np.ndarray) -> np.ndarray:
    """TP / (TP + FP): of the films a model names, the share that it names rightly. Also called precision."""
    return _share(_hits(counts), counts.sum(0))


def npv(counts: np.ndarray) -> np.ndarray:
    """TN / (TN + FN): of the films a model spares, the share that it spares rightly.

    The HRNet paper prints this figure as "specificity" for its imperfect folds (50/51, 50/52).
    """
    return _share(_spared(counts), counts.sum((0, 1)) - counts.sum(0))


def f1(counts: np.ndarray) -> np.ndarray:
    """2 TP / (2 TP + FP + FN), the harmonic mean of sensitivity and PPV."""
    return _share(2 * _hits(counts), counts.sum(0) + counts.sum(1))


def pr_of_hard_labels(counts: np.ndarray) -> np.ndarray:
    """Area under the line through the three points that hard labels have in precision against recall.

    (0, 1), (sensitivity, PPV) and (1, prevalence), joined by straight lines. The code of the CoroNet paper prints this
    as "AUC"; it is neither the area under the ROC curve nor under the precision-recall curve of probabilities.
    """
    recall, prevalence = sensitivity(counts), _share(counts.sum(1), counts.sum((0, 1)))
    precision = np.where(counts.sum(0) > 0, ppv(counts), 1.0)
    return recall * (1 + precision) / 2 + (1 - recall) * (precision + prevalence) / 2


def accuracy(counts: np.ndarray) -> np.ndarray:
    """(K, K, ...) -> (...): the share of all films that are answered rightly."""
    return _share(_hits(counts).sum(0), counts.sum((0, 1)))


def balanced_accuracy(counts: np.ndarray) -> np.ndarray:
    """(K, K, ...) -> (...): the mean sensitivity of the classes that have films.

    The HRNet paper prints this figure as "accuracy" (98.78 %; the plain accuracy is 90/91 = 98.90 %).
    """
    rates = sensitivity(counts)
    there = np.isfinite(rates)
    return _share(np.where(there, rates, 0).sum(0), there.sum(0))


RATES = {"sensitivity": sensitivity, "specificity": specificity, "PPV": ppv, "NPV": npv, "F1": f1}


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part) / np.where(np.asarray(whole) > 0, whole, np.nan)


def _hits(counts: np.ndarray) -> np.ndarray:
    return np.einsum("kk...->k...", counts)


def _spared(counts: np.ndarray) -> np.ndarray:
    return counts.sum((0, 1)) - counts.sum(0) - counts.sum(1) + _hits(counts)
