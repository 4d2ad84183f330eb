"""What is kept of every film to find its copies: hash and a small picture, remembered beside the index.

A film is read again only when its size or time of change differs from what was kept. The pictures stay on disk,
mapped into memory.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np
from numpy.lib.format import open_memmap
from tqdm import tqdm

from ..errors import CxrError
from ..imaging.preprocess import grey
from ..imaging.read import read_film

SIDE = 128
CHUNK = 64
FEW = 200


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """Row for row: paths; stamps (n, 2) int64, bytes and time in ns; sha256; notes, why a film cannot be read ("" if
    it can); pictures (n, SIDE, SIDE) uint8, squashed and stretched, all 0 where it cannot."""

    paths: np.ndarray
    stamps: np.ndarray
    sha256: np.ndarray
    notes: np.ndarray
    pictures: np.ndarray


def describe(root: Path, path: str) -> tuple[str, str, np.ndarray]:
    """File -> SHA-256, what was wrong ("" if nothing), (SIDE, SIDE) uint8."""
    data = (root / path).read_bytes()
    picture, note = np.zeros((SIDE, SIDE), np.uint8), ""
    try:
        picture = np.rint(grey(read_film(data).pixels, SIDE) * 255).astype(np.uint8)
    except CxrError as error:
        note = str(error)
    return hashlib.sha256(data).hexdigest(), note, picture


def stamp(file: Path) -> tuple[int, int]:
    """Bytes, and time of last change in ns."""
    found = file.stat()
    return found.st_size, found.st_mtime_ns


def thumbnails(root: Path, paths: Sequence[str], folder: Path) -> Thumbnails:
    """Of every film of ``paths`` below ``root``; read in one process a core, kept in ``folder``."""
    kept = load(folder)
    stamps = np.array([stamp(root / path) for path in paths], np.int64).reshape(-1, 2)
    places = {(path, *at): i for i, (path, at) in enumerate(zip(kept.paths, kept.stamps.tolist(), strict=True))}
    where = np.array([places.get((path, *at), -1) for path, at in zip(paths, stamps.tolist(), strict=True)], int)
    if np.array_equal(where, np.arange(len(kept.paths))):
        return kept
    sha256, notes = [""] * len(paths), [""] * len(paths)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "pictures.part.npy"
    pictures = open_memmap(part, "w+", np.uint8, (len(paths), SIDE, SIDE))
    for i in np.flatnonzero(where >= 0).tolist():
        sha256[i], notes[i], pictures[i] = kept.sha256[where[i]], kept.notes[where[i]], kept.pictures[where[i]]
    missing = np.flatnonzero(where < 0).tolist()
    for i, described in zip(missing, _described(root, [paths[i] for i in missing]), strict=True):
        sha256[i], notes[i], pictures[i] = described
    pictures.flush()
    part.replace(folder / "pictures.npy")
    found = Thumbnails(np.array(paths, str), stamps, np.array(sha256, str), np.array(notes, str), pictures)
    np.savez(folder / "films.npz", paths=found.paths, stamps=stamps, sha256=found.sha256, notes=found.notes)
    return found


def load(folder: Path) -> Thumbnails:
    """What is kept in ``folder``; nothing where it is not there, not whole, or of another SIDE."""
    try:
        pictures = np.load(folder / "pictures.npy", mmap_mode="r")
        with np.load(folder / "films.npz") as films:
            found = Thumbnails(**films, pictures=pictures)
        if pictures.shape == (len(found.paths), SIDE, SIDE):
            return found
    except (OSError, ValueError, TypeError, EOFError, BadZipFile):
        pass  # as good as never made: it is made again
    none = np.empty(0, str)
    return Thumbnails(none, np.empty((0, 2), np.int64), none, none, np.empty((0, SIDE, SIDE), np.uint8))


def _described(root: Path, paths: list[str]) -> Iterator[tuple[str, str, np.ndarray]]:
    """Few films in this process, many in one a core: decoders take one film at a time in each."""
    if len(paths) < FEW:
        yield from (describe(root, path) for path in paths)
        return
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), cv2.setNumThreads, (1,)) as pool:
        work = pool.map(partial(describe, root), paths, chunksize=CHUNK)
        yield from tqdm(work, "films read", len(paths), mininterval=10)
