"""Groups that nothing may cross: films of one patient, equal files, and copies across collections."""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from . import copies
from .thumbnails import SIDE, Thumbnails

SETTINGS = np.array([SIDE, copies.GRID, copies.MOST, copies.CANDIDATE, copies.PROOF, copies.CROPS.sum()])


def known_pairs(films: Thumbnails, folder: Path) -> pd.DataFrame:
    """Copies among the films: rows ``i``, ``j`` (of different files) and ``alike``, their correlation.

    Found pairs are kept in ``folder`` by hash: only films that were not there before are compared again.
    """
    sha256, first = np.unique(films.sha256, return_index=True)
    compared, old = _kept(folder)
    new = ~np.isin(sha256, compared)
    found, alike = copies.pairs(films.pictures[first], new) if new.any() else (np.empty((0, 2), int), np.empty(0))
    fresh = pd.DataFrame({"a": sha256[found[:, 0]], "b": sha256[found[:, 1]], "alike": alike})
    pairs = pd.concat([old[old.a.isin(sha256) & old.b.isin(sha256)], fresh], ignore_index=True)
    if new.any() or len(sha256) != len(compared):
        keep = {name: pairs[name].to_numpy(str if name != "alike" else float) for name in pairs}
        np.savez(folder / "pairs.npz", settings=SETTINGS, compared=sha256, **keep)
    place = dict(zip(sha256, first, strict=True))
    return pd.DataFrame({"i": pairs.a.map(place), "j": pairs.b.map(place), "alike": pairs.alike})


def _kept(folder: Path) -> tuple[np.ndarray, pd.DataFrame]:
    """Hashes that were compared, and the pairs among them; none where they were found with other settings."""
    try:
        with np.load(folder / "pairs.npz") as kept:
            if np.array_equal(kept["settings"], SETTINGS):
                return kept["compared"], pd.DataFrame({name: kept[name] for name in ("a", "b", "alike")})
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        pass  # as good as never made: it is made again
    return np.empty(0, str), pd.DataFrame({"a": [], "b": [], "alike": []}).astype({"a": str, "b": str})


def group(films: pd.DataFrame, pairs: np.ndarray) -> np.ndarray:
    """Films (``sha256``, ``patient``) and (m, 2) pairs of rows -> (n,) group numbers, connected components of all
    three, numbered as they first appear."""
    links = [np.asarray(pairs, int).reshape(-1, 2)]
    for column in ("sha256", "patient"):
        keys = films[column].where(films[column] != "")
        for members in keys.groupby(keys).indices.values():
            links.append(np.stack([members[:-1], members[1:]], 1))
    edges = np.concatenate(links)
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (len(films),) * 2)
    return pd.factorize(connected_components(graph, directed=False)[1])[0]


def conflicts(films: pd.DataFrame) -> pd.Series:
    """Films (``group``, ``label``) -> the labels, joined by ", ", of each film's group where they differ, else ""."""
    labelled = films[films.label != ""]
    labels = {number: sorted(set(names)) for number, names in labelled.groupby("group").label}
    return films.group.map(lambda number: ", ".join(labels.get(number, [])) if len(labels.get(number, [])) > 1 else "")
