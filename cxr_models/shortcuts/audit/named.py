"""The source probe: how well a model's features name where a film comes from, beside how well they name the disease."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ...audits import AGE, COLLECTION, DISEASE, NAMED, VIEW, Probe, readable
from ...evaluation.definitions import balanced_accuracy
from ...evaluation.intervals import Bootstrap
from ...evaluation.measures import counted, resampled_counts
from ...evaluation.sources import v
from ...results import Measure
from ..probes import LEAST, answers


def probes(features: np.ndarray, rows: pd.DataFrame) -> tuple[Probe, ...]:
    """features: (N, F) of the films of ``rows``: columns label, source, view, age_group, group; "" is unknown."""
    return tuple(_probe(asked, features, rows, names) for asked, names in _questions(rows))


def _questions(rows: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """What is asked -> (N,) the right answers, "" for films that are not asked about.

    Collections are asked about among films of one class, too: there no knowledge of disease can name them.
    """
    labels, sources = rows.label.to_numpy(str), rows.source.to_numpy(str)
    yield DISEASE, labels
    yield COLLECTION, np.where(labels != "", sources, "")
    for label in sorted(set(labels) - {""}):
        yield f"{COLLECTION}, {readable(label)} films only", np.where(labels == label, sources, "")
    yield VIEW, rows["view"].to_numpy(str)
    yield AGE, rows.age_group.to_numpy(str)


def _probe(asked: str, features: np.ndarray, rows: pd.DataFrame, names: np.ndarray) -> Probe:
    """Answers with fewer than ``LEAST`` films are left out."""
    found = pd.Series(names[names != ""]).value_counts()
    counts = {str(name): int(films) for name, films in found.sort_index().items() if films >= LEAST}
    if len(counts) < 2:
        known = f"{next(iter(counts))} alone" if counts else "None"
        return Probe(asked, counts, reason=f"{known} has {LEAST} films or more: there is nothing to tell apart.")
    kept = np.isin(names, list(counts))
    truth = np.searchsorted(list(counts), names[kept])
    groups = rows.group.to_numpy()[kept]
    association = None if asked.startswith(COLLECTION) else v(rows.source[kept], names[kept])
    return Probe(asked, counts, measure(asked, truth, answers(features[kept], truth, groups), groups), v=association)


def measure(asked: str, truth: np.ndarray, answer: np.ndarray, groups: np.ndarray) -> Measure:
    """Balanced accuracy with its bootstrap over groups."""
    k, key = int(truth.max()) + 1, (NAMED, asked)
    value = float(balanced_accuracy(counted(truth, answer, k)))
    (found,) = Bootstrap(groups).measures(
        {key: value}, lambda weights: {key: balanced_accuracy(resampled_counts(truth, answer, k, weights))}
    )
    return found
