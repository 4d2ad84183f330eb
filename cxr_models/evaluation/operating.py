"""The operating threshold, what it means in films, and what abstaining between two thresholds costs and saves."""

import numpy as np
from sklearn.metrics import roc_curve

from ..prevalence import npv_at, ppv_at
from ..results import Abstain, Measure
from ..sets import side
from .definitions import sensitivity, specificity
from .intervals import Bootstrap, Figures, Key, proportion
from .measures import counted, of_class, resampled_counts

PREVALENCES = (0.01, 0.05, 0.2)


def youden(truth: np.ndarray, score: np.ndarray) -> float:
    """The threshold with the largest sensitivity + specificity - 1 (Youden 1950), kept within [0.01, 0.99].

    truth: (N,) bool; score: (N,) probability of the class.
    """
    fpr, tpr, cuts = roc_curve(truth, score)
    return float(np.clip(cuts[np.argmax(tpr - fpr)], 0.01, 0.99))


def figures(truth: np.ndarray, score: np.ndarray, threshold: float, about: str, bootstrap: Bootstrap) -> list[Measure]:
    """Sensitivity, specificity, PPV and NPV of ``score >= threshold``; PPV and NPV at other prevalences too.

    PPV and NPV of the first kind hold at the prevalence of these films; the others follow from sensitivity and
    specificity by Bayes, as if films of a class looked alike wherever it is rarer.
    """
    answer = (score < threshold).astype(int)  # class 0 is the one asked about
    kind = (~truth).astype(int)
    found = of_class(about, 0, counted(kind, answer, 2))
    at_threshold = [Measure(f"{m.name} at threshold", m.about, m.value, m.low, m.high, m.n) for m in found]
    point = {key: float(v) for key, v in _elsewhere(counted(kind, answer, 2), about).items()}
    return at_threshold + bootstrap.measures(
        point, lambda weights: _elsewhere(resampled_counts(kind, answer, 2, weights), about)
    )


def _elsewhere(counts: np.ndarray, about: str) -> Figures:
    se, sp = sensitivity(counts)[0], specificity(counts)[0]
    found: dict[Key, np.ndarray] = {}
    for share in PREVALENCES:
        found[(f"PPV at prevalence {share:.0%}", about)] = np.asarray(ppv_at(share, se, sp))
        found[(f"NPV at prevalence {share:.0%}", about)] = np.asarray(npv_at(share, se, sp))
    return found


def abstention(truth: np.ndarray, score: np.ndarray, band: Abstain, about: str) -> list[Measure]:
    """Shares between the two thresholds (no answer), of the class below them (missed), of the others above them.

    truth: (N,) bool; score: (N,) probability of the class.
    """
    where = np.array([side(float(p), band.low, band.high) for p in score])
    return [
        *proportion("no answer", about, (where == "between").sum(), len(where)),
        *proportion("missed when abstaining", about, (where == "below")[truth].sum(), truth.sum()),
        *proportion("false alarms when abstaining", about, (where == "above")[~truth].sum(), (~truth).sum()),
    ]
