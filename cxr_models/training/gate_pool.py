"""The pictures the gate learns from: real frontal films, laterals, CT slices, other pictures, and what is made of them.

Everything is drawn once from a seed and kept as 64 x 64 pictures, so that the trainings that leave something out
(``gate.FOLDS``) differ in that alone.
"""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
from numpy.random import Generator

from ..architectures.gate_net import CLASSES
from ..errors import TrainingError
from ..imaging.preprocess import grey, resize, stretch
from .gate_films import SPOILT, exposed, framed, harmless, marked, window
from .gate_pictures import PICTURES, SIDE
from .store import films_at

SIZE = 64
MOST = {"train": 800, "val": 150, "test": 300}  # films a source and view: the large collections are not all there is
QUOTA = {
    "train": {"frontal": 11000, "inverted": 2000, "rotated": 2500, "part": 2500, "shuffled": 700, "doubled": 800,
              "warped": 700, "lateral": 1800, "ct": 900, "foreign": 300, "drawn": 400},
    "val": {"frontal": 1500, "inverted": 200, "rotated": 200, "part": 300, "shuffled": 100, "doubled": 100,
            "warped": 100, "lateral": 40, "ct": 0, "foreign": 0, "drawn": 0},
}  # fmt: skip


class Sources(NamedTuple):
    """Real pictures, (N, 128, 128) uint8. rows: the index's rows of ``films``; kinds: (M,) names of ``foreign``."""

    rows: pd.DataFrame
    films: np.ndarray
    kinds: np.ndarray
    foreign: np.ndarray


class Pool(NamedTuple):
    """pictures (N, 64, 64) uint8; truth (N,) numbers of CLASSES; kind and source (N,) names."""

    pictures: np.ndarray
    truth: np.ndarray
    kind: np.ndarray
    source: np.ndarray

    def without(self, kinds: tuple[str, ...], sources: tuple[str, ...]) -> np.ndarray:
        """(n,) numbers of the pictures of no such kind and of no film of such a source."""
        of_source = np.array([any(part in sources for part in name.split("+")) for name in self.source])
        return np.flatnonzero(~np.isin(self.kind, kinds) & ~of_source)


def chosen(index: pd.DataFrame) -> pd.DataFrame:
    """At most ``MOST`` films of each split, source and view, drawn with seed 0."""
    parts = []
    for split, films in index[index.split.isin(MOST)].groupby("split"):
        films = films.sample(frac=1, random_state=0)
        parts.append(films[films.groupby(["source", "view"]).cumcount() < MOST[split]])
    return pd.concat(parts).sort_index().reset_index(drop=True)


def gather(index: pd.DataFrame, root: Path, cache: Path) -> Sources:
    """Decode what the gate is trained and measured on. Pictures of other kinds lie in ``root``/../notchest/<kind>/.

    Raises TrainingError when that folder is missing.
    """
    rows = chosen(index)
    folder = root.parent / "notchest"
    files = sorted(folder.rglob("*.jpg"))
    if not files:
        raise TrainingError(f"{folder} has no pictures: put pictures that are no chest films there, one folder a kind.")
    foreign = [grey(picture(file), SIDE) for file in files]
    return Sources(
        rows,
        films_at(rows, root, SIDE, cache).numpy(),
        np.array([file.parent.name for file in files]),
        np.rint(np.stack(foreign) * 255).astype(np.uint8),
    )


def picture(file: Path) -> np.ndarray:
    """A picture of any kind, in colour or not -> (H, W) grey in [0, 1]. Raises TrainingError when it cannot be read."""
    found = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
    if found is None:
        raise TrainingError(f"{file} is no picture that can be read: remove it.")
    return found / np.float32(255)


def stored(picture: np.ndarray) -> np.ndarray:
    """(H, W) -> (64, 64) uint8, squashed and stretched as in use."""
    return np.rint(stretch(resize(picture, (SIZE, SIZE))) * 255).astype(np.uint8)


def real(picture: np.ndarray) -> np.ndarray:
    return picture / np.float32(255)


def make(sources: Sources, split: str, seed: int) -> Pool:
    """Draw a pool from one split's films (and, for training, from the foreign pictures and the drawn ones)."""
    rng, quota = np.random.default_rng(seed), QUOTA[split]
    rows = sources.rows[sources.rows.split == split]
    found = [*_of_films(sources, rows, quota, rng), *_of_views(sources, rows, quota, rng)]
    found += [*_of_foreign(sources, quota["foreign"], rng), *_drawn(quota["drawn"], rng)]
    pictures, names, kinds, origins = zip(*found, strict=True)
    return Pool(np.stack(pictures), np.array([CLASSES.index(n) for n in names]), np.array(kinds), np.array(origins))


def _of_films(sources: Sources, rows: pd.DataFrame, quota: dict[str, int], rng: Generator):
    frontal = rows[rows["view"] == "frontal"]
    weights = 1 / np.sqrt(frontal.groupby("source").path.transform("size").to_numpy(float))
    weights /= weights.sum()

    def draw() -> tuple[np.ndarray, str]:
        i = rng.choice(frontal.index.to_numpy(), p=weights)
        return real(sources.films[i]), sources.rows.source[i]

    for _ in range(quota["frontal"]):
        film, source = draw()
        yield stored(harmless(film, rng)), "frontal", "frontal", source
    for name, spoil in SPOILT.items():
        for _ in range(quota[name]):
            (film, source), (other, another) = draw(), draw()
            picture = spoil(harmless(film, rng) if rng.random() < 0.7 else film, other, rng)
            picture = exposed(picture, rng) if rng.random() < 0.3 else picture
            picture = framed(picture, rng) if rng.random() < 0.15 else picture
            origin = f"{source}+{another}" if name == "doubled" and source != another else source
            yield stored(picture), name if name in CLASSES else "other", name, origin


def _of_views(sources: Sources, rows: pd.DataFrame, quota: dict[str, int], rng: Generator):
    for view, name in (("lateral", "lateral"), ("ct", "other")):
        numbers = rows.index[rows["view"] == view]
        for _ in range(quota[view]):
            yield stored(harmless(real(sources.films[rng.choice(numbers)]), rng)), name, view, f"ieee_{view}"


def _of_foreign(sources: Sources, count: int, rng: Generator):
    for kind in np.unique(sources.kinds):
        for _ in range(count):
            picture = harmless(real(sources.foreign[rng.choice(np.flatnonzero(sources.kinds == kind))]), rng)
            picture = np.rot90(picture, int(rng.integers(1, 4))) if rng.random() < 0.3 else picture
            picture = 1 - picture if rng.random() < 0.15 else picture
            picture = _inner(picture, rng) if rng.random() < 0.2 else picture
            yield stored(picture), "other", str(kind), str(kind)


def _inner(picture: np.ndarray, rng: Generator) -> np.ndarray:
    top, left = rng.uniform(0, 0.4, 2)
    return window(picture, top, left, 0.6, 0.6)


def _drawn(count: int, rng: Generator):
    for kind, draw in PICTURES.items():
        for _ in range(count):
            picture = stretch(draw(rng))
            yield stored(marked(picture, rng) if rng.random() < 0.3 else picture), "other", kind, "code"
