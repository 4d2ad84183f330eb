"""Films decoded once: one uint8 array (N, S, S) on disk, made by the same preprocessing the app uses."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.special import expit

from .. import registry
from ..data.masks import lung_mask
from ..engine import compile_maps
from ..imaging.lungs import clean_up
from ..imaging.preprocess import grey, resize
from ..imaging.read import read_film

LUNGS_SIDE = 256


def cached(films: pd.DataFrame, name: str, cache: Path, make: Callable[[str], np.ndarray]) -> torch.Tensor:
    """(N, S, S) uint8 of ``make(path)`` for every row, computed in parallel on first use, memory-mapped afterwards."""
    key = hashlib.sha256("".join(films.sha256).encode()).hexdigest()[:16]
    file = cache / f"{name}-{key}.npy"
    if not file.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor() as pool:
            stack = np.stack(list(pool.map(make, films.path if "mask" not in name else films["mask"])))
        partial = file.with_suffix(".part.npy")
        np.save(partial, stack)
        partial.rename(file)
    return torch.from_numpy(np.load(file, mmap_mode="c"))


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

    return cached(films, f"lungs{size}", cache, make)
