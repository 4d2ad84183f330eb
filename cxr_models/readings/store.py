"""Readings kept in a database: a SQLite file of the user's own, or whatever CXR_READINGS_URL names.

Two tables, added to and never changed: what is there stays. Each call is one transaction, so that readers in many
sessions and processes can write at once.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Date, Float, Integer, MetaData, String, Table, create_engine, insert, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from ..errors import StoreError
from .record import Answer, FilmRead, Opinion

VARIABLE = "CXR_READINGS_URL"
REMEDY = f"Make it reachable and writable, or name another database in {VARIABLE}."
log = logging.getLogger(__name__)

_schema = MetaData()


def _film() -> tuple[Column, Column]:
    """What tells one film of one session from all others."""
    return Column("session", String(32), primary_key=True), Column("film", Integer, primary_key=True)


READINGS = Table(
    "cxr_readings",
    _schema,
    *_film(),
    Column("stage", String(6), primary_key=True),
    Column("diagnosis", String(16), nullable=False),
    Column("confidence", Integer, nullable=False),
    Column("regions", String(100), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("day", Date, nullable=False),
)
ANSWERS = Table(
    "cxr_answers",
    _schema,
    *_film(),
    Column("model", String(100), primary_key=True),
    Column("said", String(16), nullable=False),
    Column("probability", Float, nullable=False),
    Column("covid19", Float, nullable=False),
)


def save(film: FilmRead) -> None:
    """Keep what is not kept yet of ``film``; a reading or an answer that is there stays as it is. Raises StoreError."""
    with _transaction() as link:
        _add(link, READINGS, "stage", [_reading(stage, opinion) for stage, opinion in film.opinions.items()], film)
        _add(link, ANSWERS, "model", [_answer(one) for one in film.answers], film)


def load() -> list[FilmRead]:
    """Every film of every session, in the order of sessions and films. Raises StoreError."""
    with _transaction() as link:
        readings = link.execute(select(READINGS).order_by("session", "film", "stage")).mappings().all()
        answers = link.execute(select(ANSWERS)).mappings().all()
    try:
        return _films(readings, answers)
    except (ValueError, TypeError) as error:
        raise StoreError(f"{_place(address())} holds a reading this program never wrote. {REMEDY}") from error


def address() -> URL:
    """Where readings are kept. Raises StoreError when CXR_READINGS_URL names no lasting database."""
    named = os.environ.get(VARIABLE)
    if not named:
        base = os.environ.get("XDG_DATA_HOME")
        folder = (Path(base) if base else Path.home() / ".local" / "share") / "cxr_models"
        return URL.create("sqlite", database=str(folder / "readings.sqlite"))
    try:
        url = make_url(named)
    except (ArgumentError, ValueError):
        raise StoreError(f"{VARIABLE} is no database address: write, say, sqlite:////srv/readings.sqlite.") from None
    if _is_file(url) and url.database in (None, "", ":memory:"):
        raise StoreError(f"{VARIABLE} names no file, so nothing would be kept: write sqlite:////srv/readings.sqlite.")
    return url


@contextmanager
def _transaction() -> Iterator[Connection]:
    url = address()
    try:
        if not os.environ.get(VARIABLE):
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        with create_engine(url, poolclass=NullPool, hide_parameters=True).begin() as link:
            for table in _schema.sorted_tables:
                link.execute(CreateTable(table, if_not_exists=True))
            yield link
    except (SQLAlchemyError, ImportError, OSError) as error:
        log.warning("The database of readings cannot be used: %s", error)
        raise StoreError(f"{_place(url)} cannot be used{_why(url, error)}. {REMEDY}") from error


def _add(link: Connection, table: Table, key: str, rows: Sequence[dict[str, Any]], film: FilmRead) -> None:
    whose = {"session": film.session, "film": film.film}
    there = set(link.scalars(select(table.c[key]).filter_by(**whose)))
    if new := [whose | row for row in rows if row[key] not in there]:
        link.execute(insert(table), new)


def _reading(stage: str, said: Opinion) -> dict[str, Any]:
    return {
        "stage": stage,
        "diagnosis": said.diagnosis,
        "confidence": said.confidence,
        "regions": ",".join(said.regions),
        "seconds": said.seconds,
        "day": said.day,
    }


def _answer(one: Answer) -> dict[str, Any]:
    return {"model": one.model_id, "said": one.said, "probability": one.probability, "covid19": one.covid19}


def _films(readings: Sequence[Any], answers: Sequence[Any]) -> list[FilmRead]:
    opinions: dict[tuple[str, int], dict[str, Any]] = {}
    said: dict[tuple[str, int], list[Answer]] = {}
    for row in readings:
        opinions.setdefault((row["session"], row["film"]), {})[row["stage"]] = _opinion(row)
    for row in answers:
        one = Answer(row["model"], row["said"], row["probability"], row["covid19"])
        said.setdefault((row["session"], row["film"]), []).append(one)
    return [FilmRead(*key, **stages, answers=tuple(said.get(key, ()))) for key, stages in opinions.items()]


def _opinion(row: Any) -> Opinion:
    regions = tuple(filter(None, row["regions"].split(",")))
    return Opinion(row["diagnosis"], row["confidence"], regions, row["seconds"], row["day"])


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _place(url: URL) -> str:
    """The database in words; a server's address may hold a password, and stays unsaid."""
    return f"The file {url.database}" if _is_file(url) else f"The {url.get_backend_name()} database of {VARIABLE}"


def _why(url: URL, error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f" (the Python package {error.name} is not installed)"
    if isinstance(error, OSError):
        return f" ({error.strerror})"
    if isinstance(error, DBAPIError) and _is_file(url):
        return f" ({error.orig})"
    return " (the server's log says why)"
