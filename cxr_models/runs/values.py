"""JSON files of unknown make: an object from a file, and values of the type one needs from an object."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Table = dict[str, Any]


def content(file: Path) -> Table:
    """The JSON object in a file, empty where there is no file. Raises ValueError with a sentence for anything else."""
    try:
        found = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{file.name} cannot be read ({error}).") from None
    if not isinstance(found, dict):
        raise ValueError(f"{file.name} holds no table of values.")
    return found


def text(values: Table, key: str) -> str:
    """A text, "" for anything else."""
    found = values.get(key)
    return found if isinstance(found, str) else ""


def whole(values: Table, key: str) -> int:
    """A whole number, 0 for anything else."""
    found = values.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def number(values: Table, key: str, other: float) -> float:
    """A number of reasonable size, ``other`` for anything else."""
    found = values.get(key)
    known = isinstance(found, int | float) and not isinstance(found, bool) and abs(found) < 1e15
    return float(found) if known and found is not None else other


def table(values: Table, key: str) -> Table:
    """An object, {} for anything else."""
    found = values.get(key)
    return found if isinstance(found, dict) else {}


def tables(values: Table, key: str) -> Iterator[Table]:
    """The objects of a list, none for anything else."""
    found = values.get(key)
    yield from (item for item in (found if isinstance(found, list) else []) if isinstance(item, dict))
