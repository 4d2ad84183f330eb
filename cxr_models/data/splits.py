"""Splits by group, stratified by source and label, seeded; and how an earlier index's split is kept."""

import numpy as np
import pandas as pd

SHARES = {"test": 0.15, "val": 0.07}
REST = "train"
STRONGEST = ("train", "val", "test")  # a group that spans several goes where its films were seen most
OUT, UNREADABLE = "left out", "unreadable"


def assign(films: pd.DataFrame, shares: dict[str, float], seed: int) -> pd.Series:
    """Films (``source``, ``label``, ``group``) -> name of a part, the same for all films of a group.

    shares: name -> share of the groups of each (source, label), in [0, 1]; the rest is "train". A group counts where
    its first film stands. The same seed and films give the same parts.
    """
    first = films.drop_duplicates("group").sample(frac=1, random_state=seed)
    cells = first.groupby(["source", "label"])
    share = (cells.cumcount() + 0.5) / cells.group.transform("size")
    limits = np.cumsum(list(shares.values()))
    part = np.select([share < limit for limit in limits], list(shares), REST)
    return films.group.map(dict(zip(first.group, part, strict=True)))


def keep(films: pd.DataFrame, earlier: pd.DataFrame) -> pd.Series:
    """Films (``path``, ``group``) and an earlier index (``path``, ``split``) -> the split that a group has from it.

    A group with a film in train is "train", else with one in val "val", else with one in test "test", else "": so
    the test set can only lose films, and holds none that a model was trained on.
    """
    before = films.path.map(dict(zip(earlier.path, earlier.split, strict=True)))
    found = pd.Series("", films.index)
    for name in reversed(STRONGEST):
        found = found.mask(films.group.isin(films.group[before == name]), name)
    return found


def split(films: pd.DataFrame, seed: int, earlier: pd.DataFrame | None = None) -> pd.Series:
    """Films (``path``, ``source``, ``label``, ``group``) -> "train", "val" or "test"; groups an earlier index knows
    keep theirs, the others are assigned by ``SHARES``."""
    kept = pd.Series("", films.index) if earlier is None else keep(films, earlier)
    new = films[kept == ""]
    return kept.where(kept != "", assign(new, SHARES, seed).reindex(films.index)) if len(new) else kept


def moved(films: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """Films of both whose split changed, counted: columns ``before``, ``now``, ``films``."""
    both = films[["path", "split"]].merge(earlier[["path", "split"]], on="path", suffixes=("", "_before"))
    changed = both[both.split != both.split_before]
    counts = changed.groupby(["split_before", "split"]).size().reset_index(name="films")
    return counts.rename(columns={"split_before": "before", "split": "now"})
