"""The least that a film can give away: 8 x 8 tiles of grey, and logistic regression on them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from ...data.thumbnails import SIDE, describe, load
from ...evaluation.predictions import labelled, truth_of
from ..probes import fitted
from .plan import drawn

SHOWN = 8  # tiles a side
FITTED = 3000  # training films, at most


class Tiles:
    """Tiles of some training films, and of the films that are audited.

    cache: the index's own folder, where small pictures are kept; a film of which none is kept is read.
    """

    def __init__(self, index: pd.DataFrame, rows: pd.DataFrame, root: Path, cache: Path):
        self._trained = drawn(labelled(index, "train"), FITTED)
        self._fitted_on = greys(self._trained, root, cache)
        self._asked = greys(rows, root, cache)

    def answers(self, classes: tuple[str, ...]) -> np.ndarray:
        """(N,) class numbers of the audited films, by a regression that never saw them."""
        truth = truth_of(self._trained, classes)
        if len(set(truth)) < 2:
            return np.zeros(len(self._asked), int)
        return fitted(self._fitted_on, truth, self._trained.group.to_numpy()).predict(self._asked)


def greys(rows: pd.DataFrame, root: Path, cache: Path) -> np.ndarray:
    """(N, 64) mean grey in [0, 1] of each tile, row by row, of films squashed and stretched as for every model."""
    step = SIDE // SHOWN
    pictures = np.array(list(_pictures(rows, root, cache)), float).reshape(-1, SHOWN, step, SHOWN, step)
    return pictures.mean((2, 4)).reshape(len(rows), SHOWN**2) / 255


def _pictures(rows: pd.DataFrame, root: Path, cache: Path) -> Iterator[np.ndarray]:
    """(SIDE, SIDE) uint8 of each film."""
    kept = load(cache)
    places = {sha256: i for i, sha256 in enumerate(kept.sha256.tolist())}
    for row in rows.itertuples():
        at = places.get(row.sha256)
        yield describe(root, str(row.path))[2] if at is None else kept.pictures[at]
