"""The reader's own reading beside the models' answers, and the question whether it has changed."""

import streamlit as st

from cxr_models.readings.record import FilmRead
from pages.shared import cached
from pages.shared.reader_first import words
from pages.shared.reader_first.desk import desk
from pages.shared.reader_first.form import ask
from pages.shared.session import Case

UNSAVED = "Your readings are kept in this browser session, and the CSV has them, but they are not in the database yet."


def your_reading(case: Case) -> None:
    """The panel of a film whose models have been asked; nothing of a film its reader has not read."""
    film = _film(case)
    if film is None:
        return
    with st.container(border=True, key="your-reading", gap="small"):
        _recorded(film)
        if film.before and film.answers and not film.after:
            with st.expander("Has your mind changed?"):
                ask(case, "final", "Record my final reading", film.before)
        _trouble()


def reminder(case: Case) -> None:
    """The same in one line, for the pages where there is no room for more."""
    film = _film(case)
    if film is not None:
        said = film.after or film.before
        assert said is not None
        compared = f" {words.count(film, said)}." if film.answers else ""
        st.caption(f"Your reading: {words.opinion(said)}.{compared} More on the page Read.")


def _trouble() -> None:
    """Why readings are not stored, where they are not, and a way to try again."""
    if desk().trouble:
        st.warning(f"{UNSAVED} {desk().trouble}")
        st.button("Try to store them again", key="store-again", on_click=desk().save)


def _film(case: Case) -> FilmRead | None:
    desk().meet(case)
    return desk().films.get(case.sha256) if desk().on else None


def _recorded(film: FilmRead) -> None:
    titles = {name: spec.title for name, spec in cached.specs().items()}
    names = {"before": "Your reading", "after": "Your final reading" if film.before else "Your reading, models seen"}
    for stage, said in film.opinions.items():
        st.markdown(f"**{names[stage]}:** {words.opinion(said)}, in {words.duration(said.seconds)}.")
    last = film.after or film.before
    assert last is not None
    st.markdown(words.agreement(film, last, titles))
    if change := words.moved(film):
        st.markdown(f"**{change}**")
