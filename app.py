"""Router of the reading room: lists the pages and runs the one asked for. Everything drawn is drawn by a page."""

import streamlit as st

PAGES = [
    st.Page("pages/read.py", title="Read", default=True),
    st.Page("pages/residuals.py", title="Residuals"),
    st.Page("pages/explain.py", title="Explain"),
    st.Page("pages/compare.py", title="Compare"),
    st.Page("pages/shortcuts.py", title="Shortcuts"),
    st.Page("pages/audit.py", title="Audit"),
    st.Page("pages/teach.py", title="Teach"),
    st.Page("pages/models.py", title="Models"),
    st.Page("pages/train.py", title="Train"),
    st.Page("pages/about.py", title="About"),
]

st.navigation(PAGES, position="top").run()
