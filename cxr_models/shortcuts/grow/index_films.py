"""Films of collections in place of phantoms: from an index (``python -m cxr_models data build``) and their folder.

They are read into memory, small, for one growth and one reader, and kept nowhere.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from ...errors import Cancelled, CxrError, TrainingError
from ...imaging.preprocess import grey, resize, stretch
from ...imaging.read import read_film
from ...types import COVID19, NORMAL, PNEUMONIA
from .films import SIDE, Example, Films, Material

LABELS = (COVID19, NORMAL, PNEUMONIA)
COLUMNS = ("path", "label", "group")
NOT_USED = ("left out", "unreadable")  # splits of an index
MOST, LEARNED, FEWEST = 600, 0.75, 20  # films; share of them to learn from; fewest films, ill or healthy, on each side
LONGEST = 1024  # pixels of a film to look at


def index_films(
    index: Path, root: Path, seed: int, progress: Callable[[float, str], None], cancelled: Callable[[], bool]
) -> Material:
    """At most ``MOST`` films, half of them ill (that is, not labelled normal), groups kept whole; drawn by the seed.

    Raises TrainingError saying what is wrong with the index or its films, and Cancelled.
    """
    rows = drawn(listed(index), np.random.default_rng(seed))
    if not root.is_dir():
        raise TrainingError(f"There is no folder {root} on the machine that runs this page. Correct it.")
    small = []
    for at, (path, line) in enumerate(zip(rows.path, rows.line, strict=True)):
        if cancelled():
            raise Cancelled("Cancelled while the films were read.")
        progress(at / len(rows), f"Reading film {at + 1} of {len(rows)}")
        small.append(grey(read(root, path, line), SIDE))
    return material(np.stack(small), rows, root)


def listed(index: Path) -> pd.DataFrame:
    """The index's usable films: ``path``, ``group``, ``ill`` and ``line`` in the file. Raises TrainingError."""
    try:
        films = pd.read_csv(index, keep_default_na=False, dtype=str, encoding="utf-8")
    except (OSError, ValueError) as error:
        why = "it is not there" if isinstance(error, FileNotFoundError) else "it is no table in UTF-8 that can be read"
        raise TrainingError(f"The index {index} cannot be used: {why}. Name the index.csv of your films.") from None
    if missing := [name for name in COLUMNS if name not in films]:
        raise TrainingError(
            f"The index {index} has no column {missing[0]}. Make one with: python -m cxr_models data build ROOT"
        )
    films["line"] = films.index + 2
    split = films["split"] if "split" in films else pd.Series("", films.index)
    used = films[films.label.isin(LABELS) & ~split.isin(NOT_USED)]
    return used.assign(ill=used.label != NORMAL)[["path", "group", "ill", "line"]]


def drawn(films: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """``listed`` films -> as many ill as healthy ones, in random order, with ``learned``: to learn from, or to test on.

    No group is on both sides. Raises TrainingError where a side has fewer than ``FEWEST`` ill or healthy films.
    """
    groups = rng.permutation(films.group.unique())
    learned = films.group.isin(groups[: round(LEARNED * len(groups))])
    mixed = films.assign(learned=learned).iloc[rng.permutation(len(films))]
    return pd.concat([_balanced(mixed[mixed.learned == side]) for side in (True, False)], ignore_index=True)


def _balanced(side: pd.DataFrame) -> pd.DataFrame:
    """The first ill and as many of the first healthy films of one side."""
    share = LEARNED if side.learned.all() else 1 - LEARNED
    count = min(round(share * MOST / 2), side.ill.sum(), (~side.ill).sum())
    if count < FEWEST:
        raise TrainingError(
            f"The index has too few films for this: at least {FEWEST} ill and {FEWEST} normal ones are needed to learn "
            "from, and as many of other patients to test on. Name a larger index."
        )
    return pd.concat([side[side.ill].head(count), side[~side.ill].head(count)])


def read(root: Path, path: str, line: int) -> np.ndarray:
    """(H, W) float32 in [0, 1]. Raises TrainingError naming the line of the index: a file's name may be a patient's."""
    try:
        return read_film((root / path).read_bytes()).pixels
    except OSError:
        raise TrainingError(
            f"The film in line {line} of the index is not below {root}. Name the folder that the index was made of."
        ) from None
    except CxrError as error:
        raise TrainingError(f"The film in line {line} of the index cannot be read. {error}") from error


def material(small: np.ndarray, rows: pd.DataFrame, root: Path) -> Material:
    """``small`` (n, SIDE, SIDE) of ``rows`` -> films to learn from, to test on, and an ill and a healthy one to see."""
    ill, learned, tested = rows.ill.to_numpy(), rows.learned.to_numpy(), ~rows.learned.to_numpy()
    watched = [np.flatnonzero(tested & (ill == sick))[0] for sick in (True, False)]
    tested[watched] = False
    first, second = (Example.of(to_look_at(read(root, rows.path[at], rows.line[at])), bool(ill[at])) for at in watched)
    return Material(Films(small[learned], ill[learned]), Films(small[tested], ill[tested]), (first, second))


def to_look_at(pixels: np.ndarray) -> np.ndarray:
    """At most ``LONGEST`` pixels long, greys stretched."""
    scale = min(1.0, LONGEST / max(pixels.shape))
    return stretch(resize(pixels, (round(pixels.shape[0] * scale), round(pixels.shape[1] * scale))))
