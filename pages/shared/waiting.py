"""What a reader sees while something takes longer than a second: what is being done, and how long it has left."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def progress(start: str) -> Iterator[Callable[[float, str], None]]:
    """A progress bar for the block; yields the ``progress`` callback the package's functions take."""
    bar = st.progress(0.0, text=start)
    began = time.monotonic()

    def report(share: float, doing: str) -> None:
        bar.progress(min(max(share, 0.0), 1.0), text=doing + _left(share, time.monotonic() - began))

    try:
        yield report
    finally:
        bar.empty()


def _left(share: float, elapsed: float) -> str:
    if share < 0.1 or elapsed < 1:
        return " …"
    return f" … about {max(1, round(elapsed * (1 - share) / share))} s left"
