"""The panel that asks for a growth: how strongly letter and disease go together, how visible that is, which films."""

import os

import streamlit as st

from cxr_models import runs
from cxr_models.errors import TrainingError
from cxr_models.shortcuts.grow.settings import Settings
from pages.shared.choices import one_of
from pages.shared.grow import words, work

FIRST = Settings(strength=1.0, visibility=0.6)
PHANTOMS, INDEX = "phantoms", "index"
FILMS = {PHANTOMS: "Phantoms", INDEX: "My films"}
LEAD = (
    "A small network learns, while you watch, to tell ill from healthy films. Some films bear a letter R. Set how "
    "strongly the letter goes with the disease: what will the network look at?"
)
STRENGTH, VISIBILITY = "How strongly the letter goes with the disease", "How visible the disease is"
UNSEEN = "Real disease is as visible as it is: this slider is for phantoms."
SMALL = "Films are shrunk to 96 pixels, at most 600 are taken, and all that is not labelled normal counts as ill."


def panel() -> None:
    """Draw it; a growth begins when the button is pressed."""
    before = work.growths().asked or FIRST
    st.markdown(LEAD)
    films = one_of("Films", FILMS, "grow-films", INDEX if before.index else PHANTOMS)
    strength = st.slider(STRENGTH, 0.0, 1.0, before.strength, 0.05, key="grow-strength")
    st.caption(words.bears(strength))
    visibility = st.slider(
        VISIBILITY, 0.0, 1.0, before.visibility, 0.05, key="grow-visibility", disabled=films == INDEX
    )
    index, root = _paths(before) if films == INDEX else ("", "")
    seed = int(st.number_input("Seed (the same seed, the same result)", 0, 9999, before.seed, key="grow-seed"))
    wrong = st.empty()
    if st.button("Train", type="primary", width="stretch", key="grow-train", disabled=work.job() is not None):
        try:
            work.start(Settings(strength, visibility, seed, index, root))
        except TrainingError as error:
            wrong.error(str(error))
        else:
            st.rerun()


def _paths(before: Settings) -> tuple[str, str]:
    st.caption(UNSEEN)
    index = st.text_input("Index (index.csv)", before.index or _usual_index(), key="grow-index").strip()
    root = st.text_input("Folder of the films", before.root or os.environ.get("CXR_FILMS", ""), key="grow-root").strip()
    st.caption(SMALL)
    return index, root


def _usual_index() -> str:
    """Where ``data build`` puts it, if it did."""
    usual = runs.home() / "index.csv"
    return str(usual) if usual.is_file() else ""
