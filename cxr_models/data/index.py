"""One index of all films, with groups that nothing may cross and splits by group.

``group`` joins films of one patient and near-duplicates across collections: re-encoded, resized or re-windowed copies.
Films whose group carries two different labels are left out, not guessed (``split`` "left out").
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ..errors import CxrError
from ..imaging.preprocess import grey
from ..imaging.read import read_film
from .collections import scan

THUMBNAIL = 48
SIMILAR = 0.85  # correlation of high-pass thumbnails; pairs looked at: all copies above it, a mixture from 0.75 to it
SPLITS = {"test": 0.15, "val": 0.07}


def describe(path: Path) -> tuple[str, np.ndarray | None, str]:
    """File -> SHA-256, high-pass thumbnail (a unit vector; None if unreadable) and what was wrong."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    try:
        square = grey(read_film(data).pixels, THUMBNAIL * 2)
    except CxrError as error:
        return digest, None, str(error)
    detail = square - cv2.GaussianBlur(square, (0, 0), 6)
    inner = cv2.resize(detail, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)[4:-4, 4:-4]
    vector = inner.ravel() - inner.mean()
    return digest, vector / max(float(np.linalg.norm(vector)), 1e-6), ""


def similar_pairs(vectors: np.ndarray, limit: float = SIMILAR, block: int = 2048) -> np.ndarray:
    """(n, d) unit vectors -> (m, 2) index pairs i < j whose correlation is at least ``limit``; memory block x n."""
    found = []
    for start in range(0, len(vectors), block):
        close = vectors[start : start + block] @ vectors[start:].T >= limit
        i, j = np.nonzero(np.triu(close, 1))
        found.append(np.stack([i, j], 1) + start)
    return np.concatenate(found) if found else np.empty((0, 2), int)


def group(films: pd.DataFrame, pairs: np.ndarray) -> np.ndarray:
    """Group number per film: connected components over near-duplicates, equal bytes and equal patients."""
    links = [pairs]
    for column in ("sha256", "patient"):
        keys = films[column].where(films[column] != "")
        for members in keys.groupby(keys).indices.values():
            links.append(np.stack([members[:-1], members[1:]], 1))
    edges = np.concatenate(links)
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (len(films),) * 2)
    return connected_components(graph, directed=False)[1]


def split(films: pd.DataFrame, seed: int) -> pd.Series:
    """ "train", "val", "test" by group, stratified by (source, label); conflicting groups are "left out"."""
    labelled = films[films.label != ""]
    conflict = set(labelled.groupby("group").label.nunique().loc[lambda n: n > 1].index)
    first = films.drop_duplicates("group").sample(frac=1, random_state=seed)
    share = first.groupby(["source", "label"]).cumcount() / first.groupby(["source", "label"]).group.transform("size")
    limits = np.cumsum(list(SPLITS.values()))
    names = np.select([share < limits[0], share < limits[1]], list(SPLITS), "train")
    assigned = films.group.map(dict(zip(first.group, names, strict=True)))
    return assigned.where(~films.group.isin(conflict), "left out")


def build(root: Path, seed: int = 0) -> pd.DataFrame:
    """Scan ``root``, hash, group and split. Unreadable films get split "unreadable" and their sentence in ``note``."""
    films = scan(root)
    with ThreadPoolExecutor() as pool:
        described = list(pool.map(lambda p: describe(root / p), films.path))
    films["sha256"] = [d[0] for d in described]
    films["note"] = [d[2] for d in described]
    blank = np.zeros((THUMBNAIL - 8) ** 2, np.float32)
    vectors = np.stack([blank if d[1] is None else d[1] for d in described]).astype(np.float32)
    films["group"] = group(films, similar_pairs(vectors))
    films["split"] = split(films, seed).where(films.note == "", "unreadable")
    return films
