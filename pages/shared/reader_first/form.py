"""The reader's form: class, confidence, zones of the lungs; empty at first, so that nothing is suggested."""

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

from cxr_models.readings.record import SIDES, THIRDS, Opinion
from cxr_models.types import NORMAL
from pages.shared.reader_first import words
from pages.shared.reader_first.desk import answered, desk
from pages.shared.session import Case

LEAD = "**Your reading first.** What the models make of this film stays hidden until you have recorded yours."
FRESH = "No model has been asked yet. The time you take is recorded with your reading."
SEEN = (
    "The models' answers on this film were on the screen before. Your reading is recorded as one made after them, "
    "and is not counted where readers and models are compared."
)
KEPT = (
    "It is stored in this server's database, where other readers can see it, and cannot be changed afterwards. Nothing "
    "that identifies the film or you is stored with it. To read without recording, switch Reader first off on the page "
    "Read."
)
SIDE_NAMES = {"right": "Right lung", "left": "Left lung"}
MISSING = "Choose an answer, how sure you are, and where: at least one zone, or no finding."
BOTH = "A zone and no finding exclude each other: take one of them off."
SOUND = "Normal and a zone with a finding exclude each other: choose another answer, or take the zones off."

Key = TypeVar("Key")


def first_reading(case: Case) -> None:
    """Ask for the reading that opens the models' answers; the clock runs from the film's first showing."""
    desk().show(case)
    st.markdown(LEAD)
    st.caption(SEEN if answered(case) else FRESH)
    ask(case, "first", "Record my reading and show the models")
    st.caption(KEPT)


def ask(case: Case, name: str, button: str, start: Opinion | None = None) -> None:
    """The form, filled in as ``start`` was; once it is recorded the page is drawn again."""
    key = f"{name}-{case.sha256}"
    with st.form(f"form-{key}", border=start is None):
        diagnosis = _one_of(
            "Which of these three fits best?", words.DIAGNOSES, f"class-{key}", start.diagnosis if start else None
        )
        confidence = _one_of("How sure are you?", words.CONFIDENCE, f"sure-{key}", start.confidence if start else None)
        regions = _zones(key, () if start is None else start.regions)
        clear = st.checkbox("No finding in the lungs", start is not None and not start.regions, f"clear-{key}")
        done = st.form_submit_button(button, type="primary", width="stretch", key=f"record-{key}")
    if done:
        _take(case, diagnosis, confidence, regions, clear)


def _take(case: Case, diagnosis: str | None, confidence: int | None, regions: list[str], clear: bool) -> None:
    if diagnosis is None or confidence is None or not (regions or clear):
        st.error(MISSING)
    elif regions and clear:
        st.error(BOTH)
    elif regions and diagnosis == NORMAL:
        st.error(SOUND)
    else:
        desk().record(case, diagnosis, confidence, regions)
        st.rerun()


def _one_of(label: str, names: Mapping[Key, str], key: str, start: Key | None) -> Key | None:
    """One of ``names``, none of them chosen at first."""
    return st.segmented_control(
        label, list(names), default=start, format_func=names.__getitem__, key=key, width="stretch"
    )


def _zones(key: str, start: tuple[str, ...]) -> list[str]:
    """The ticked thirds of the lungs; the patient's right stands at the left, as on the film."""
    st.markdown("Where? The zones stand as they do on the film.")
    ticked = []
    for side, column in zip(SIDES, st.columns(len(SIDES)), strict=True):
        column.markdown(f"**{SIDE_NAMES[side]}**")
        for third in THIRDS:
            region = f"{side} {third}"
            if column.checkbox(f"{third.capitalize()} zone", region in start, f"{region}-{key}"):
                ticked.append(region)
    return ticked
