"""Which films a model is measured on: the index's own test films, or any others that a table names."""

import re
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ..data.index import read
from ..errors import TrainingError
from ..results import TEST
from .predictions import labelled

NEEDED = ("path", "source", "label", "group", "split", "sha256")


class Films(NamedTuple):
    """rows: of an index, some with a class or a mask. name: of the results file. data and options: for the reader, what
    they are and what to add to the command. foreign: from another table than the model's own index."""

    rows: pd.DataFrame
    name: str
    data: str
    options: str = ""
    foreign: bool = False


def own(index: pd.DataFrame, name: str = TEST) -> Films:
    """The test films of the model's own index. Raises TrainingError for a name that is no file name."""
    rows = index[index.split == "test"]
    count = labelled(index, "test").source.nunique()
    data = f"test films of {count} public collections, apart by patient and near-duplicate"
    return Films(rows, _checked(name), data, "" if name == TEST else f" --name {name}")


def foreign(file: Path, split: str, name: str) -> Films:
    """The films of ``split`` in the table ``file``, an index of other films or of a paper's protocol.

    Raises TrainingError for a table that cannot be read, columns or films that are missing, and for the name "test",
    which is kept for the model's own test films.
    """
    table = _table(file)
    if name == TEST:
        raise TrainingError(f"Films of another table are not the test films: name them with --name, not {TEST!r}.")
    if split not in set(table.split):
        known = ", ".join(sorted(set(table.split)))
        raise TrainingError(f"{file.name} has no split {split!r}. It has: {known}.")
    rows = table[table.split == split]
    data = f"films of {file.name} (split {split}): {', '.join(sorted(set(rows.source)))}"
    return Films(rows, _checked(name), data, f" --index {file} --split {split} --name {name}", True)


def _table(file: Path) -> pd.DataFrame:
    table = read(file)
    missing = [name for name in NEEDED if name not in table]
    if missing:
        remedy = "make it with `python -m cxr_models data`"
        raise TrainingError(f"The table {file.name} lacks {', '.join(missing)}: {remedy}.")
    return table if "mask" in table else table.assign(mask="")


def _checked(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise TrainingError(f"{name!r} names no results file: small letters, digits, - and _ only.")
    return name
