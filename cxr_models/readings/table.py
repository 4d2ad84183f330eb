"""Readings as CSV, one row a reading and model, for a spreadsheet or a statistics program."""

import csv
import io
from collections.abc import Iterable, Iterator

from .agreement import agrees
from .record import Answer, FilmRead, Opinion, Stage

COLUMNS = (
    "session", "film", "stage", "reader_class", "confidence", "regions", "seconds", "day",
    "model", "model_answer", "model_probability", "model_covid19", "agrees",
)  # fmt: skip


def csv_text(films: Iterable[FilmRead]) -> str:
    """A heading, then the rows; a reading that no model answered is one row with its model columns empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for film in films:
        for stage, opinion in film.opinions.items():
            writer.writerows(_rows(film, stage, opinion))
    return out.getvalue()


def _rows(film: FilmRead, stage: Stage, opinion: Opinion) -> Iterator[tuple]:
    regions = "; ".join(opinion.regions) or "no finding"
    said = (opinion.diagnosis, opinion.confidence, regions, f"{opinion.seconds:.1f}", opinion.day.isoformat())
    for cells in [_model(one, opinion) for one in film.answers] or [("",) * 5]:
        yield film.session, film.film, stage, *said, *cells


def _model(one: Answer, opinion: Opinion) -> tuple[str, ...]:
    same = "yes" if agrees(opinion.diagnosis, one.said) else "no"
    return one.model_id, one.said, f"{one.probability:.4f}", f"{one.covid19:.4f}", same
