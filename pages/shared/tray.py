"""The open films: the case at the top, and small films to choose from when there are several."""

import base64
import html
from collections.abc import Callable

import cv2
import numpy as np
import streamlit as st

from pages.shared import session
from pages.shared.reader_first.desk import waiting
from pages.shared.viewer.pack import quantise, shrink

THUMBNAIL = 96


def case_bar(open_more: Callable[[], None] | None = None) -> session.Case | None:
    """Name, source and tray of the open films. Returns the case being read, None when no film is open.

    open_more: draws the way to open further films, behind a button of the bar.
    """
    case = session.current()
    if case is None:
        return None
    with st.container(horizontal=True, vertical_alignment="center", key="case"):
        st.html(f'<h2 class="case">{html.escape(case.name)}</h2>')
        if open_more:
            with st.popover("Open films"):
                open_more()
        with st.popover("Rename or close"):
            _rename(case)
            st.button("Close this film", key=f"close-{case.sha256}", on_click=session.close, args=(case.sha256,))
    if case.source and not waiting():  # a phantom's source names its finding
        st.caption(case.source)
    if len(session.room().cases) > 1:
        _tray(case)
    return case


def _rename(case: session.Case) -> None:
    key = f"name-{case.sha256}"
    st.text_input(
        "Name of this film (kept in this browser session only)",
        value=case.name,
        key=key,
        on_change=lambda: session.rename(case.sha256, st.session_state[key]),
    )


def _tray(current: session.Case) -> None:
    with st.container(horizontal=True, key="tray"):
        for case in session.room().cases:
            on = " on" if case is current else ""
            with st.container(key=f"thumb-{case.sha256[:16]}", width=THUMBNAIL, gap=None):
                caption = f"<figcaption>{html.escape(case.name)}</figcaption>"
                st.html(f'<figure class="thumb{on}">{_picture(case)}{caption}</figure>')
                label = f"Read {case.name}"
                st.button(label, key=f"choose-{case.sha256}", on_click=session.choose, args=(case.sha256,))


def _picture(case: session.Case) -> str:
    """The film as a small image within the page itself: no address another reader or a proxy could ask for."""
    grey = quantise(shrink(case.film.pixels, THUMBNAIL), 0, 1, 255)
    data = base64.b64encode(cv2.imencode(".png", np.ascontiguousarray(grey))[1].tobytes()).decode()
    return f'<img alt="{html.escape(case.name)}, small" src="data:image/png;base64,{data}">'
