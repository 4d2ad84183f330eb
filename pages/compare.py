"""Compare: every model on this film, and what every model was measured to do on films it had never seen."""

import html
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from cxr_models.errors import CxrError
from cxr_models.manifest import ModelSpec
from cxr_models.types import COVID19, Map, Prediction
from pages.shared import cached, frame, made, map_beside, map_words, measured, panel, reader_first, wording
from pages.shared.choices import one_of
from pages.shared.opened import Opened, opened
from pages.shared.viewer import viewer

PURPOSE = "This page lays every model's answer and map on one film side by side."
OWN = "own"
MAPS_OF = {OWN: "each model's own answer", COVID19: "COVID-19, by every model"}
PER_ROW = 3
NOT_CHECKED = "Maps that are not checked: see Explain"


def main() -> None:
    frame.page("Compare")
    here = opened(PURPOSE)
    if here is not None:
        this_film(here)
    if not reader_first.waiting():
        measured.measured()


def this_film(here: Opened) -> None:
    specs = cached.classifiers()
    with here.film_side:
        viewer(here.case.film, key="compare", lungs=here.reading.lungs)
    with here.finding_side:
        answers(here, specs)
    gallery(here, specs)


def answers(here: Opened, specs: Mapping[str, ModelSpec]) -> None:
    """One sentence on agreement, then a row a model, all bars on one scale with the threshold as a tick."""
    panel.headline(here.reading, specs)
    for name, spec in specs.items():
        if name in here.reading.predictions:
            st.html(panel.row(spec, here.reading.predictions[name], shown=False))
        else:
            st.html(panel.failed_row(spec, here.reading))


def gallery(here: Opened, specs: Mapping[str, ModelSpec]) -> None:
    """Every model's map on the same film, side by side."""
    st.subheader("Where each answer comes from")
    asked = one_of("Maps of", MAPS_OF, "compare-maps")
    readers = [spec for name, spec in specs.items() if name in here.reading.predictions]
    maps: dict[str, Map] = {}
    for start in range(0, len(readers), PER_ROW):
        for column, spec in zip(st.columns(PER_ROW, gap="small"), readers[start : start + PER_ROW], strict=False):
            with column:
                found = one_map(here, spec, here.reading.predictions[spec.id], asked)
            if found is not None:
                maps[spec.title] = found
    st.caption(map_words.side_by_side({title: one for title, one in maps.items() if made.speaks(one)}))
    if any(made.evidence(one) is None for one in maps.values()):
        map_beside.to_explain(NOT_CHECKED)


def one_map(here: Opened, spec: ModelSpec, said: Prediction, asked: str) -> Map | None:
    """A model's map on a small film, with its badge; None, with the reason, where it could not be made."""
    target = said.answer if asked == OWN else asked
    answer = f"{wording.CLASS_NAMES[target]} {said.of(target):.2f}"
    try:
        with st.spinner(f"Making the map of {spec.title}"):
            result = made.answer_map(here.case.film, here.reading.lungs, spec.id, target)
    except CxrError as error:
        st.warning(f"The map of {spec.title} could not be made. {error}")
        return None
    st.html(heading(here, spec, answer, result))
    laid = map_beside.overlays(result, wording.CLASS_NAMES[target])
    overlays = [replace(overlay, unit="") for overlay in laid]  # in words below the gallery
    viewer(here.case.film, key=f"map-{spec.id}", overlays=overlays, lungs=here.reading.lungs, controls=False)
    return result


def heading(here: Opened, spec: ModelSpec, answer: str, result: Map) -> str:
    """HTML: whose map, its badge, and how much of it lies in the lungs, or why there is none."""
    verdict = map_beside.verdict_here(result)
    share = map_words.in_lungs(result, here.reading.lungs, spec.input.region == "lungs")
    about = share if made.speaks(result) else map_words.nothing(result.target)
    badge = f'<span class="{verdict.status}">{verdict.mark} {verdict.short}</span>'
    return f'<p class="small whole"><b>{html.escape(spec.title)}</b> {answer} · {badge}<br>{about}</p>'


main()
