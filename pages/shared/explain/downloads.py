"""A map to keep: as a picture, as an array, as a DICOM-ready array. Made when asked for; nothing is written here."""

import io
from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from cxr_models.types import Film, Map
from pages.shared import map_words
from pages.shared.explain import views
from pages.shared.explain.asked import Answer
from pages.shared.explain.choices import DIFFERENCE
from pages.shared.explain.picture import png
from pages.shared.opened import Opened
from pages.shared.viewer import Overlay

CONTENTS = (
    "The picture has the film, the colours and their legend. NPY: the map's values in film pixels. NPZ: the same as "
    "16-bit values with the slope, intercept and sizes that a DICOM image of it needs. None holds a name or a tag."
)


def downloads(here: Opened, kind: str, answers: Sequence[Answer]) -> None:
    """Buttons for each map that is shown; of two answers, for their difference."""
    maps = [(answer.shown, answer.asked.title) for answer in answers if answer.shown is not None]
    less = answers[1].asked.target if kind == DIFFERENCE else ""
    if less:
        found = views.less_second(answers)
        maps = [] if found is None else [(found, views.difference_title(answers))]
    if not maps:
        return
    with st.expander("Download", key="explain-downloads"):
        for result, title in maps:
            buttons(here.case.film, result, title, less)
        st.caption(CONTENTS)


def buttons(film: Film, result: Map, title: str, less: str) -> None:
    name = "-".join(["map", result.model_id, result.method, result.target, *(["less", less] if less else [])])
    heading = f"{title}. {map_words.question(result.method)}"
    st.markdown(f"**{title}**")
    with st.container(horizontal=True):
        _button("PNG", name, "png", lambda: png(film, Overlay.of(result, title), heading))
        _button("NPY", name, "npy", lambda: npy(result.values))
        _button("DICOM-ready NPZ", name, "npz", lambda: npz(film, result, less))


def npy(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def npz(film: Film, result: Map, less: str) -> bytes:
    from cxr_models.explain import dicom_ready  # brings torch: the page is shown first

    return dicom_ready.npz(result, film, less)


def _button(label: str, name: str, ending: str, data: Callable[[], bytes]) -> None:
    st.download_button(label, data, f"{name}.{ending}", key=f"download-{name}-{ending}", on_click="ignore")
