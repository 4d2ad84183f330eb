"""Which mark is put on the film: its kind and letters, its place (by a click on the film), size, angle and strength."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from cxr_models.shortcuts.marks import Mark

OWN = "own"
WHAT = {
    "L": "The letter L",
    "R": "The letter R",
    "PORTABLE": "PORTABLE",
    "AP ERECT": "AP ERECT",
    "date": "Today's date",
    OWN: "Own letters",
    "leads": "ECG leads",
    "tube": "Tube",
    "border": "Black border",
}
LENGTH = {"text": "Height", "leads": "Length", "tube": "Length", "border": "Width"}
SIZES = {"text": 6, "leads": 45, "tube": 40, "border": 8}  # percent of the film's height to begin with
LARGEST = {"text": 30, "leads": 100, "tube": 100, "border": 30}
MARK, ROW, COLUMN = "lab-mark", "lab-mark-row", "lab-mark-column"
START = (8.0, 90.0)  # row and column in percent: where letters mostly stand, on the patient's left
STARTS = {"R": (8.0, 10.0), "leads": (45.0, 50.0), "tube": (20.0, 50.0)}  # where another mark has its own place


def place(row: float, column: float) -> None:
    """Put the mark where the reader clicked: shares of the film's height and width."""
    st.session_state[ROW], st.session_state[COLUMN] = round(100 * row, 1), round(100 * column, 1)


def chosen() -> Mark | None:
    """Draw the choices; None, with what to do, while there are no letters to put on."""
    from cxr_models.shortcuts.marks import Mark

    one, other = st.columns(2, gap="small", vertical_alignment="bottom")
    with one:
        what = st.selectbox("Mark", list(WHAT), format_func=WHAT.__getitem__, key=MARK, on_change=_to_its_place)
    kind = what if what in SIZES else "text"
    with other:
        text = _text(what)
    if kind == "text" and not text.strip():
        st.info("Type the letters to put on the film.")
        return None
    left, right = st.columns(2, gap="small")
    with left:
        size = st.slider(
            f"{LENGTH[kind]}, % of the film's height", 1, LARGEST[kind], SIZES[kind], key=f"lab-size-{kind}"
        )
        opacity = st.slider("Opacity, %", 0, 100, 100, key="lab-opacity")
    with right:
        angle = st.slider("Angle, degrees", -90, 90, 0, key="lab-angle")
        row, column = _place(kind)
    return Mark(kind, text, row / 100, column / 100, size / 100, float(angle), opacity / 100)


def _to_its_place() -> None:
    """Another mark stands where such marks do, unless the reader has placed the one before."""
    if (st.session_state[ROW], st.session_state[COLUMN]) in {START, *STARTS.values()}:
        st.session_state[ROW], st.session_state[COLUMN] = STARTS.get(st.session_state[MARK], START)


def _text(what: str) -> str:
    if what == OWN:
        return st.text_input("Letters", "SUPINE", max_chars=24, key="lab-letters")
    return date.today().isoformat() if what == "date" else what


def _place(kind: str) -> tuple[float, float]:
    """Two numbers that a click on the film sets; a border has no place."""
    st.session_state.setdefault(ROW, START[0])
    st.session_state.setdefault(COLUMN, START[1])
    if kind == "border":
        return st.session_state[ROW], st.session_state[COLUMN]
    down, across = st.columns(2, gap="small")
    row = down.number_input("Down, %", 0.0, 100.0, step=1.0, key=ROW)
    column = across.number_input("Across, %", 0.0, 100.0, step=1.0, key=COLUMN)
    return row, column
