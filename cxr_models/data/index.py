"""The index: one row a film, with the group that nothing may cross and its split.

Films whose group carries two labels are left out, not guessed; unreadable ones are named with their reason.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..errors import TrainingError
from . import splits
from .collections import scan
from .groups import conflicts, group, known_pairs
from .thumbnails import thumbnails
from .tree import COLUMNS as FOUND

LATER = ("subtype", "age_group")
COLUMNS = [*FOUND, "sha256", "note", "group", "split"]


@dataclass(frozen=True, eq=False)
class Built:
    """films: ``COLUMNS``. pairs: ``i``, ``j``, ``alike``, copies as rows of films. absent: source -> films that its
    table names and that are not there."""

    films: pd.DataFrame
    pairs: pd.DataFrame
    absent: dict[str, int]


def build(root: Path, cache: Path, seed: int = 0, earlier: pd.DataFrame | None = None) -> Built:
    """Scan ``root``, hash, group and split; what was read is kept in the folder ``cache``.

    earlier: an index whose split is kept (``splits.keep``). Raises TrainingError when no collection is found or a
    collection's table cannot be read.
    """
    films, absent = scan(root)
    seen = thumbnails(root, list(films.path), cache)
    films["sha256"], films["note"] = seen.sha256, seen.notes
    pairs = known_pairs(seen, cache)
    films["group"] = group(films, pairs[["i", "j"]].to_numpy())
    unreadable, labels = films.note != "", conflicts(films)
    films["split"] = splits.split(films, seed, earlier)
    films.loc[labels != "", "split"] = splits.OUT
    films.loc[unreadable, "split"] = splits.UNREADABLE
    reason = "The films of this group, copies or one patient's, are labelled " + labels + "."
    films["note"] = films.note.mask((labels != "") & ~unreadable, reason)
    return Built(films[COLUMNS], pairs, absent)


def cache_of(file: Path) -> Path:
    """The folder beside an index in which hashes, thumbnails and pairs are kept."""
    return file.with_suffix(".cache")


def write(films: pd.DataFrame, file: Path) -> None:
    """As CSV in UTF-8, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    films.to_csv(part, index=False)
    part.replace(file)


def read(file: Path) -> pd.DataFrame:
    """An index as ``write`` left it; all text but ``group``, columns that older ones lack blank.

    Raises TrainingError naming what is wrong.
    """
    if not file.is_file():
        raise TrainingError(
            f"There is no index {file}. Make it with: python -m cxr_models data build ROOT --out {file}"
        )
    try:
        films = pd.read_csv(file, keep_default_na=False, dtype=str, encoding="utf-8")
        return films.assign(**{name: "" for name in LATER if name not in films}).astype({"group": int})
    except UnicodeDecodeError:
        raise TrainingError(f"The index {file} is not in UTF-8. Save it as UTF-8, or build it again.") from None
    except (KeyError, ValueError, pd.errors.ParserError) as error:
        raise TrainingError(f"The index {file} cannot be read ({error}). Build it again.") from None
