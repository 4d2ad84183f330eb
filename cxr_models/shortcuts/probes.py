"""How well a network's features name something: a linear classifier on them, asked about films it was not fitted on.

A linear probe (Alain and Bengio 2016) finds what is there to be read off; that the network uses it, it does not show.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FOLDS, INNER = 5, 3
LEAST = 10  # films of each answer, so that every fold has some
STRENGTHS = (0.001, 0.01, 0.1)  # C: inverse weight of the penalty on standardised features


def fitted(features: np.ndarray, names: np.ndarray, groups: np.ndarray) -> GridSearchCV:
    """Logistic regression on standardised features, classes weighted to count alike; refitted with the best C.

    features: (N, F). names: (N,) answers, at least two, each of ``LEAST`` groups or more. groups: (N,) films that must
    not stand on both sides of an inner fold. C has the best balanced accuracy over ``INNER`` folds.
    """
    model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=500, tol=1e-3))
    folds = StratifiedGroupKFold(INNER, shuffle=True, random_state=0)
    search = GridSearchCV(model, {"logisticregression__C": STRENGTHS}, scoring="balanced_accuracy", cv=folds)
    return search.fit(features, names, groups=groups)


def answers(features: np.ndarray, names: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(N,) what a probe says of each film that was fitted on the other folds: ``FOLDS`` of them, groups kept whole."""
    said = np.empty_like(names)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for rest, asked in folds.split(features, names, groups):
        said[asked] = fitted(features[rest], names[rest], groups[rest]).predict(features[asked])
    return said
