"""Drawn films to train on where no collection is at hand: thorax phantoms, each a person of its own, with their lungs.

They lie below a root in the layout of COVIDx, so that ``index.build`` finds them by structure, as source
"covidx-phantom". Nobody's films: a network trained on them reads drawings, and nothing it scores is about patients.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from ..errors import TrainingError
from ..imaging.phantom import thorax
from ..imaging.phantom.canvas import smooth_noise
from ..manifest import replace_file
from . import index

WORDS = {"covid19": "COVID-19", "normal": "normal", "pneumonia": "pneumonia"}  # our label -> COVIDx's
MARKERS = ("L", "R", None)
SIDE = 256
VALIDATION = 5  # every so many-th film of a finding; the others are learned from
FEWEST = VALIDATION * len(WORDS)
FEW = 12  # are drawn in this process
# Phantoms share their skeleton and would be taken for copies (copies.py): of 150, 331 pairs correlate at 0.82 or above.
# Bent by so much over such a length, in film widths, no candidate pair of 200 correlates above 0.60.
BEND, LENGTH, _STREAM = 0.012, 0.125, 99
README = "Drawings of chests made by a program (cxr_models/data/phantoms.py), in COVIDx's layout. Nobody's films.\n"


def phantoms(root: Path, count: int) -> pd.DataFrame:
    """Draw ``count`` films below ``root`` and return their index (``index.COLUMNS``), with lung masks.

    Findings take turns, so that they are balanced; a fifth of each is for validation, the rest to train on. The same
    count gives the same files, and those that are there are not drawn again. Raises TrainingError for too few.
    """
    write(root, count)
    names = [f"train/{_name(number)}" for number in range(count)]
    parts = ["val" if number // len(WORDS) % VALIDATION == VALIDATION - 1 else "train" for number in range(count)]
    wanted = pd.DataFrame({"path": names, "split": parts})
    films = index.build(root, index.cache_of(root / "index.csv"), earlier=wanted).films
    return films.assign(mask=films.path.str.replace("train/", "masks/", regex=False))


def write(root: Path, count: int) -> None:
    """``root``/train/*.png, their lungs as masks/*.png, and the list train_COVIDx_phantoms.txt; says what it wrote.

    Raises TrainingError for fewer than ``FEWEST`` films.
    """
    if count < FEWEST:
        raise TrainingError(
            f"{count} phantoms are too few to learn from and to validate on: ask for at least {FEWEST}."
        )
    for folder in ("train", "masks"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(count) if not all(file.is_file() for file in _files(root, number))]
    _drawn(root, missing)
    lines = [f"{number} {_name(number)} {WORDS[_finding(number)]} phantom\n" for number in range(count)]
    replace_file(root / "train_COVIDx_phantoms.txt", "".join(lines).encode())
    replace_file(root / "README.txt", README.encode())
    each = ", ".join(f"{len(range(k, count, len(WORDS)))} {name}" for k, name in enumerate(WORDS))
    print(f"{count} phantoms ({each}; {len(missing)} drawn now) in {root}: drawings, not patients.", flush=True)


def _drawn(root: Path, numbers: list[int]) -> None:
    """Few films in this process, many in one a core."""
    if len(numbers) <= FEW:
        for number in numbers:
            draw(root, number)
        return
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), cv2.setNumThreads, (1,)) as pool:
        work = pool.map(partial(draw, root), numbers, chunksize=2)
        for _ in tqdm(work, "phantoms drawn", len(numbers), mininterval=2):
            pass


def draw(root: Path, number: int) -> None:
    """Write film and lungs of the person ``number``."""
    marker = MARKERS[number // len(WORDS) % len(MARKERS)]
    phantom = thorax(number, _finding(number), marker, SIDE)
    grey = np.rint(phantom.film.pixels * 255).astype(np.uint8)
    lungs = phantom.lungs.astype(np.uint8) * 255
    x, y = _bend(number)
    for file, picture, between in zip(
        _files(root, number), (grey, lungs), (cv2.INTER_LINEAR, cv2.INTER_NEAREST), strict=True
    ):
        bent = cv2.remap(picture, x, y, between, borderMode=cv2.BORDER_REPLICATE)
        replace_file(file, cv2.imencode(".png", bent)[1].tobytes())


def _bend(number: int) -> list[np.ndarray]:
    """x and y, each (SIDE, SIDE) float32, of where every pixel's grey value comes from."""
    rng = np.random.default_rng([number, _STREAM])
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    return [axis + np.float32(BEND * SIDE) * smooth_noise(rng, SIDE, LENGTH) for axis in (columns, rows)]


def _finding(number: int) -> str:
    return list(WORDS)[number % len(WORDS)]


def _name(number: int) -> str:
    return f"phantom-{number:05d}.png"


def _files(root: Path, number: int) -> tuple[Path, Path]:
    return root / "train" / _name(number), root / "masks" / _name(number)
