"""The files below a root, listed once, and what every adapter makes of them: one row a film."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import TrainingError

PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".dcm"}
COLUMNS = ["path", "source", "label", "subtype", "patient", "view", "age_group", "mask"]
ADULT_AT = 18

Row = dict[str, str]


class Tree:
    """All folders and files below ``root``. ``absent`` counts, per source, films a table names that are not there."""

    def __init__(self, root: Path):
        self.files: dict[Path, list[Path]] = {
            Path(folder): [Path(folder, name) for name in sorted(names)] for folder, _, names in os.walk(root)
        }
        self.absent: Counter[str] = Counter()

    def folders(self, *tail: str) -> list[Path]:
        """Folders whose path ends in ``tail``, sorted."""
        return sorted(folder for folder in self.files if folder.parts[-len(tail) :] == tail)

    def tables(self, pattern: str) -> list[Path]:
        """Files whose name matches ``pattern`` (as in pathlib), sorted."""
        return sorted(f for files in self.files.values() for f in files if f.match(pattern))

    def pictures(self, folder: Path) -> list[Path]:
        """All films below ``folder``, sorted."""
        inside = [files for place, files in self.files.items() if place.is_relative_to(folder)]
        return sorted(f for files in inside for f in files if f.suffix.lower() in PICTURES)

    def by_stem(self, folder: Path) -> dict[str, Path]:
        """Films below ``folder`` by their name without suffix: copies are often kept in another format."""
        return {picture.stem: picture for picture in self.pictures(folder)}

    def listed(self, source: str, folder: Path, records: pd.DataFrame, name: str) -> Iterator[tuple[Path, Any]]:
        """(film, record) of each record of a table whose column ``name`` names a film below ``folder``."""
        films = self.by_stem(folder)
        for record in records.to_dict("records"):
            path = films.get(Path(record[name]).stem) or films.get(record[name])
            if path is None:
                self.absent[source] += 1
            else:
                yield path, record


def row(path: Path, source: str, label: str, patient: str = "", **rest: str) -> Row:
    """A film's row; ``label`` is "" for a film that is not for classification, ``patient`` is the collection's own."""
    person = f"{source}/{patient}" if patient else ""
    known = {"subtype": "", "view": "frontal", "age_group": "", "mask": ""}
    return {"path": str(path), "source": source, "label": label, "patient": person} | known | rest


def age_group(years: str) -> str:
    """Age in years as a table gives it ("45", "045Y", "57.0", "") -> "adult", "child", or "" where it is unknown."""
    digits = years.strip().rstrip("Yy").split(".")[0]
    return "" if not digits.isdecimal() else "adult" if int(digits) >= ADULT_AT else "child"


def table(path: Path, sep: str = ",") -> pd.DataFrame:
    """A collection's own table, all text, blanks for missing values. Raises TrainingError if it cannot be read."""
    try:
        return pd.read_csv(path, sep=sep, dtype=str, encoding="utf-8", keep_default_na=False)
    except UnicodeDecodeError:
        raise TrainingError(
            f"The table {path} is not in UTF-8: line {foreign_line(path)} holds a byte that is none. "
            "Save it as UTF-8, for example with: iconv -f latin1 -t utf-8."
        ) from None
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise TrainingError(f"The table {path} cannot be read ({error}). Download the collection again.") from None


def foreign_line(path: Path) -> int:
    """The first line, counted from 1, that is not UTF-8."""
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number
    return 1
