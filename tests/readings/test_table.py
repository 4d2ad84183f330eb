"""The CSV of readings."""

import csv
import io
from datetime import date

from cxr_models.readings.record import Answer, FilmRead, Opinion
from cxr_models.readings.table import COLUMNS, csv_text
from cxr_models.types import COVID19, NON_COVID19, NORMAL, PNEUMONIA

DAY = date(2026, 11, 21)
FIRST = Opinion(PNEUMONIA, 2, ("right lower", "left upper"), 41.26, DAY)
FINAL = Opinion(COVID19, 5, (), 7.0, DAY)
ANSWERS = (Answer("one", COVID19, 0.8, 0.8), Answer("two", NON_COVID19, 0.75, 0.25))


def rows(*films: FilmRead) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(films))))


def test_one_row_a_reading_and_model():
    found = rows(FilmRead("abc", 3, FIRST, FINAL, ANSWERS))
    assert [(row["stage"], row["model"], row["agrees"]) for row in found] == [
        ("before", "one", "no"), ("before", "two", "yes"), ("after", "one", "yes"), ("after", "two", "no"),
    ]  # fmt: skip
    assert found[0] == {
        "session": "abc", "film": "3", "stage": "before", "reader_class": PNEUMONIA, "confidence": "2",
        "regions": "right lower; left upper", "seconds": "41.3", "day": "2026-11-21", "model": "one",
        "model_answer": COVID19, "model_probability": "0.8000", "model_covid19": "0.8000", "agrees": "no",
    }  # fmt: skip
    assert (found[3]["regions"], found[3]["model_covid19"]) == ("no finding", "0.2500")


def test_a_reading_that_no_model_answered_is_kept_in_one_row():
    found = rows(FilmRead("abc", 1, Opinion(NORMAL, 4, (), 5.0, DAY)))
    assert len(found) == 1 and found[0]["reader_class"] == NORMAL
    assert {found[0][name] for name in COLUMNS[8:]} == {""}


def test_no_readings_are_a_heading():
    assert csv_text([]) == ",".join(COLUMNS) + "\n"
