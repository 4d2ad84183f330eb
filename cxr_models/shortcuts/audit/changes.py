"""What edits and marks do to a model's answers over many films, and how well it classifies what is left of them."""

from collections.abc import Sequence

import numpy as np

from ...audits import BORDER, CHANGE, ERASED, FLIPS, LUNGS, RATIO, SCORE, SIZE, TILES, WHOLE
from ...evaluation.definitions import f1
from ...evaluation.intervals import Bootstrap, Figures, mean_of, proportion
from ...evaluation.measures import counted, resampled_counts
from ...results import Measure


def changes(said: np.ndarray, titles: Sequence[str], groups: np.ndarray) -> list[Measure]:
    """Of each change: the mean change of the first class's probability, the mean of its size, the films whose most
    probable class is another one.

    said: (N, 1 + T, K), first the film as it came, then with each of ``titles``, NaN where it was not read. groups:
    (N,). Bootstrap over groups for means, Wilson for the share.
    """
    found = []
    for title, after in zip(titles, np.moveaxis(said[:, 1:], 1, 0), strict=True):
        change = after[:, 0] - said[:, 0, 0]
        read = np.isfinite(change)
        other = after[read].argmax(1) != said[read, 0].argmax(1)
        found += mean_of(CHANGE, title, change, groups) + mean_of(SIZE, title, abs(change), groups)
        found += proportion(FLIPS, title, int(other.sum()), int(read.sum()))
    return found


def scores(
    said: np.ndarray, titles: Sequence[str], tiles: np.ndarray, truth: np.ndarray, groups: np.ndarray
) -> list[Measure]:
    """Macro-F1 by what is shown, on the films that were read in all these ways, and its part of that on whole films.

    said: as for ``changes``. tiles: (N,) class numbers that logistic regression gives; truth: (N,).
    """
    answers = {name: said[:, at].argmax(1) for name, at in _left(titles).items()} | {TILES: tiles}
    read = np.isfinite(said[:, list(_left(titles).values())]).all((1, 2))
    if not read.any():
        return []
    k, truth = said.shape[2], truth[read]
    answers = {name: answer[read] for name, answer in answers.items()}
    present = np.unique(truth)

    def of(counts: dict[str, np.ndarray]) -> Figures:
        score = {name: f1(table)[present].mean(0) for name, table in counts.items()}
        parts = {(RATIO, name): _part(value, score[WHOLE]) for name, value in score.items() if name != WHOLE}
        return {(SCORE, name): value for name, value in score.items()} | parts

    point = of({name: counted(truth, answer, k) for name, answer in answers.items()})
    return Bootstrap(groups[read]).measures(
        {key: float(value) for key, value in point.items()},
        lambda weights: of({name: resampled_counts(truth, answer, k, weights) for name, answer in answers.items()}),
    )


def _left(titles: Sequence[str]) -> dict[str, int]:
    """What is shown -> its place in ``said``: the whole film, and the edits that leave a part of the film."""
    parts = [title for title in titles if title in (LUNGS, BORDER) or title.startswith(ERASED)]
    return {WHOLE: 0} | {title: 1 + titles.index(title) for title in parts}


def _part(value: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.asarray(value) / np.where(np.asarray(whole) > 0, whole, np.nan)
