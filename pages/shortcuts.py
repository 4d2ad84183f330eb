"""Shortcuts: the film changed in known ways, and what every model makes of it."""

from pathlib import Path

import streamlit as st

from pages.shared import frame, lab
from pages.shared.choices import one_of
from pages.shared.lab.edits import edits
from pages.shared.lab.marker import marker
from pages.shared.opened import opened

STYLE = Path(lab.__file__).with_name("lab.css").read_text(encoding="utf-8")
PURPOSE = "This page changes a film in known ways, to show what each model's answer follows."
NOBODY = "No model has read this film, so there is nothing to compare with."
EDITS, MARKER = "edits", "marker"
VIEWS = {EDITS: "Edit the film", MARKER: "Put a mark on it"}
DRAWN = {EDITS: edits, MARKER: marker}


def main() -> None:
    frame.page("Shortcuts")
    st.html(f"<style>{STYLE}</style>")
    here = opened(PURPOSE)
    if here is None:
        return
    if not here.reading.predictions:
        with here.finding_side:
            st.info(" ".join([NOBODY, *here.reading.failures.values()]))
        return
    with here.finding_side:
        view = one_of("Shortcut lab", VIEWS, "lab-what")
    DRAWN[view](here)


main()
