"""Drawn films on which opacities and letters are independent of each other: thorax phantoms, each a person of its own.

For teaching a network the one or the other (``training.taught``). Nobody's films.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from ..imaging.phantom import thorax
from ..manifest import replace_file
from ..types import THREE_CLASSES

FIRST = 1000  # number of the first person, so that those before are strangers to who learns here
VALIDATION = 5  # every so many-th film is for validation; the others are learned from
COLUMNS = ["number", "path", "finding", "text", "split"]


def lettered(root: Path, count: int, texts: Sequence[str], size: int) -> pd.DataFrame:
    """Draw ``count`` films of (size, size) pixels below ``root``, PNG, but those that are there; ``COLUMNS``, sha256.

    text: one of ``texts`` in a top corner, "" on half of the films.
    """
    root.mkdir(parents=True, exist_ok=True)
    films = pd.DataFrame(persons(count, texts), columns=COLUMNS)
    missing = films[[not (root / path).is_file() for path in films.path]]
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), cv2.setNumThreads, (1,)) as pool:
        asked = (missing.number, missing.path, missing.finding, missing.text)
        work = pool.map(partial(draw, root, size), *asked, chunksize=4)
        for _ in tqdm(work, "films drawn", len(missing), mininterval=10):
            pass
    return films.assign(sha256=[hashlib.sha256((root / path).read_bytes()).hexdigest() for path in films.path])


def persons(count: int, texts: Sequence[str]) -> Iterator[tuple[int, str, str, str, str]]:
    """``COLUMNS`` of each: every finding as often with letters as without, in both splits."""
    for k in range(count):
        finding, lettered, turn = THREE_CLASSES[k % 3], k // 3 % 2 == 1, k // 6
        text = texts[turn % len(texts)] if lettered else ""
        yield FIRST + k, f"{k:04d}.png", finding, text, "val" if turn % VALIDATION == 0 else "train"


def draw(root: Path, size: int, number: int, path: str, finding: str, text: str) -> None:
    pixels = thorax(number, finding, text or None, size).film.pixels
    replace_file(root / path, cv2.imencode(".png", np.rint(pixels * 255).astype(np.uint8))[1].tobytes())
