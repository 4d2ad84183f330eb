"""The database of readings: what goes in comes out, once, also with many writers and with a database that is not."""

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import types
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.schema import CreateTable

from cxr_models.errors import StoreError
from cxr_models.readings import store
from cxr_models.readings.record import Answer, FilmRead, Opinion
from cxr_models.types import COVID19, NORMAL

ROOT = Path(__file__).resolve().parents[2]
FIRST = Opinion(NORMAL, 2, (), 12.5, date(2026, 11, 21))
FINAL = Opinion(COVID19, 5, ("right upper", "left lower"), 3.0, date(2026, 11, 22))
ANSWERS = (Answer("one", COVID19, 0.8, 0.8), Answer("two", NORMAL, 0.7, 0.2))
WHOLE = FilmRead("abc", 1, FIRST, FINAL, ANSWERS)
WRITER = """
import sys
from datetime import date
from cxr_models.readings import store
from cxr_models.readings.record import FilmRead, Opinion
for film in range(1, 16):
    store.save(FilmRead(sys.argv[1], film, Opinion("normal", 3, (), 1.0, date(2026, 11, 21))))
"""


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "readings.sqlite"
    monkeypatch.setenv(store.VARIABLE, f"sqlite:///{file}")
    return file


def test_what_is_saved_is_loaded(database: Path):
    assert store.load() == []
    store.save(WHOLE)
    store.save(FilmRead("abc", 2, FIRST))
    assert store.load() == [WHOLE, FilmRead("abc", 2, FIRST)]


def test_a_record_grows_and_what_is_there_is_never_altered():
    store.save(FilmRead("abc", 1, FIRST))
    store.save(replace(WHOLE, before=replace(FIRST, diagnosis=COVID19, confidence=5)))
    store.save(replace(WHOLE, after=FIRST, answers=(Answer("one", NORMAL, 0.9, 0.1),)))
    assert store.load() == [WHOLE]


def test_the_default_is_a_file_of_the_users_own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(store.VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "new data"))
    store.save(WHOLE)
    assert (tmp_path / "new data" / "cxr_models" / "readings.sqlite").is_file()
    assert store.load() == [WHOLE]
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/reader")
    assert store.address().database == "/home/reader/.local/share/cxr_models/readings.sqlite"


def test_sessions_of_one_process_write_at_once():
    films = [FilmRead(f"session{session}", film, FIRST, None, ANSWERS) for session in range(4) for film in range(1, 11)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(store.save, films))
    assert store.load() == films


def test_two_processes_write_at_once_into_a_database_neither_has_made(database: Path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name], env=environment) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert [(film.session, film.film) for film in store.load()] == [(s, n) for s in "ab" for n in range(1, 16)]


def test_a_reading_and_its_answers_are_stored_together_or_not_at_all(monkeypatch: pytest.MonkeyPatch):
    store.save(FilmRead("abc", 1, FIRST))
    twice = FilmRead("abc", 2, FIRST, None, (ANSWERS[0], ANSWERS[0]))  # the second breaks the key
    with pytest.raises(StoreError):
        store.save(twice)
    assert store.load() == [FilmRead("abc", 1, FIRST)]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nonsense", "CXR_READINGS_URL is no database address"),
        ("sqlite://", "CXR_READINGS_URL names no file"),
        ("sqlite:////no/such/folder/x.sqlite", r"file /no/such/folder/x.sqlite cannot be used \(unable to open"),
        ("oracle+nothing://u:hidden@h/d", "The oracle database of CXR_READINGS_URL cannot be used"),
        ("postgresql+psycopg2://u:hidden@h/d", "Python package psycopg2 is not installed"),
    ],
)
def test_a_database_that_cannot_be_used_is_a_sentence_without_its_password(address: str, says: str, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, address)
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    for use in (store.load, lambda: store.save(WHOLE)):
        with pytest.raises(StoreError, match=says) as caught:
            use()
        assert "hidden" not in str(caught.value)


def test_a_file_that_is_no_database_is_said_and_left_as_it_is(database: Path):
    database.write_text("my thesis, only copy " * 100)
    with pytest.raises(StoreError, match="not a database"):
        store.save(WHOLE)
    assert database.read_text().startswith("my thesis")


def test_a_row_this_program_never_wrote_is_said(database: Path):
    store.save(WHOLE)
    with sqlite3.connect(database) as link:
        link.execute("UPDATE cxr_readings SET diagnosis = 'gallstones'")
    with pytest.raises(StoreError, match="holds a reading this program never wrote"):
        store.load()


def test_nothing_that_identifies_has_a_column_and_nothing_is_pickled(database: Path):
    columns = {column.name for table in (store.READINGS, store.ANSWERS) for column in table.columns}
    assert columns == {"session", "film", "stage", "diagnosis", "confidence", "regions", "seconds", "day",
                       "model", "said", "probability", "covid19"}  # fmt: skip
    kinds = [column.type for table in (store.READINGS, store.ANSWERS) for column in table.columns]
    assert not any(isinstance(kind, (types.PickleType, types.LargeBinary)) for kind in kinds)


@pytest.mark.parametrize("dialect", [postgresql.dialect(), mysql.dialect()])
def test_servers_of_other_makes_are_given_tables_they_can_make(dialect):
    for table in (store.READINGS, store.ANSWERS):
        made = str(CreateTable(table, if_not_exists=True).compile(dialect=dialect))
        assert f"CREATE TABLE IF NOT EXISTS {table.name}" in made and "PRIMARY KEY (session, film," in made
