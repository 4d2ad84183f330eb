"""The switch, and what all readings come to: agreement with each model, changes of mind, time, and the CSV."""

import streamlit as st

from cxr_models.errors import StoreError
from cxr_models.readings import agreement
from cxr_models.readings.record import FilmRead
from cxr_models.readings.table import csv_text
from pages.shared import cached
from pages.shared.choices import one_of
from pages.shared.reader_first import words
from pages.shared.reader_first.desk import desk, waiting

LABEL = "Reader first"
HELP = "Hides what the models say of a film, on every page, until you have recorded your own reading of it."
SCOPES = {"session": "This session", "all": "All sessions in the database"}
READ_AS = (
    "Agreement is not accuracy: reader and model can be wrong together. Counted are the readings made before the "
    "models' answers were seen. Pneumonia and normal both agree with a model that says not COVID-19. Kappa, agreement "
    f"beyond chance, is given from {agreement.KAPPA_FROM} films on."
)


def switch() -> None:
    """Reader first, on or off for this session; beside it the readings so far, once no film waits for one."""
    with st.container(horizontal=True, vertical_alignment="center", key="reader-first-bar"):
        st.toggle(LABEL, desk().on, "reader-first", HELP, on_change=_flip)
        if desk().on and not waiting() and st.button("All readings", key="all-readings"):
            all_readings()


def _flip() -> None:
    desk().on = st.session_state["reader-first"]


@st.dialog("Readers and models", width="large")
def all_readings() -> None:
    """The figures of this session's readings, or of all that are stored, and their CSV."""
    films = _scope()
    if not films:
        st.markdown("No reading is recorded yet. With Reader first on, open a film and record yours.")
        return
    found = agreement.summary(films)
    _figures(found)
    if found.agreements:
        titles = {name: spec.title for name, spec in cached.specs().items()}
        st.dataframe([words.row(one, titles) for one in found.agreements], hide_index=True)
        st.caption(READ_AS)
    st.download_button("Download the readings (CSV)", csv_text(films), "readings.csv", "text/csv", key="readings-csv")


def _scope() -> list[FilmRead]:
    """This session's films, or all, where the store has others and the reader asks for them."""
    mine, others = list(desk().films.values()), _others()
    if not others:
        return mine
    chosen = one_of("Readings of", SCOPES, "readings-of", "session" if mine else "all")
    return mine if chosen == "session" else [*others, *mine]


def _others() -> list[FilmRead]:
    from cxr_models.readings import store  # brings SQLAlchemy: the page is shown first

    try:
        return [film for film in store.load() if film.session != desk().session]
    except StoreError as error:
        st.warning(f"Readings of other sessions cannot be had. {error}")
        return []


def _figures(found: agreement.Summary) -> None:
    left, right = st.columns(2)
    left.metric("Films read before the models", found.n)
    right.metric("Median time", "none" if found.seconds is None else words.duration(found.seconds))
    if found.late:
        st.markdown(f"{found.late} more read only after the models were seen: in the CSV, and not counted here.")
    st.markdown(words.moves(found))
