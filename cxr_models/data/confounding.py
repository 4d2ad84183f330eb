"""How far a film's source gives its label away.

A model can be right by recognising the source (letters, scanner, age) wherever source and label go together.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats.contingency import association


def cramers_v(a: Sequence | pd.Series, b: Sequence | pd.Series) -> float:
    """Cramér's V of two categorical columns of equal length, in [0, 1].

    sqrt(chi2 / (n (min(r, c) - 1))) of their r x c table (Cramér 1946, section 21.9), without Yates' or the bias
    correction: 0 where they are independent, 1 where the one with fewer values is a function of the other. Few films
    make it larger by chance. NaN where either has fewer than two values: nothing can go together with a constant.
    """
    counts = pd.crosstab(np.asarray(a, object), np.asarray(b, object)).to_numpy()
    return float(association(counts, method="cramer")) if min(counts.shape, default=0) > 1 else float("nan")


def perfectly_confounded(source: Sequence | pd.Series, label: Sequence | pd.Series) -> bool:
    """True where two or more sources and labels go together without exception (V = 1).

    Either each source has one label only, or each label comes from one source only: a figure over such films cannot
    tell knowing the disease from knowing the source.
    """
    counts = pd.crosstab(np.asarray(source, object), np.asarray(label, object)).to_numpy() > 0
    if min(counts.shape, default=0) < 2:
        return False
    return bool((counts.sum(1) == 1).all() or (counts.sum(0) == 1).all())
