"""The page's parts, one a question: what follows what, in sentences first."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

import streamlit as st

from cxr_models.audits import CHANGE, FLIPS, LUNGS_MARK, PUBLISHED_ON, Audit, drawn, findings, readable, report, rows
from pages.shared import figures
from pages.shared.audits import charts
from pages.shared.choices import one_of

STYLE = Path(__file__).with_name("audits.css")
NO_TWINS = (
    "**No network was audited both ways yet.** Train one family on whole films and on the lungs alone, the second under"
    f" the first one's name with “{LUNGS_MARK}” in it, and audit both:"
)


def in_words(found: Audit) -> None:
    """What the figures say, before any figure."""
    reads = "the lungs alone" if found.region == "lungs" else "the whole film"
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in findings.said(found))
    st.html(f'<ul class="said">{items}</ul>')
    st.caption(f"{found.title} reads {reads}. {found.n} test films were changed, {found.probed} probed; {found.date}.")


def shown(found: Audit) -> None:
    """Macro-F1 of what is left of a film, and what the features name, side by side."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("How well it classifies what is left of a film")
        chart = charts.bars(rows.scores(found), report.BESIDE)
        st.plotly_chart(chart, theme=None, config=figures.CONFIG, key="audit-scores")
        st.caption(f"{report.READ_AS['shown']} {PUBLISHED_ON}")
    with right:
        st.subheader("What its features give away")
        chart = charts.bars(rows.named(found), "chance")
        st.plotly_chart(chart, theme=None, config=figures.CONFIG, key="audit-probes")
        st.caption(" ".join([report.READ_AS["probes"], *rows.unasked(found)]))


def collections(found: Audit) -> None:
    """The matrix, with what stands against its empty cells."""
    st.subheader("Learned in one collection, asked in another")
    st.html(f'<div class="audit">{drawn.matrix(found.matrix)}</div>')
    st.markdown(f"**{rows.association(found)}**")
    st.caption(" ".join([report.READ_AS["matrix"], *rows.reasons(found)]))


def changes(audits: Mapping[str, Audit]) -> None:
    """The heat map of all models: edits above the line, marks below it."""
    found = list(audits.values())
    st.subheader("What changes the answer")
    about = readable(found[0].classes[0])
    names = {FLIPS: "films with another answer", CHANGE: f"mean change of the probability of {about}"}
    name = one_of("Show", names, "audit-changes")
    st.plotly_chart(charts.changes(found, name), theme=None, config=figures.CONFIG, key="audit-heat")
    st.caption(f"Below the line: marks that were added. {report.READ_AS['changes']} Point at a cell for its interval.")


def twins(audits: Mapping[str, Audit]) -> None:
    """The same family trained on whole films and on the lungs alone; how to get there where there is none."""
    st.subheader("With or without lungs: does training on the lungs alone help?")
    if pairs := rows.pairs(list(audits.values())):
        st.html(f'<div class="audit">{drawn.side_by_side(pairs)}</div>')
        st.caption(f"{report.READ_AS['probes']} The matrix's two means stand in the last rows; 0.50 is chance there.")
    else:
        st.info(NO_TWINS)
        st.code(f"python -m cxr_models audit --models resnet18-short,resnet18{LUNGS_MARK}-short", language=None)


def handout(found: Audit, audits: Mapping[str, Audit]) -> None:
    """The report, of this model or of all, and how it was measured."""
    one, every, _ = st.columns([1, 1, 2])
    one.download_button(
        f"Report on {found.title} (HTML)", lambda: report.page([found]), f"audit-{found.model_id}.html",
        "text/html", width="stretch", key="audit-report",
    )  # fmt: skip
    every.download_button(
        "Report on all models (HTML)", lambda: report.page(list(audits.values())), "audit.html",
        "text/html", width="stretch", key="audit-report-all",
    )  # fmt: skip
    with st.expander("How this was measured"):
        st.markdown("\n".join(f"- {note}" for note in (*found.notes, f"Films: {rows.films(found)}.")))
        st.code(found.command, language=None)
