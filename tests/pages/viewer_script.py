"""A page with one viewer and films whose every pixel is known; it counts how often Python ran. For test_viewer.py."""

import numpy as np
import streamlit as st

from cxr_models.types import Film
from pages.shared import frame
from pages.shared.viewer import Overlay, viewer


def known_film(bits: int) -> Film:
    """200 x 300: all greys in random places, and another grey in each corner."""
    top = 2**bits - 1
    grey = np.random.default_rng(bits).integers(0, top + 1, (200, 300))
    grey[:20, :20], grey[:20, -20:], grey[-20:, :20], grey[-20:, -20:] = 0, top // 3, top - top // 3, top
    return Film((grey / top).astype(np.float32), f"{bits:064d}", "Film 1", "PNG", bits)


def overlay(value: str) -> Overlay:
    """The same everywhere, or rising from 0 at the left edge to 1 at the right one."""
    ramp = np.tile(np.linspace(0, 1, 300, dtype=np.float32), (200, 1))
    values = ramp if value == "ramp" else np.full((200, 300), float(value), np.float32)
    return Overlay(f"Map {value}", values, False, "units", 0, 1)


if __name__ == "__main__":
    frame.page("Viewer")
    st.session_state.runs = st.session_state.get("runs", 0) + 1
    film_side, other_side = st.columns([5, 2.9], gap="small")
    with other_side:
        st.markdown(f"Runs: {st.session_state.runs}")
        bits = st.radio("Bits", [8, 16])
        overlays = [overlay(value) for value in st.pills("Maps", ["1.0", "0.0", "ramp"], selection_mode="multi")]
        link = "both" if st.toggle("Linked") else ""
        if link:
            viewer(known_film(bits), key="other", link=link)
    with film_side:
        viewer(known_film(bits), key="test", overlays=overlays, link=link)
