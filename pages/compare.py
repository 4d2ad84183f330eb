"""Compare: every model on this film, and what every model was measured to do on films it had never seen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from cxr_models.errors import CxrError
from cxr_models.manifest import ModelSpec
from cxr_models.results import Evaluation, Measure, evaluation
from cxr_models.types import COVID19, Map, Prediction
from pages.shared import cached, figures, frame, made, panel, wording
from pages.shared.choices import one_of
from pages.shared.opened import Opened, opened, stated
from pages.shared.palette import CLASS_COLOURS
from pages.shared.viewer import Overlay, viewer

PURPOSE = "This page lays every model's answer and map on one film side by side."
FIGURES = ("sensitivity", "specificity", "PPV", "F1", "ROC AUC")
OWN = "own"
MAPS_OF = {OWN: "each model's own answer", COVID19: "COVID-19, by every model"}
PER_ROW = 3
READ_AS = (
    "Sensitivity: share of the films with the finding that the model names. Specificity: share of the others that it "
    "spares. PPV: how often it is right when it names it, among these test films, where findings are far more frequent "
    "than in practice. F1 weighs sensitivity and PPV together. ROC AUC: 0.5 is chance. Lines: 95 % intervals."
)


def main() -> None:
    frame.page("Compare")
    here = opened(PURPOSE)
    if here is not None:
        this_film(here)
    measured()


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
            result = made.quick_map(here.case.film, here.reading.lungs, spec.id, "cam", target)
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


def measured() -> None:
    """The stored test results of every model, whichever film is open."""
    st.header("Measured on test films")
    specs = stated(cached.classifiers)
    stored = {name: found for name in specs if (found := evaluation(name)) is not None}
    missing([spec for name, spec in specs.items() if name not in stored])
    if stored:
        all_models(specs, stored)
        one_model(specs, stored)


def missing(unmeasured: Sequence[ModelSpec]) -> None:
    if unmeasured:
        titles = wording.listed([spec.title for spec in unmeasured])
        st.info(f"No test results are stored for {titles}. Measure them with")
        st.code("\n".join(f"python -m cxr_models evaluate {spec.id}" for spec in unmeasured), language=None)


def all_models(specs: Mapping[str, ModelSpec], stored: Mapping[str, Evaluation]) -> None:
    names = dict.fromkeys(name for found in stored.values() for name in found.classes)
    finding = one_of("Finding", {name: wording.CLASS_NAMES[name] for name in names}, "compare-finding", COVID19)
    rows = {
        specs[name].title: [m for m in found.measures if m.about == finding and m.name in FIGURES]
        for name, found in stored.items()
        if finding in found.classes
    }
    chart = figures.whiskers(rows, FIGURES, CLASS_COLOURS[finding])
    st.plotly_chart(chart, theme=None, config=figures.CONFIG, key="compare-whiskers")
    st.caption(READ_AS)
    with st.expander("The same figures as a table"):
        st.dataframe(table(rows), hide_index=True)


def table(rows: Mapping[str, list[Measure]]) -> list[dict[str, str]]:
    """A row a model; value, 95 % interval and number of films in each cell."""
    return [{"Model": title} | {m.name: cell(m) for m in measures} for title, measures in rows.items()]


def cell(m: Measure) -> str:
    return f"{m.value:.3f} ({m.low:.3f} to {m.high:.3f}), n = {m.n}"


def one_model(specs: Mapping[str, ModelSpec], stored: Mapping[str, Evaluation]) -> None:
    titles = {name: specs[name].title for name in stored}
    chosen = one_of("Model", titles, "compare-model")
    found = stored[chosen]
    counts, curves = st.columns(2, gap="medium")
    with counts:
        st.markdown(f"**What the films are, and what {titles[chosen]} says** (most probable answer, {found.n} films)")
        st.plotly_chart(figures.confusion(found), theme=None, config=figures.CONFIG, key="compare-confusion")
    with curves:
        st.markdown("**Sensitivity against false alarms as the threshold moves** (area under the curve, 95 % interval)")
        st.plotly_chart(figures.roc(found), theme=None, config=figures.CONFIG, key="compare-roc")
    about(found)


def about(found: Evaluation) -> None:
    """What a reader of the figures must know."""
    for note in found.notes:
        st.warning(note)
    by_collection = [m for m in found.measures if m.about.startswith("collection ")]
    if by_collection:
        with st.expander("By collection: how much the figures hang on where films come from"):
            st.dataframe(
                [{"Collection": m.about.removeprefix("collection "), "Share right": cell(m)} for m in by_collection],
                hide_index=True,
            )
    st.caption(f"{found.n} films: {found.data}. Measured {found.date} with `{found.command}`.")


main()
