"""All films of all collections below a root: the adapters, run one after the other.

A collection is found by its structure (a folder or table that only it has), wherever it lies below the root.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from ..errors import TrainingError
from . import covid_collections as covid
from . import general_collections as general
from .tree import COLUMNS, Row, Tree

COLLECTIONS: tuple[Callable[[Tree], Iterator[Row]], ...] = (
    covid.radiography_database,
    general.chest_xray,
    covid.ieee8023,
    covid.figure1,
    covid.actualmed,
    covid.hannover,
    covid.covid_cxnet,
    covid.covidx,
    general.nih_sample,
    general.chestxray14,
    general.chexpert,
    general.rsna,
    general.lung_masks,
)


def scan(root: Path) -> tuple[pd.DataFrame, dict[str, int]]:
    """``root`` -> one row a film (``tree.COLUMNS``; paths relative to it), and films per source that are only listed.

    A film that two tables name is one row, the first one's. Raises TrainingError when no collection is found or a
    table cannot be read.
    """
    tree = Tree(root)
    rows = [row for collection in COLLECTIONS for row in collection(tree)]
    if not rows:
        raise TrainingError(f"No known collection below {root}. It should hold the folders as downloaded (see README).")
    films = pd.DataFrame(rows, columns=COLUMNS).drop_duplicates("path", ignore_index=True)
    for column in ("path", "mask"):
        films[column] = [_relative(cell, root) for cell in films[column]]
    return films, dict(tree.absent)


def _relative(cell: str, root: Path) -> str:
    """One path or several joined by "|", made relative to ``root``; "" stays."""
    return "|".join(Path(part).relative_to(root).as_posix() for part in cell.split("|") if part)
