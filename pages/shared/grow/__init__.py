"""Grow your own shortcut: a small net learns in front of the class, and one sees whether it reads the lung or a letter.

``grow_view`` draws all of it, for the page Teach.
"""

from pathlib import Path

import streamlit as st

from pages.shared import frame, jobs
from pages.shared.grow import asked, views, work

STYLE = Path(__file__).parent / "grow.css"
EMPTY = "Press Train: within about a minute you see what the network learned to look at."


def grow_view() -> None:
    """The panel on the left; on the right the growth under way, or the last one, and the two last side by side."""
    jobs.take()
    st.html(STYLE)
    left, right = st.columns([1, 3.2], gap="medium")
    with left:
        asked.panel()
    with right:
        _shown()


def _shown() -> None:
    mine, job = work.growths(), work.job()
    if why := work.why_none():
        st.warning(why)
    if job is not None and mine.live is not None:
        views.live(job, mine.live)
    elif mine.kept:
        views.finished(mine.kept[-1])
        if len(mine.kept) > 1:
            views.beside(mine.kept)
    else:
        frame.empty("No network has been trained yet", EMPTY)
