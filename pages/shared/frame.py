"""The frame of every page: browser title, dark reading-room style, heading and the research-use notice."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

NAME = "Chest film reading room"
NOTICE = "Research and teaching only. Not for diagnosis."
STYLE = (Path(__file__).parent / "frame.css").read_text(encoding="utf-8")


def page(title: str) -> None:
    """Open a page. The first call of every page, so that none can be seen without the notice."""
    _through_the_router()
    st.set_page_config(page_title=f"{title} · {NAME}", page_icon="🩻", layout="wide")
    st.html(f"<style>{STYLE}</style>")
    st.html(f'<header class="frame"><h1>{title}</h1><p role="note">{NOTICE}</p></header>')


def empty(title: str, text: str) -> None:
    """A designed empty state: what is missing, and the next step. Neither text may come from a file."""
    st.html(f'<section class="empty"><h2>{title}</h2><p>{text}</p></section>')


def _through_the_router() -> None:
    """Start again at ``app.py`` if Streamlit skipped it.

    Beside a folder named ``pages``, Streamlit runs the page of a deep link by itself until some session has called
    ``st.navigation``: the first reader after a start, with a bookmark, would see Streamlit's own list of files.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
