"""The view Edits: one film, twenty edits, all models. A click on the table shows film and map before and after."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cxr_models.errors import CxrError
from cxr_models.manifest import ModelSpec
from cxr_models.types import COVID19, Map
from pages.shared import cached, jobs, made, map_beside, map_words, wording, work
from pages.shared.choices import one_of
from pages.shared.figures import CONFIG
from pages.shared.lab import figures, kept, words
from pages.shared.opened import Opened
from pages.shared.viewer import Overlay, viewer

if TYPE_CHECKING:
    from cxr_models.shortcuts.bench import Bench
    from cxr_models.shortcuts.edit import Edited
    from cxr_models.shortcuts.looks import Shown

BOTH, AFTER, BEFORE = "both", "after", "before"
VIEWS = {BOTH: "Before and after", AFTER: "After", BEFORE: "Before"}
EDIT, MODEL, TABLE = "lab-edit", "lab-model", "lab-table"
HOW = "Change of the probability of COVID-19; lungs are those outlined. Click a field to see the film and the map."


def edits(here: Opened) -> None:
    """Draw the view; the bench is begun when it is first looked at."""
    jobs.take()
    found = kept.bench(here)
    if found is None:
        with here.film_side:
            viewer(here.case.film, key="lab", lungs=here.reading.lungs, pose=here.case.sha256)
        with here.finding_side:
            _not_yet(here)
        return
    with here.finding_side:
        said, table, choice = st.container(), st.container(), st.container()
        with choice:
            edit, spec = _chosen(found)
        with said:
            _without_lungs(found)
        with table:
            _table(found, edit, spec)
        _same_chest(found)
        for name, why in found.failures.items():
            st.warning(f"{cached.specs()[name].title} was not asked. {why}")
        if found.refused:
            st.info(f"{len(found.refused)} edits need the lungs, and none were found on this film.")
    with here.film_side:
        _films(here, found, edit, spec)


def _not_yet(here: Opened) -> None:
    task = kept.benching(here)
    if why := jobs.why_none(task.ticket):
        work.again(why, task.ticket)
    else:
        work.advance([task])


def _chosen(found: Bench) -> tuple[str, ModelSpec]:
    """The edit and the model whose films and maps are shown: chosen here, or by a click on the table."""
    from cxr_models.shortcuts import EDITS

    specs = cached.classifiers()
    left, right = st.columns(2, gap="small")
    edit = left.selectbox("Edit", found.edits, format_func=lambda name: EDITS[name].title, key=EDIT)
    model = right.selectbox("Model", list(found.before), format_func=lambda name: specs[name].title, key=MODEL)
    return edit, specs[model]


def _without_lungs(found: Bench) -> None:
    """Who still answers when no lung is seen; models of the lungs alone aside, for nothing would be left for them."""
    from cxr_models.shortcuts import ERASED

    specs = cached.classifiers()
    if not set(ERASED) <= set(found.edits):
        return
    rows = [found.edits.index(name) for name in ERASED]
    whole = [name for name in found.before if specs[name].input.region == "film"]
    k = {name: specs[name].classes.index(COVID19) for name in whole}
    before = {name: float(found.before[name][k[name]]) for name in whole}
    erased = {name: found.after[name][rows, k[name]] for name in whole}
    st.html(f'<p class="agreement">{words.without_lungs(specs, before, erased)}</p>')


def _same_chest(found: Bench) -> None:
    """What moves an answer most though any reader would see the same chest."""
    from cxr_models.shortcuts import DISPLAY, EDITS

    rows = [found.edits.index(name) for name in DISPLAY if name in found.edits]
    titles = [EDITS[found.edits[row]].title for row in rows]
    changes = {name: found.change(name, COVID19)[rows] for name in found.before}
    st.caption(words.moved_most(cached.classifiers(), titles, changes, COVID19))


def _table(found: Bench, edit: str, spec: ModelSpec) -> None:
    from cxr_models.shortcuts import EDITS

    specs, models = cached.classifiers(), list(found.before)
    k = {name: specs[name].classes.index(COVID19) for name in models}
    before = np.array([found.before[name][k[name]] for name in models])
    after = np.stack([found.after[name][:, k[name]] for name in models], 1)
    titles = [EDITS[name].title for name in found.edits]
    chosen = (found.edits.index(edit), models.index(spec.id))
    figure = figures.heat_map(titles, [words.short(specs[name]) for name in models], before, after, chosen)
    st.caption(HOW)
    st.plotly_chart(
        figure, config=CONFIG, key=TABLE, on_select=lambda: _clicked(found), selection_mode="points", theme=None
    )


def _clicked(found: Bench) -> None:
    """Take over the field that was clicked as the choice of edit and model."""
    points = st.session_state[TABLE].selection.points
    if points:
        st.session_state[EDIT] = found.edits[round(points[0]["y"])]
        st.session_state[MODEL] = list(found.before)[round(points[0]["x"])]


def _films(here: Opened, found: Bench, edit: str, spec: ModelSpec) -> None:
    from cxr_models.shortcuts import EDITS

    shown = one_of("Film", VIEWS, "lab-view")
    target, pose = COVID19, f"{here.case.sha256} {edit}"
    k, row = spec.classes.index(target), found.edits.index(edit)
    before, after = float(found.before[spec.id][k]), float(found.after[spec.id][row, k])
    st.markdown(f"**{words.cell(EDITS[edit].title, spec.title, target, before, after)}**")
    changed = _edited(found, edit)
    films = {BEFORE: (found.film, found.lungs), AFTER: (changed.film, changed.lungs)}
    maps = {side: _map(found, films[side], spec, target, (side, edit)[: 1 + (side == AFTER)]) for side in films}
    sides = (BEFORE, AFTER) if shown == BOTH else (shown,)
    for side, column in zip(sides, st.columns(len(sides), gap="small"), strict=True):
        film, lungs = films[side]
        with column:
            link = "" if changed.motion or shown != BOTH else "lab"
            viewer(
                film, key=f"lab-{side}", overlays=_overlays(maps[side], spec, target), lungs=lungs, pose=pose, link=link
            )
            if why := _no_map(maps[side], target):
                st.caption(why)
    st.caption(f"{EDITS[edit].why} {_compared(maps[BEFORE], maps[AFTER], changed)}")


def _edited(found: Bench, edit: str) -> Edited:
    """The film after the edit, made once: the viewer sends the same film no second time."""
    films = kept.of(found.film)
    if ("edited", edit) not in films:
        films["edited", edit] = found.edited(edit)
    return films["edited", edit]


def _map(found: Bench, shown: Shown, spec: ModelSpec, target: str, which: tuple[str, ...]) -> Map | str:
    """Where the evidence lies on a film of the bench, made once; a sentence where there is no map."""
    maps = kept.of(found.film)
    key = ("map", spec.id, target, which)
    if key not in maps:
        from cxr_models import explain

        try:
            with st.spinner(f"Making the map of {spec.title}"):
                maps[key] = explain.explain(*shown, spec.id, explain.methods_for(spec.id)[0], target)
        except CxrError as error:
            maps[key] = str(error)
    return maps[key]


def _overlays(found: Map | str, spec: ModelSpec, target: str) -> list[Overlay]:
    label = f"{spec.title}: {wording.CLASS_NAMES[target]}"
    return [] if isinstance(found, str) else map_beside.overlays(found, label)


def _no_map(found: Map | str, target: str) -> str:
    """Why nothing is laid on the film; "" where something is."""
    if isinstance(found, str):
        return f"No map: {found}"
    return "" if made.speaks(found) else map_words.nothing(target)


def _compared(before: Map | str, after: Map | str, changed: Edited) -> str:
    """How alike the maps are, the second moved back to the film as it came; "" where one of them is not shown."""
    if isinstance(before, str) or isinstance(after, str) or not (made.speaks(before) and made.speaks(after)):
        return ""
    from cxr_models.explain.checks.agreement import alike

    return words.alike(alike(before, replace(after, values=changed.back(after.values))))
