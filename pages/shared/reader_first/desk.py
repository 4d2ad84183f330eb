"""The reader's desk: what they recorded in this browser session, and since when a film lies before them."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import streamlit as st

from cxr_models.errors import StoreError
from cxr_models.readings.record import Answer, FilmRead, Opinion, Stage
from pages.shared.session import Case, current

KEY = "reader_first_desk"
clock = time.monotonic


@dataclass(eq=False)
class Desk:
    """on: answers are hidden until the reader has read. session: random, what the records call this reader.

    films: the records by the film's sha256, which never leaves this session. began: sha256 -> when the film, or then
    its answers, first came into view. unsaved: the films of which the store lacks something, and trouble, why.
    """

    on: bool = False
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    films: dict[str, FilmRead] = field(default_factory=dict)
    began: dict[str, float] = field(default_factory=dict)
    unsaved: set[str] = field(default_factory=set)
    trouble: str = ""

    def show(self, case: Case) -> None:
        """The film lies before the reader; only the first time counts."""
        self.began.setdefault(case.sha256, clock())

    def record(self, case: Case, diagnosis: str, confidence: int, regions: Sequence[str]) -> None:
        """Keep the reading, once before and once after the answers were seen; what is recorded stays as it is."""
        film = self.films.get(case.sha256) or FilmRead(self.session, len(self.films) + 1)
        stage: Stage = "after" if answered(case) else "before"
        if stage in film.opinions:
            return
        seconds = round(clock() - self.began[case.sha256], 1)
        said = Opinion(diagnosis, confidence, tuple(regions), seconds, date.today())
        self._keep(case, replace(film, before=said) if stage == "before" else replace(film, after=said))

    def meet(self, case: Case) -> None:
        """The models' answers have come into view: they join the reader's record, and the clock starts again."""
        film = self.films.get(case.sha256)
        if film and case.reading and case.reading.predictions and not film.answers:
            self.began[case.sha256] = clock()
            said = tuple(map(Answer.of, case.reading.predictions.values()))
            self._keep(case, replace(film, answers=said))

    def save(self) -> None:
        """Bring the store up to date; what it does not take stays here, with the reason, for the next time."""
        from cxr_models.readings import store  # brings SQLAlchemy: the page is shown first

        try:
            for sha256 in sorted(self.unsaved):
                store.save(self.films[sha256])
                self.unsaved.discard(sha256)
        except StoreError as error:
            self.trouble = str(error)
            return
        self.trouble = ""

    def _keep(self, case: Case, film: FilmRead) -> None:
        self.films[case.sha256] = film
        self.unsaved.add(case.sha256)
        self.save()


def desk() -> Desk:
    return st.session_state.setdefault(KEY, Desk())


def waiting() -> bool:
    """Is every model's output about the current film hidden, because its reader has not recorded a reading?"""
    case = current()
    return case is not None and desk().on and case.sha256 not in desk().films


def answered(case: Case) -> bool:
    """Have models answered on this film? Then their answers were on the screen: while hidden, none is asked."""
    return case.reading is not None and bool(case.reading.predictions)
