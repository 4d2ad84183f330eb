"""One choice of several, side by side, of which one is always made."""

from collections.abc import Mapping

import streamlit as st


def one_of(label: str, names: Mapping[str, str], key: str, first: str | None = None) -> str:
    """The chosen key of ``names`` (key -> what readers see), at first ``first`` or the first one."""
    start = next(iter(names)) if first is None else first
    return st.segmented_control(
        label, list(names), default=start, required=True, format_func=names.__getitem__, key=key
    )
