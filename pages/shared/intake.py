"""Films in: uploads, phantoms made by code, and public films fetched when a reader asks for one."""

import streamlit as st

from cxr_models.errors import CxrError, FilmError
from cxr_models.imaging import dicom, public_films
from cxr_models.imaging.phantom import thorax
from cxr_models.imaging.read import read_film
from pages.shared import session

ACCEPTED = "DICOM, PNG, JPEG, TIFF or WebP"
PHANTOMS = {"normal": "Normal", "covid19": "COVID-19", "pneumonia": "Pneumonia"}
MARKERS = {"normal": "R", "covid19": "L", "pneumonia": "R"}


def intake() -> None:
    """The uploader and the samples; films opened here become cases of this session."""
    _open_new(st.file_uploader(f"Drop chest films here ({ACCEPTED})", accept_multiple_files=True, key="uploads"))
    _phantoms()
    _public_films()


def failures() -> None:
    """A sentence for each upload that could not be opened. Files are counted, not named: names may name patients."""
    uploads = st.session_state.uploads
    for number, upload in enumerate(uploads, 1):
        error = session.room().uploads.get(upload.file_id)
        if isinstance(error, FilmError):
            st.error(f"File {number} of {len(uploads)} was not opened. {error}")


def _open_new(uploads: list) -> None:
    """Open what was not opened before; the first new film becomes the one being read."""
    known = session.room().uploads
    new = [upload for upload in uploads if upload.file_id not in known]
    for number, upload in enumerate(new, 1):
        with st.spinner(f"Opening file {number} of {len(new)}"):
            known[upload.file_id] = _open(upload.getvalue())
    films = [film for film in (known[upload.file_id] for upload in new) if isinstance(film, str)]
    if films:
        session.choose(films[0])
        st.rerun()


def _open(data: bytes) -> str | FilmError:
    try:
        return session.add(read_film(data)).sha256
    except FilmError as error:
        return error


def _phantoms() -> None:
    st.caption("Or a phantom: a thorax made by code, so it is nobody's film and what is in it is known.")
    with st.container(horizontal=True):
        for finding, label in PHANTOMS.items():
            st.button(label, key=f"phantom-{finding}", on_click=_add_phantom, args=(finding,))


def _add_phantom(finding: str) -> None:
    film = thorax(seed=0, finding=finding, marker=MARKERS[finding]).film
    session.add(film, f"Phantom made by code: {PHANTOMS[finding]}. No patient's film, and no evidence about models.")


def _public_films() -> None:
    with st.popover("Public films"):
        st.caption("Fetched from their source when you ask for one, and opened only if the content is the one named.")
        for entry in public_films.entries():
            st.markdown(f"**{entry.title}.** {entry.finding}.  \n[{entry.repository}]({entry.page}), {_licence(entry)}")
            if st.button("Fetch and open", key=f"public-{entry.path}"):
                _fetch(entry)


def _licence(entry: public_films.PublicFilm) -> str:
    return f"[{entry.licence}]({entry.licence_url})"


def _fetch(entry: public_films.PublicFilm) -> None:
    try:
        with st.spinner(f"Fetching {entry.title}"):
            film = read_film(public_films.fetch(entry))
    except CxrError as error:
        st.error(str(error))
        return
    session.add(film, f"{entry.title}. {entry.attribution}, {_licence(entry)}.")
    st.rerun()


def header_panel(case: session.Case) -> None:
    """The DICOM header, only when a reader asks for it and only while the uploader still holds the file."""
    if case.film.kind != "DICOM":
        return
    with st.expander("DICOM header"):
        st.caption("It may identify the patient. It is read from your upload when you ask, and not kept.")
        if st.toggle("Show the header; it may identify the patient", key=f"header-{case.sha256}"):
            _show_header(case)


def _show_header(case: session.Case) -> None:
    held = [one for one in st.session_state.uploads if session.room().uploads.get(one.file_id) == case.sha256]
    if not held:
        st.info("The file itself is no longer held. Open it again to see its header.")
        return
    rows = dicom.header(held[0].getvalue())
    st.dataframe({"Tag": [name for name, _ in rows], "Value": [value for _, value in rows]}, hide_index=True)
