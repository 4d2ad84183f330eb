"""The film a page is about: open and read, or the designed state that says what to do next."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cxr_models.errors import ManifestError
from cxr_models.imaging.phantom import thorax
from cxr_models.manifest import ModelSpec
from cxr_models.types import Reading
from pages.shared import frame, reader_first, session, wording
from pages.shared.read_film import read
from pages.shared.tray import case_bar
from pages.shared.viewer import viewer

COLUMNS = [5, 2.9]
PHANTOMS = {"covid19": "Phantom with COVID-19", "pneumonia": "Phantom with pneumonia", "normal": "Normal phantom"}
PHANTOM_SOURCE = "Phantom made by code. No patient's film, and no evidence about models."
REFUSED = (
    "**Nothing is computed from a film the gate refused.** Open a frontal chest film on Read, or, there, have this one "
    "read all the same."
)
STYLE = "<style>section.empty { min-height: 46vh; }</style>"


class Opened(NamedTuple):
    """A film that has been read, and the two sides of the page about it."""

    case: session.Case
    reading: Reading
    film_side: DeltaGenerator
    finding_side: DeltaGenerator


def opened(purpose: str) -> Opened | None:
    """The current film with its reading; None after drawing what to do when there is none, or the gate refused it, or
    its reader reads first.

    purpose: one sentence on what this page shows of a film, for readers who come without one.
    """
    case = session.current()
    if case is None:
        _nothing_open(purpose)
        return None
    film_side, finding_side = st.columns(COLUMNS, gap="small")
    with finding_side:
        case_bar()
    if reader_first.waiting():
        _reader_first(case, film_side, finding_side)
        return None
    if case.reading is None:
        with film_side:
            read(case)
            viewer(case.film, key="unread")
        return None
    with finding_side:
        st.html(f'<p class="gate {case.reading.verdict.status}">{wording.gate(case.reading)}</p>')
        reader_first.reminder(case)
    if case.reading.verdict.status == "refused" and not case.reading.predictions:
        _refused(case, film_side, finding_side)
        return None
    return Opened(case, case.reading, film_side, finding_side)


def stated(list_models: Callable[[], dict[str, ModelSpec]]) -> dict[str, ModelSpec]:
    """What ``list_models`` (of ``cached``) lists; a manifest that cannot be used is a sentence, and ends the page."""
    try:
        return list_models()
    except ManifestError as error:
        st.error(f"The models cannot be listed. {error}")
        st.stop()


def _nothing_open(purpose: str) -> None:
    st.html(STYLE)
    frame.empty("No film is open", f"{purpose} Open a film on Read, or take a phantom: a thorax made by code.")
    with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center"):
        _to_read("Open a film on Read")
        for finding, label in PHANTOMS.items():
            st.button(label, key=f"sample-{finding}", on_click=_take, args=(finding,))


def _to_read(label: str) -> None:
    if st.button(label, key="to-read", type="primary"):
        st.switch_page("pages/read.py")


def _take(finding: str) -> None:
    session.add(thorax(seed=0, finding=finding).film, PHANTOM_SOURCE)


def _reader_first(case: session.Case, film_side: DeltaGenerator, finding_side: DeltaGenerator) -> None:
    with film_side:
        viewer(case.film, key="unread")
    with finding_side:
        reader_first.first_reading(case)


def _refused(case: session.Case, film_side: DeltaGenerator, finding_side: DeltaGenerator) -> None:
    with film_side:
        viewer(case.film, key="refused")
    with finding_side:
        st.markdown(REFUSED)
        _to_read("Go to Read")
