"""Copies of one film, whatever became of them: re-encoded, resized, with another contrast, cropped a little.

Two steps. Candidates: the film and six crops of it are correlated with every whole film (blocked matrix products on
locally normalised detail, less what all chest films share). Proof: a candidate is registered to the other film
(affine, ECC: Evangelidis and Psarakis 2008) and their fine detail correlated where both have it. Copies lie above
0.95 or little below, other people's films below 0.75 (docs/data.md); PROOF stands between.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from tqdm import tqdm

from .thumbnails import SIDE

CANDIDATE = 0.6
PROOF = 0.82
MOST = 20  # candidates a film: keeps the work linear in films; a copy has few films that are more alike than it
GRID = 20  # pixels a side that candidates are compared on
EDGE = 1
CROPS = np.array(  # left, right, top, bottom: shares cut off
    [[0, 0, 0, 0], [0.04] * 4, [0.09] * 4, [0.045, 0, 0, 0], [0, 0.045, 0, 0], [0, 0, 0.045, 0], [0, 0, 0, 0.045]]
)
SHRINK = 100  # films whose worth the prior of no common anatomy has: the mean of few films is mostly their own
ROWS, COLUMNS = 1024, 8192
STEPS = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 15, 1e-3)
HALF = SIDE // 2
EVERYWHERE = np.ones((HALF, HALF), np.uint8)


def detail(picture: np.ndarray, fine: float) -> np.ndarray:
    """(S, S) uint8 -> float32: structures between ``fine`` and 4 pixels (sigma), each in units of their
    surroundings, so that gamma, window and local contrast fall out."""
    grey = picture.astype(np.float32) / 255
    band = cv2.GaussianBlur(grey, (0, 0), fine) - cv2.GaussianBlur(grey, (0, 0), 4)
    return band / (np.sqrt(cv2.GaussianBlur(band * band, (0, 0), 4)) + 0.01)


def descriptor(coarse: np.ndarray, crop: np.ndarray) -> np.ndarray:
    """(S, S) detail less the cut-off shares -> unit vector of mean 0."""
    left, right, top, bottom = np.rint(crop * SIDE).astype(int)
    small = cv2.resize(coarse[top : SIDE - bottom, left : SIDE - right], (GRID, GRID), interpolation=cv2.INTER_AREA)
    vector = small[EDGE:-EDGE, EDGE:-EDGE].ravel()
    return _unit(vector - vector.mean())


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)


def descriptors(pictures: np.ndarray, crops: np.ndarray) -> np.ndarray:
    """(n, S, S) uint8 -> (n, crops, d) float32."""
    found = np.empty((len(pictures), len(crops), (GRID - 2 * EDGE) ** 2), np.float32)
    for i, picture in enumerate(pictures):
        coarse = detail(picture, 1.5)
        found[i] = [descriptor(coarse, crop) for crop in crops]
    return found


def candidates(pictures: np.ndarray, new: np.ndarray) -> np.ndarray:
    """(n, S, S) uint8, (n,) bool -> (m, 3): film, film it may be a crop of or be cropped to, number of the crop.

    Each pair once, at its best crop; only pairs with a film that is ``new``. Memory: descriptors of all whole films
    (1.3 kB each) and one block of ROWS x COLUMNS correlations.
    """
    whole = descriptors(pictures, CROPS[:1])[:, 0]
    common = whole.mean(0) * len(whole) / (len(whole) + SHRINK)
    whole = _unit(whole - common)
    found = [_best(block) for block in _blocks(pictures, new, whole, common)]
    rows = np.concatenate(found) if found else np.empty((0, 4))
    rows[:, 3] *= -1
    ends = np.sort(rows[:, :2], 1)
    order = np.lexsort((rows[:, 3], ends[:, 1], ends[:, 0]))
    return rows[order][_first(ends[order]), :3].astype(int)


def _blocks(pictures: np.ndarray, new: np.ndarray, whole: np.ndarray, common: np.ndarray) -> Iterator[np.ndarray]:
    """(k, 4) film, other, crop, correlation, of all others, a block of ROWS films at a time."""
    for start in tqdm(range(0, len(pictures), ROWS), "compared", mininterval=10):
        cropped = _unit(descriptors(pictures[start : start + ROWS], CROPS) - common)
        fresh, found = new[start : start + ROWS], [np.empty((0, 4))]
        for column in range(0, len(whole), COLUMNS):
            other = whole[column : column + COLUMNS]
            if not fresh.any() and not new[column : column + COLUMNS].any():
                continue
            for crop in range(len(CROPS)):
                alike = cropped[:, crop] @ other.T
                i, j = np.nonzero(alike >= CANDIDATE)
                wanted = (i + start != j + column) & (fresh[i] | new[j + column])
                i, j = i[wanted], j[wanted]
                found.append(np.stack([i + start, j + column, np.full(len(i), crop), alike[i, j]], 1))
        yield np.concatenate(found)


def _best(rows: np.ndarray) -> np.ndarray:
    """(k, 4) film, other, crop, correlation -> each pair at its best crop, at most MOST others a film."""
    rows = rows[np.lexsort((-rows[:, 3], rows[:, 1], rows[:, 0]))]
    rows = rows[_first(rows[:, :2])]
    rows = rows[np.lexsort((-rows[:, 3], rows[:, 0]))]
    return rows[np.arange(len(rows)) - np.searchsorted(rows[:, 0], rows[:, 0]) < MOST]


def _first(keys: np.ndarray) -> np.ndarray:
    """(k, 2) sorted -> (k,) bool: the first of each run of equal rows."""
    return np.concatenate([np.ones(min(1, len(keys)), bool), (np.diff(keys, axis=0) != 0).any(1)])


def proof(film: np.ndarray, other: np.ndarray, crop: np.ndarray) -> float:
    """Two (S, S) uint8, the second near the first's ``crop`` -> correlation of fine detail after registration.

    -1 where registration finds no way from one to the other.
    """
    left, right, top, bottom = crop
    way = np.array([[1 - left - right, 0, HALF * left], [0, 1 - top - bottom, HALF * top]], np.float32)
    to, of = (cv2.resize(detail(p, 1.5), (HALF, HALF), interpolation=cv2.INTER_AREA) for p in (other, film))
    try:
        way = np.array(cv2.findTransformECC(to, of, way, cv2.MOTION_AFFINE, STEPS, EVERYWHERE, 1)[1])
    except cv2.error:
        return -1.0
    way[:, 2] *= 2
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(detail(film, 0.7), way, (SIDE, SIDE), flags=flags, borderValue=np.nan)[4:-4, 4:-4]
    both = np.isfinite(moved)
    if both.mean() < 0.5:
        return -1.0
    return float(np.corrcoef(moved[both], detail(other, 0.7)[4:-4, 4:-4][both])[0, 1])


def pairs(pictures: np.ndarray, new: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(n, S, S) uint8 -> (m, 2) pairs i < j of copies, and their (m,) correlations, at least PROOF.

    new: (n,) bool, films not compared before; without it all are.
    """
    rows = candidates(pictures, np.ones(len(pictures), bool) if new is None else new)

    def prove(row: np.ndarray) -> float:
        return proof(pictures[row[0]], pictures[row[1]], CROPS[row[2]])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        scores = np.array(list(tqdm(pool.map(prove, rows), "proved", len(rows), mininterval=10)), float)
    kept = scores >= PROOF
    return np.sort(rows[kept, :2], 1), scores[kept]
