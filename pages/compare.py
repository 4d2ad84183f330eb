"""Compare: every model on this film, and what every model was measured to do on films it had never seen."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from cxr_models.errors import CxrError
from cxr_models.manifest import ModelSpec
from cxr_models.types import COVID19, Map, Prediction
from pages.shared import cached, frame, made, measured, panel, reader_first, wording
from pages.shared.choices import one_of
from pages.shared.opened import Opened, opened
from pages.shared.viewer import Overlay, viewer

PURPOSE = "This page lays every model's answer and map on one film side by side."
OWN = "own"
MAPS_OF = {OWN: "each model's own answer", COVID19: "COVID-19, by every model"}
PER_ROW = 3


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
    for start in range(0, len(readers), PER_ROW):
        for column, spec in zip(st.columns(PER_ROW, gap="small"), readers[start : start + PER_ROW], strict=False):
            with column:
                one_map(here, spec, here.reading.predictions[spec.id], asked)
    st.caption("Red speaks for the answer, blue against it. Each map has its own scale: compare where, not how strong. "
               "A map shows what the network used, not where disease is.")  # fmt: skip


def one_map(here: Opened, spec: ModelSpec, said: Prediction, asked: str) -> None:
    target = said.decided if asked == OWN else asked
    answer = f"{wording.CLASS_NAMES[target]} {said.of(target):.2f}"
    try:
        with st.spinner(f"Making the map of {spec.title}"):
            result = made.answer_map(here.case.film, here.reading.lungs, spec.id, target)
    except CxrError as error:
        st.warning(f"The map of {spec.title} could not be made. {error}")
        return
    st.markdown(f"**{spec.title}:** {answer}{in_lungs(result, spec)}")
    overlay = replace(Overlay.of(result, wording.CLASS_NAMES[target]), unit="")  # in words below the gallery
    viewer(here.case.film, key=f"map-{spec.id}", overlays=[overlay], lungs=here.reading.lungs, controls=False)


def in_lungs(result: Map, spec: ModelSpec) -> str:
    if result.inside_lungs is None:
        return ""
    alone = " (it is shown nothing else)" if spec.input.region == "lungs" else ""
    return f" · {result.inside_lungs:.0%} of the evidence in the lungs{alone}"


main()
