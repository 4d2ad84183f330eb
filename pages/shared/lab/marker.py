"""The view Marker: put a mark on the film and see at once which model it moves; then how strongly, and where most."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cxr_models.types import COVID19, Film, Lungs
from pages.shared import cached, jobs, work
from pages.shared.figures import CONFIG
from pages.shared.lab import choices, figures, kept, words
from pages.shared.opened import Opened
from pages.shared.palette import CLASS_COLOURS
from pages.shared.viewer import Overlay, viewer
from pages.shared.wording import CLASS_NAMES

if TYPE_CHECKING:
    from cxr_models.shortcuts.marks import Mark

CLICK = "Click on the film to put the mark there."


def marker(here: Opened) -> None:
    """Draw the view."""
    jobs.take()
    film, lungs = kept.small(here)
    with here.finding_side:
        st.caption(CLICK)
        mark = choices.chosen()
        shown = film if mark is None else _marked(film, mark)
        if mark is not None:
            _answers(here, film, shown, lungs, mark)
    overlays: list[Overlay] = []
    if mark is not None:
        with here.finding_side:
            overlays = _sweeps(here, mark)
    with here.film_side:
        pose = here.case.sha256
        viewer(shown, key="lab-marked", overlays=overlays, lungs=lungs, pose=pose, on_pick=choices.place)


def _marked(film: Film, mark: Mark) -> Film:
    from cxr_models.shortcuts.edit import remade
    from cxr_models.shortcuts.marks import marked

    return remade(film, marked(film.pixels, mark))


def _answers(here: Opened, film: Film, shown: Film, lungs: Lungs | None, mark: Mark) -> None:
    """A row a model: the probability of COVID-19 without the mark and with it."""
    from cxr_models.shortcuts.looks import Looks

    specs, found = cached.classifiers(), kept.of(here.case.film)
    if ("marked", mark) not in found:
        looks = Looks([(film, lungs), (shown, lungs)])
        found["marked", mark] = {name: looks.probabilities(name) for name in here.reading.predictions}
    rows = []
    for name, p in found["marked", mark].items():
        before, after = p[:, specs[name].classes.index(COVID19)]
        rows.append(_row(words.short(specs[name]), before, after, specs[name].threshold))
    head = f"<header><span>{CLASS_NAMES[COVID19]}</span><span>without → with the mark</span></header>"
    st.html(f'<section class="moved">{head}{"".join(rows)}</section>')


def _row(title: str, before: float, after: float, threshold: float) -> str:
    """HTML of one model: a bar with the mark, a tick where it was without, the figures, and whether it crosses."""
    if np.isnan(after):
        return f"<div><b>{html.escape(title)}</b><span>not read: no lungs were found</span></div>"
    crossed = (before >= threshold) != (after >= threshold)
    colour = CLASS_COLOURS[COVID19]
    track = (
        f'<span class="track"><i style="width:{after:.1%};background:{colour}"></i>'
        f'<em style="left:{before:.1%}" title="without the mark"></em></span>'
    )
    verdict = "crosses its threshold" if crossed else words.signed(after - before)
    strong = ' class="crossed"' if crossed else ""
    figures_ = f"<output>{before:.2f} → {after:.2f}</output><u>{verdict}</u>"
    return f"<div{strong}><b>{html.escape(title)}</b>{track}{figures_}</div>"


def _sweeps(here: Opened, mark: Mark) -> list[Overlay]:
    """From faint to strong, and at every place: begun by a button, kept, drawn. Returns the map to lay on the film."""
    specs = cached.classifiers()
    model = st.selectbox(
        "Model", list(here.reading.predictions), format_func=lambda name: specs[name].title, key="lab-place-model"
    )
    dosing, placing = kept.dosing(here, mark), kept.placing(here, mark, model, COVID19, specs[model].title)
    dose, placed = kept.dose(here, mark), kept.placement(here, mark, model, COVID19)
    with st.container(horizontal=True):
        if mark.kind != "border" and placed is None:
            _begin("Try every place", placing, "lab-place")
        if dose is None:
            _begin("From faint to strong", dosing, "lab-dose")
    _under_way([dosing, placing])
    if dose is not None:
        k = {name: specs[name].classes.index(COVID19) for name in dose.probabilities}
        curves = {words.short(specs[name]): p[:, k[name]] for name, p in dose.probabilities.items()}
        figure = figures.dose_curves(dose.opacities, curves, CLASS_NAMES[COVID19])
        st.plotly_chart(figure, config=CONFIG, key="lab-dose-curves", theme=None)
    if placed is None:
        return []
    grid = placed.extra["grid"]
    st.caption(words.placed(float(grid.max()), float(grid.min()), COVID19))
    if np.abs(grid).max() < words.HEEDED:
        return []
    return [Overlay.of(placed, f"{specs[model].title}: the mark at every place")]


def _begin(label: str, task: jobs.Task, key: str) -> None:
    def begin() -> None:
        jobs.allow_again(task.ticket)
        jobs.start(task)

    st.button(label, key=key, on_click=begin)


def _under_way(tasks: list[jobs.Task]) -> None:
    """The work that runs, or why it came to nothing."""
    job = jobs.current()
    for task in tasks:
        if job is not None and job.task.ticket == task.ticket:
            work.watch(job, [task.ticket])
        elif why := jobs.why_none(task.ticket):
            st.warning(why)
