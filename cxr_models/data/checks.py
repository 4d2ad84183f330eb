"""What is wrong with an index, before hours are lost on it: one sentence a finding, naming the row."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
from PIL import Image, UnidentifiedImageError

from ..errors import TrainingError
from ..types import THREE_CLASSES
from .index import COLUMNS
from .masks import JOIN
from .splits import STRONGEST, UNREADABLE

FIRST_LINE = 2  # of the films in the CSV: line 1 is the header
SHOWN = 5


def _line(number: int) -> str:
    return f"line {number + FIRST_LINE}"


def columns(films: pd.DataFrame) -> Iterator[str]:
    """An index that is not one."""
    missing = [name for name in COLUMNS if name not in films]
    if missing:
        yield f"The index has no column {', '.join(missing)}. Build it again."
    elif films.empty:
        yield "The index holds no film. Build it again from the folder that holds the collections."


def duplicates(films: pd.DataFrame) -> Iterator[str]:
    """One file on two rows."""
    for path, rows in films.groupby("path").indices.items():
        if len(rows) > 1:
            lines = " and ".join(_line(row) for row in rows)
            yield f"{path} stands twice, in {lines}: its weight would double. Remove all rows but one."


def unreadable(films: pd.DataFrame) -> Iterator[str]:
    """Films without pixels; they are left out of every split, so this only tells."""
    for row in films.index[films.split == UNREADABLE]:
        yield f"{films.path[row]} ({_line(row)}) cannot be read and is left out: {films.note[row]}"


def classes(films: pd.DataFrame) -> Iterator[str]:
    """An empty class, or a label that stands on one side only."""
    used = films[films.split.isin(STRONGEST) & (films.label != "")]
    labels = set(films.label[films.label != ""])
    for label in sorted(labels | set(THREE_CLASSES)) if labels else ():
        present = [split for split in STRONGEST if ((used.label == label) & (used.split == split)).any()]
        if not present:
            yield f"The class {label} is empty: no film of it can be used. Add a collection that has it."
        elif missing := [split for split in STRONGEST if split not in present]:
            row = used.index[used.label == label][0]
            yield (
                f"The label {label} stands in {' and '.join(present)} but not in {' or '.join(missing)} (first in "
                f"{_line(row)}): no figure for it would mean anything. Add films of it, or split again."
            )


def crossings(films: pd.DataFrame) -> Iterator[str]:
    """A group on both sides: a leak."""
    used = films[films.split.isin(STRONGEST)]
    sides = used.groupby("group").split.nunique()
    for number in sides.index[sides > 1]:
        rows = used.index[used.group == number]
        names = " and ".join(sorted(set(used.split[rows])))
        yield f"Group {number} ({', '.join(map(_line, rows[:SHOWN]))}) stands in {names}: that leaks. Build again."


def files(films: pd.DataFrame, root: Path) -> Iterator[str]:
    """Films that are gone, or no longer the ones that were indexed."""

    def changed(row: int) -> str:
        file = root / films.path[row]
        if not file.is_file():
            return f"{films.path[row]} ({_line(row)}) is not below {root} any more. Build the index again."
        if hashlib.sha256(file.read_bytes()).hexdigest() != films.sha256[row]:
            return f"{films.path[row]} ({_line(row)}) has changed since it was indexed. Build the index again."
        return ""

    with ThreadPoolExecutor() as pool:
        yield from filter(None, pool.map(changed, films.index))


def masks(films: pd.DataFrame, root: Path) -> Iterator[str]:
    """Masks that are missing, no pictures, or of another size than their film."""
    for row in films.index[(films["mask"] != "") & (films.split != UNREADABLE)]:
        sizes = {part: _size(root / part) for part in [films.path[row], *films["mask"][row].split(JOIN)]}
        width, height = sizes.pop(films.path[row]) or (0, 0)
        for mask, size in sizes.items():
            if size is None:
                yield f"The mask {mask} of {films.path[row]} ({_line(row)}) is missing or no picture."
            elif size != (width, height) and width:
                yield (
                    f"The mask {mask} is {size[0]} x {size[1]} pixels, but its film {films.path[row]} ({_line(row)}) "
                    f"{width} x {height}. Take both from the same release of the collection."
                )


def _size(file: Path) -> tuple[int, int] | None:
    """Width and height from the header; None for what is no picture (or a DICOM film, which has no mask)."""
    try:
        with Image.open(file) as picture:
            return picture.size
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return None


def faults(films: pd.DataFrame, root: Path) -> list[str]:
    """Everything that makes figures wrong, in sentences; empty when the index is sound. Reads every file's bytes."""
    found = list(columns(films))
    if found:
        return found
    films = films.reset_index(drop=True)
    for check in (duplicates(films), classes(films), crossings(films), files(films, root), masks(films, root)):
        found += check
    return found


def require(films: pd.DataFrame, root: Path) -> None:
    """Raises TrainingError with the first sentences of ``faults``, if there are any."""
    found = faults(films, root)
    if found:
        more = f"\n... and {len(found) - SHOWN} more; see them with: python -m cxr_models data check"
        raise TrainingError("\n".join(found[:SHOWN]) + (more if len(found) > SHOWN else ""))
