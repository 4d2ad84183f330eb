"""Read: a film goes in; the gate, the lungs and every model's answer stand beside it."""

import streamlit as st

from cxr_models.errors import CxrError
from cxr_models.manifest import ModelSpec
from cxr_models.types import Reading
from pages.shared import cached, frame, made, map_beside, panel, reader_first, session, wording
from pages.shared.intake import failures, header_panel, intake
from pages.shared.read_film import read
from pages.shared.tray import case_bar
from pages.shared.viewer import Overlay, viewer

GATE_MARKS = {"ok": "✓", "warned": "!", "refused": "✕"}
NEXT_STEP = "Open a frontal chest film (PA or AP), upright, not inverted, with both lungs whole."


def main() -> None:
    frame.page("Read")
    film_side, finding_side = st.columns([5, 2.9], gap="small")
    with finding_side:
        if session.current() is None:
            with st.container(border=True):
                intake()
        case = case_bar(intake)
        failures()
        reader_first.switch()
    if case is None:
        with film_side:
            frame.empty("No film is open", "Drop chest films at the right, or take a phantom to look round.")
        return
    with film_side:
        film_slot = st.container()
    if reader_first.waiting():
        with film_slot:
            viewer(case.film, key="read")
        with finding_side:
            reader_first.first_reading(case)
        return
    if case.reading is None:
        with film_slot:
            viewer(case.film, key="read")
        with finding_side:
            read(case)
        return
    with finding_side:
        reader_first.your_reading(case)
        overlays = findings(case, case.reading)
    with film_slot:
        viewer(case.film, key="read", overlays=overlays, lungs=None if unread(case.reading) else case.reading.lungs)


def findings(case: session.Case, reading: Reading) -> list[Overlay]:
    """The column beside the film. Returns the map to lay on the film, if one was asked for."""
    gate(reading)
    if unread(reading):
        refused(case)
        overlays = []
    else:
        overlays = answers(case, reading)
        if reading.lungs is not None:
            st.caption(wording.area(reading.lungs, case.film))
    for note in case.film.notes:
        st.caption(f"On opening: {note}.")
    measurements(reading)
    header_panel(case)
    return overlays


def unread(reading: Reading) -> bool:
    """The gate refused the film: what the UNet marks on it is not to be called lungs."""
    return reading.verdict.status == "refused" and not reading.predictions


def gate(reading: Reading) -> None:
    status = reading.verdict.status
    st.html(f'<p class="gate {status}"><b>{GATE_MARKS[status]}</b> {wording.gate(reading)}</p>')


def measurements(reading: Reading) -> None:
    with st.expander("What the gate measured"):
        for reason in reading.verdict.reasons:
            st.markdown(f"{reason.sentence} Measured {reason.value:.3g}, limit {reason.limit:.3g}.")
        measured = reading.verdict.measured.items()
        st.caption("  \n".join(f"{wording.measured(name)}: {value:.3g}" for name, value in measured))


def refused(case: session.Case) -> None:
    st.markdown(f"**No model has read this film.** {NEXT_STEP}")
    if st.button("Read it all the same, knowing the gate refused", key="force"):
        read(case, force=True)


def answers(case: session.Case, reading: Reading) -> list[Overlay]:
    """One sentence on agreement, then a row a model; a click on a row lays that model's map on the film."""
    specs = cached.classifiers()
    panel.headline(reading, specs)
    shown, below = session.room().shown, None
    for spec in specs.values():
        model_row(spec, reading)
        if spec.id == shown:
            below = st.container(gap="xxsmall")
    if below is None or shown not in reading.predictions:
        return []
    with below:
        return model_map(case, reading, specs[shown])


def model_row(spec: ModelSpec, reading: Reading) -> None:
    prediction = reading.predictions.get(spec.id)
    if prediction is None:
        st.html(panel.failed_row(spec, reading))
        return
    shown = session.room().shown == spec.id
    with st.container(key=f"row-{spec.id}", gap=None):
        st.html(panel.row(spec, prediction, shown))
        label = f"{'Take the map of' if shown else 'Show the map of'} {spec.title} {'off' if shown else 'on'} the film"
        st.button(label, key=f"map-{spec.id}", on_click=session.show, args=(None if shown else spec.id,))


def model_map(case: session.Case, reading: Reading, spec: ModelSpec) -> list[Overlay]:
    """Where in the film the model's answer comes from, made once a film, after drawing what is to be said of it; empty,
    with the reason, if it cannot be made or holds nothing."""
    target = reading.predictions[spec.id].answer
    try:
        with st.spinner(f"Making the map of {spec.title}"):
            result = made.answer_map(case.film, reading.lungs, spec.id, target)
    except CxrError as error:
        st.warning(f"The map of {spec.title} could not be made. {error}")
        return []
    map_beside.beside(result, spec, reading.lungs)
    return map_beside.overlays(result, f"{spec.title}: {wording.CLASS_NAMES[target]}")


main()
