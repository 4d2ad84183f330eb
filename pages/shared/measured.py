"""What every model was measured to do on films it had never seen: figures, tables and curves."""

from collections.abc import Mapping, Sequence

import streamlit as st

from cxr_models import results, results_page
from cxr_models.manifest import ModelSpec
from cxr_models.results import Comparison, Evaluation, Measure
from cxr_models.types import COVID19
from pages.shared import cached, figures, wording
from pages.shared.choices import one_of
from pages.shared.opened import stated
from pages.shared.palette import CLASS_COLOURS

FIGURES = ("sensitivity", "specificity", "PPV", "F1", "ROC AUC")
READ_AS = (
    "Sensitivity: share of the films with the finding that the model names. Specificity: share of the others that it "
    "spares. PPV: how often it is right when it names it, among these test films, where findings are far more frequent "
    "than in practice. F1 weighs sensitivity and PPV together. ROC AUC: 0.5 is chance. Lines: 95 % intervals."
)
PRINTED_READ_AS = (
    "Printed: on the paper's own films. The paper's way: ours, split by image, so that one patient can stand on both "
    "sides. Its protocol, by group: ours, trained anew on the paper's shares, counts, sources or folds, patients and "
    "copies on one side. Leak-free: the bundled model on the test films. By definition: the specificity behind a "
    "printed one that is a negative predictive value. Empty: not trained yet."
)
PAIRS_READ_AS = (
    "First minus second model, with its 95 % interval over patients. p is not corrected for the number of comparisons."
)


def measured() -> None:
    """The stored test results of every model, whichever film is open."""
    st.header("Measured on test films")
    specs = stated(cached.classifiers)
    stored = {name: found for name in specs if (found := results.evaluation(name)) is not None}
    missing([spec for name, spec in specs.items() if name not in stored])
    if stored:
        all_models(specs, stored)
        pairs(specs)
        one_model(specs, stored)
    printed()


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


def printed() -> None:
    """The papers' own tables with our figures beside them, behind a click."""
    with st.expander("What the papers printed, beside ours"):
        paper = one_of("Paper", results_page.TITLES, "compare-paper")
        for heading, rows in results_page.tables(paper).items():
            st.markdown(f"**{heading}**")
            st.dataframe(rows, hide_index=True)
        st.caption(PRINTED_READ_AS)


def pairs(specs: Mapping[str, ModelSpec]) -> None:
    """Each pair of models on the same films, behind a click; nothing where none was compared."""
    compared = [one for one in results.comparisons() if one.a in specs and one.b in specs]
    if compared:
        with st.expander("Two by two, on the same films"):
            st.dataframe([row for one in compared for row in pair(one, specs)], hide_index=True)
            st.caption(PAIRS_READ_AS)


def pair(one: Comparison, specs: Mapping[str, ModelSpec]) -> list[dict[str, str]]:
    """A row a figure: both values, and the difference with its interval."""
    titles = f"{specs[one.a].title} against {specs[one.b].title}"
    return [
        {
            "Models": titles,
            "Figure": f"{d.name}, {wording.CLASS_NAMES.get(d.about, d.about)}" if d.about else d.name,
            "Values": f"{d.a:.3f}, {d.b:.3f}",
            "Difference": f"{d.value:+.3f} ({d.low:+.3f} to {d.high:+.3f}), n = {one.n}",
            "p": "" if d.p is None else f"{d.test}: {d.p:.2g}",
        }
        for d in one.differences
    ]


def one_model(specs: Mapping[str, ModelSpec], stored: Mapping[str, Evaluation]) -> None:
    titles = {name: specs[name].title for name in stored}
    chosen = one_of("Model", titles, "compare-model")
    measured_on = {found.name: found for found in (stored[chosen], *results.elsewhere(chosen))}
    name = results.TEST
    if len(measured_on) > 1:
        name = one_of("Measured on", {n: n.replace("-", " ") for n in measured_on}, "compare-films", results.TEST)
    charts(measured_on[name], titles[chosen])
    about(measured_on[name])


def charts(found: Evaluation, title: str) -> None:
    """Confusion matrix, ROC and, where it was measured, reliability."""
    drawn = {
        "confusion": (
            f"**What the films are, and what {title} says** (most probable, {found.n} films)",
            figures.confusion,
        ),
        "roc": ("**Sensitivity against false alarms as the threshold moves** (area, 95 % interval)", figures.roc),
    }
    if found.reliability:
        drawn["reliability"] = ("**Are its probabilities shares of films?** (95 % intervals)", figures.reliability)
    for (key, (heading, draw)), column in zip(drawn.items(), st.columns(len(drawn), gap="medium"), strict=True):
        with column:
            st.markdown(heading)
            st.plotly_chart(draw(found), theme=None, config=figures.CONFIG, key=f"compare-{key}")


def about(found: Evaluation) -> None:
    """What a reader of the figures must know."""
    for note in found.notes:
        st.warning(note)
    alone = found.measure("macro-F1", "source alone")
    if alone and found.cramers_v is not None:
        st.info(
            f"How far the collection gives the class away: Cramér's V {found.cramers_v:.2f} (1: wholly). Answering "
            f"from the collection alone, without looking at a film, reaches macro-F1 {cell(alone)}."
        )
    by_collection = [m for m in found.measures if m.about.startswith("collection ")]
    if by_collection:
        with st.expander("By collection: how much the figures hang on where films come from"):
            st.dataframe(
                [{"Collection": m.about.removeprefix("collection "), "Share right": cell(m)} for m in by_collection],
                hide_index=True,
            )
    st.caption(f"{found.n} films: {found.data}. Measured {found.date} with `{found.command}`.")
