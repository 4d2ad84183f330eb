"""Dataclasses from TOML tables and back, for the types that tomllib reads.

``fitted`` and ``keys`` check what they are given against the annotations of a dataclass; a key that is unknown or
missing, or a value of another type, is a ``ManifestError`` that names the place and what would be valid.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from math import isfinite
from numbers import Integral, Real
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from .errors import ManifestError

WORDS = {
    str: "text",
    int: "a whole number",
    float: "a finite number",
    date: "a date (2026-01-31, without quotes)",
    Path: "a path",
    object: "a plain value (text, number, true or false, or a list of them)",
}


def keys(kind: Any, table: object, where: str, hidden: tuple[str, ...] = ()) -> dict[str, Any]:
    """``table`` itself once its keys are the fields of the dataclass ``kind``; ``hidden`` fields are no keys."""
    if not isinstance(table, dict):
        raise ManifestError(f"{where}: {table!r} is not a table.")
    known = {f.name: f for f in fields(kind) if f.name not in hidden}
    if unknown := sorted(table.keys() - known.keys()):
        raise ManifestError(f"{where}.{unknown[0]}: unknown key; the valid ones are {', '.join(known)}.")
    needed = [n for n, f in known.items() if f.default is MISSING and f.default_factory is MISSING and n not in table]
    if needed:
        raise ManifestError(f"{where}.{needed[0]}: missing.")
    return table


def fitted(kind: Any, values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Each of ``values`` as the type its field has in the dataclass ``kind`` (tables become dataclasses)."""
    hints = get_type_hints(kind)
    return {name: _fit(value, hints[name], f"{where}.{name}") for name, value in values.items()}


def _fit(value: Any, hint: Any, where: str) -> Any:
    """``value`` as the type ``hint`` (lists become tuples, whole numbers floats), or ManifestError."""
    kind, args = get_origin(hint), get_args(hint)
    if NoneType in args:
        return None if value is None else _fit(value, args[0], where)
    if is_dataclass(hint):
        return _fill(hint, value, where)
    if kind is dict and isinstance(value, dict):
        return {_fit(k, str, where): _fit(v, args[1], f"{where}.{k}") for k, v in value.items()}
    if kind is tuple and isinstance(value, list | tuple):
        return tuple(_fit(v, args[0], f"{where}[{i}]") for i, v in enumerate(value))
    if kind is Literal and value in args:
        return value
    if kind is None and (plain := _scalar(value, hint)) is not None:
        return plain
    wanted = {dict: "a table", tuple: "a list", Literal: f"one of {', '.join(map(str, args))}"}
    raise ManifestError(f"{where}: {value!r} is not {wanted.get(kind) or WORDS[hint]}.")


def _fill(kind: Any, table: object, where: str) -> Any:
    """A dataclass ``kind`` from a table, or from another ``kind`` whose types nobody has checked yet."""
    values = fitted(kind, keys(kind, vars(table) if isinstance(table, kind) else table, where), where)
    try:
        return kind(**values)
    except ValueError as error:
        raise ManifestError(f"{where}: {error}.") from error


def _scalar(value: Any, hint: Any) -> Any:
    """``value`` as the plain type ``hint``, None if it is not one. numpy's numbers count as numbers."""
    if hint is object:
        return _plain(value)
    if isinstance(value, bool) or hint not in (int, float):
        return value if isinstance(value, hint) and hint not in (int, float) else None
    if hint is int:
        return int(value) if isinstance(value, Integral) else None
    return float(value) if isinstance(value, Real) and isfinite(value) else None


def _plain(value: Any) -> Any:
    """A setting: text, number, truth value or a list of them (then a tuple); None for anything else."""
    if isinstance(value, list | tuple):
        items = tuple(map(_plain, value))
        return None if None in items else items
    if isinstance(value, bool | str):
        return value
    return _scalar(value, int if isinstance(value, Integral) else float)


def lines(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    """The TOML of ``[name]``: its plain values first, then its tables, then its lists of tables. None is left out."""
    yield f"[{name}]"
    values = {k: vars(v) if is_dataclass(v) else v for k, v in table.items() if v is not None and v != {}}
    nested = {k: v for k, v in values.items() if isinstance(v, dict)}
    lists = {k: v for k, v in values.items() if isinstance(v, tuple) and v and is_dataclass(v[0])}
    yield from (f"{_key(k)} = {_value(v)}" for k, v in values.items() if k not in nested and k not in lists)
    yield ""
    for key, value in nested.items():
        yield from lines(f"{name}.{_key(key)}", value)
    for key, items in lists.items():
        for item in items:
            yield from lines(f"[{name}.{_key(key)}]", vars(item))


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for DEL, which TOML wants escaped too.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value.isoformat() if isinstance(value, date) else repr(value).lower()
