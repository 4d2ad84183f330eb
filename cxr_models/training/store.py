"""Films decoded once: one uint8 array (N, S, S) on disk, made by the same preprocessing the app uses."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.special import expit
from tqdm import tqdm

from .. import registry
from ..data.masks import lung_mask
from ..engine import compile_maps
from ..imaging.lungs import clean_up
from ..imaging.preprocess import grey, resize
from ..imaging.read import read_film

LUNGS_SIDE = 256


def cached(films: pd.DataFrame, name: str, cache: Path, make: Callable[[str], np.ndarray]) -> torch.Tensor:
    """(N, S, S) uint8 of ``make(path)`` for every row; each film is made once, whatever index it stands in.

    ``name.npy`` holds all that were ever made and ``name.txt`` the SHA-256 of the film of each row; where the rows
    asked for are just those, they stay on disk, memory-mapped.
    """
    file, names = cache / f"{name}.npy", cache / f"{name}.txt"
    known = names.read_text().split() if names.is_file() else []
    rows = {sha256: row for row, sha256 in enumerate(known)}
    missing = films[~films.sha256.isin(rows)].drop_duplicates("sha256")
    if len(missing):
        cache.mkdir(parents=True, exist_ok=True)
        _extend(file, len(known), missing["mask" if name.startswith("masks") else "path"], make)
        names.write_text("\n".join([*known, *missing.sha256]))
        rows |= {sha256: len(known) + i for i, sha256 in enumerate(missing.sha256)}
    stack = np.load(file, mmap_mode="c")
    places = films.sha256.map(rows).to_numpy()
    return torch.from_numpy(stack if np.array_equal(places, np.arange(len(stack))) else stack[places])


def _extend(file: Path, known: int, paths: pd.Series, make: Callable[[str], np.ndarray]) -> None:
    """``make`` of every path after the first ``known`` rows of ``file``, which is replaced whole or not at all.

    Written film by film: no more than a few are in memory.
    """
    part = file.with_suffix(f".{os.getpid()}.part.npy")
    with ThreadPoolExecutor() as pool:
        made = iter(tqdm(pool.map(make, paths), file.stem, len(paths), mininterval=10))
        first = next(made)
        whole = np.lib.format.open_memmap(part, "w+", np.uint8, (known + len(paths), *first.shape))
        if known:
            whole[:known] = np.load(file, mmap_mode="r")[:known]
        for row, film in enumerate(chain([first], made), known):
            whole[row] = film
    whole.flush()
    part.rename(file)


def films_at(films: pd.DataFrame, root: Path, size: int, cache: Path) -> torch.Tensor:
    """(N, size, size) uint8: ``preprocess.grey`` times 255."""

    def make(path: str) -> np.ndarray:
        return np.rint(grey(read_film((root / path).read_bytes()).pixels, size) * 255).astype(np.uint8)

    return cached(films, f"films{size}", cache, make)


def masks_at(films: pd.DataFrame, root: Path, size: int, cache: Path) -> torch.Tensor:
    """(N, size, size) uint8 in {0, 255}: the collections' own lung masks."""

    def make(path: str) -> np.ndarray:
        return (resize(lung_mask(root, path), (size, size)) >= 0.5).astype(np.uint8) * 255

    return cached(films, f"masks{size}", cache, make)


def lungs_at(films: pd.DataFrame, root: Path, size: int, cache: Path) -> torch.Tensor:
    """(N, size, size) uint8 in {0, 255}: the UNet's lungs with their margin, for training on the lungs alone.

    Found at ``LUNGS_SIDE`` pixels, a quarter of the work of the app's 512; testing goes the app's way.
    """
    unet = registry.load("unet")
    engine = compile_maps(unet.module, (1, 1, LUNGS_SIDE, LUNGS_SIDE), unet.spec.precision, unet.spec.sha256[:16])

    def make(path: str) -> np.ndarray:
        film = grey(read_film((root / path).read_bytes()).pixels, LUNGS_SIDE)
        with unet.lock:
            logits = engine.run(film[None, None])[0, 0]
        probability = resize(expit(logits), (unet.spec.input.size,) * 2)
        return (resize(clean_up(probability), (size, size)) >= 0.5).astype(np.uint8) * 255

    return cached(films, f"lungs{size}-{unet.spec.sha256[:8]}", cache, make)
