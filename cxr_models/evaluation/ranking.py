"""Areas under ROC and precision-recall curves: of the films by scikit-learn, of all resamples at once here."""

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

POINTS = 200


class Ranking:
    """One class's scores, sorted once, so that any number of resamples costs cumulative sums only.

    truth: (N,) bool; score: (N,). ``areas``: (ROC AUC, PR AUC) of the films as they are, NaN where one side is empty.
    """

    def __init__(self, truth: np.ndarray, score: np.ndarray):
        self._order = np.argsort(-score, kind="stable")
        self._truth = truth[self._order]
        ties = np.diff(score[self._order]) == 0
        self._starts = np.flatnonzero(~np.r_[False, ties])
        both = 0 < truth.sum() < len(truth)
        self.areas = (roc_auc_score(truth, score), average_precision_score(truth, score)) if both else (np.nan, np.nan)

    def resampled(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(N, B) weights -> ROC AUC and PR AUC (average precision), (B,) each; NaN where one side has no weight."""
        sorted_ = weights[self._order]
        everyone = np.add.reduceat(sorted_, self._starts)
        hits = np.add.reduceat(sorted_ * self._truth[:, None], self._starts)
        others = everyone - hits
        below = others.sum(0) - others.cumsum(0) + others / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            roc = (hits * below).sum(0) / (hits.sum(0) * others.sum(0))
            precision = np.nan_to_num(hits.cumsum(0) / everyone.cumsum(0))
            return roc, np.where(np.isfinite(roc), (hits * precision).sum(0) / hits.sum(0), np.nan)


def roc(truth: np.ndarray, score: np.ndarray) -> dict[str, list[float]]:
    """ROC curve of one class against the rest at no more than ``POINTS`` points."""
    fpr, tpr, _ = roc_curve(truth, score)
    return _thinned(fpr=fpr, tpr=tpr)


def precision_recall(truth: np.ndarray, score: np.ndarray) -> dict[str, list[float]]:
    """Precision-recall curve of one class against the rest at no more than ``POINTS`` points, recall rising."""
    precision, recall, _ = precision_recall_curve(truth, score)
    return _thinned(recall=recall[::-1], precision=precision[::-1])


def _thinned(**lines: np.ndarray) -> dict[str, list[float]]:
    length = len(next(iter(lines.values())))
    keep = np.unique(np.linspace(0, length - 1, POINTS).round().astype(int))
    return {name: line[keep].round(4).tolist() for name, line in lines.items()}
