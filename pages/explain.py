"""Explain: for one model and one answer, where in the film it comes from and what must be removed to change it."""

import streamlit as st

from cxr_models.errors import CxrError
from cxr_models.manifest import ModelSpec
from cxr_models.types import Map
from pages.shared import cached, figures, frame, jobs, made, map_words, session, wording
from pages.shared.choices import one_of
from pages.shared.opened import Opened, opened
from pages.shared.viewer import Overlay, viewer

PURPOSE = "This page shows which parts of a film a model's answer rests on."
SLOW = "perturbation"
CAUTION = "A map shows what the network used, not where disease is."


def main() -> None:
    frame.page("Explain")
    here = opened(PURPOSE)
    if here is None:
        return
    with here.finding_side:
        take_finished()
        spec = choose_model(here)
        result = None if spec is None else wanted_map(here, spec, *choose_question(here, spec))
    with here.film_side:
        viewer(here.case.film, key="explain", overlays=overlays(result, spec), lungs=here.reading.lungs)
    with here.finding_side:
        if spec is not None and result is not None:
            findings(here, spec, result)


def overlays(result: Map | None, spec: ModelSpec | None) -> list[Overlay]:
    if result is None or spec is None:
        return []
    return [Overlay.of(result, f"{spec.title}: {wording.CLASS_NAMES[result.target]}")]


def choose_model(here: Opened) -> ModelSpec | None:
    """Any model that has read this film; None, with the reason, when the chosen one has not."""
    specs = cached.classifiers()
    if not specs:
        st.info("No model here gives an answer that could be explained. Add one to the manifest, as CONTRIBUTING says.")
        return None
    titles = {name: spec.title for name, spec in specs.items()}
    names = list(specs)
    shown = session.room().shown
    start = names.index(shown) if shown in specs else 0
    chosen = st.selectbox("Model", names, index=start, format_func=titles.__getitem__, key="explain-model")
    if chosen in here.reading.predictions:
        return specs[chosen]
    why = here.reading.failures.get(chosen, "Open it again on Read.")
    st.warning(f"{titles[chosen]} has not read this film. {why}")
    return None


def choose_question(here: Opened, spec: ModelSpec) -> tuple[str, str]:
    """(method, class): what is asked about this model's answer, at first its most probable class."""
    said = here.reading.predictions[spec.id]
    answers = {name: f"{wording.CLASS_NAMES[name]} {said.of(name):.2f}" for name in spec.classes}
    target = one_of("Answer to explain", answers, f"explain-class-{spec.id}-{here.case.sha256[:16]}", said.decided)
    methods = made.methods(spec.id)
    method = st.radio("Question", methods, format_func=map_words.question, key=f"explain-method-{spec.family}")
    return method, target


def wanted_map(here: Opened, spec: ModelSpec, method: str, target: str) -> Map | None:
    """The map asked for: made at once, or in the background when it takes long; None while there is none."""
    if method == SLOW:
        kept = session.kept_map(here.case.sha256, spec.id, method, target)
        if kept is None:
            slow_map(here, spec, target)
        return kept
    try:
        with st.spinner(f"Making the map of {spec.title}"):
            return made.quick_map(here.case.film, here.reading.lungs, spec.id, method, target)
    except CxrError as error:
        st.warning(f"The map of {spec.title} could not be made. {error}")
        return None


def slow_map(here: Opened, spec: ModelSpec, target: str) -> None:
    """A button to begin it or, while a map of this reader is under way, its progress."""
    job = jobs.current()
    if job is not None:
        watch(job)
        return
    st.caption("It takes a minute or more. You can go on reading meanwhile, on this page or another.")
    st.button("Start", key="explain-start", type="primary", on_click=start, args=(here, spec, target))


def start(here: Opened, spec: ModelSpec, target: str) -> None:
    film, lungs = here.case.film, here.reading.lungs
    label = f"{spec.title}, {wording.CLASS_NAMES[target]}, {here.case.name}"
    jobs.start(film.sha256, label, made.slow_map(film, lungs, spec.id, SLOW, target))


@st.fragment(run_every=1.0)
def watch(job: jobs.Job) -> None:
    """Progress of the work under way, drawn each second without touching the rest of the page."""
    if not job.running:
        st.rerun()
    left = job.left()
    time_left = "" if left is None else f" About {max(1, round(left))} s left."
    doing = "Stopping at the next step" if job.stopping else job.doing if job.share > 0 else "Starting"
    st.progress(job.share, text=f"**{job.label}.** {doing}.{'' if job.stopping else time_left}")
    st.button("Cancel", key="explain-cancel", on_click=job.cancel, disabled=job.stopping)


def take_finished() -> None:
    """Move a finished map into the session, or say how the work ended."""
    job = jobs.current()
    if job is None or job.running:
        return
    jobs.drop()
    if job.result is not None:
        session.keep_map(job.sha256, job.result)
    elif job.cancelled:
        st.info(f"Cancelled: {job.label}. Nothing was kept.")
    elif job.error:
        st.error(f"{job.label}: the map could not be made. {job.error}")


def findings(here: Opened, spec: ModelSpec, result: Map) -> None:
    """What the map says in words, the course of a perturbation, and the method one click below."""
    answer = wording.CLASS_NAMES[result.target]
    if map_words.changes_answer(result):
        st.markdown(f"{map_words.inside(result, here.reading.lungs, spec.input.region == 'lungs')} {CAUTION}")
    if result.method == SLOW:
        st.markdown(f"**{map_words.probabilities(result, answer)}**")
        course(here, spec, result)
    with st.expander("Method and paper"):
        about = map_words.METHODS.get(result.method)
        st.markdown(f"**{made.method_name(spec.id, result.method).capitalize()}.** {about.how if about else ''}")
        st.caption(f"{about.paper if about else ''} Unit of the map: {result.unit}.")


def course(here: Opened, spec: ModelSpec, result: Map) -> None:
    threshold = spec.thresholds.get(result.target)
    chart = figures.curve(result.extra["probability"], result.target, threshold)
    st.plotly_chart(chart, theme=None, config=figures.CONFIG, key="explain-course")
    st.caption("The film with the marked parts blurred: what is left when the evidence is taken away.")
    viewer(made.without_evidence(here.case.film, result), key="explain-removed", height=380, controls=False)


main()
