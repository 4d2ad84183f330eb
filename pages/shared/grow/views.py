"""What is seen of a growth: films with their maps, lines and finding; live, afterwards, and two side by side."""

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import jobs
from pages.shared.grow import charts, picture, words
from pages.shared.palette import UNSIGNED

if TYPE_CHECKING:
    from cxr_models.shortcuts.grow.exam import Snapshot
    from cxr_models.shortcuts.grow.growth import Growth

TITLES = ("Ill, with the letter", "Healthy, with the letter")
DRAWINGS = "Phantoms are drawings, not patients: this shows how a shortcut is learned, not how often one is."


def live(job: jobs.Job, growth: "Growth") -> None:
    """Progress and what there is so far, anew each second."""
    with st.container(key="grow"):
        _watch(job, growth)


@st.fragment(run_every=1.0)
def _watch(job: jobs.Job, growth: "Growth") -> None:
    if not job.running:
        st.rerun()
    left = job.left()
    time_left = "" if left is None else f" About {max(1, round(left))} s left."
    doing = "Stopping at the next step" if job.stopping else f"{job.doing}.{time_left}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=doing)
        st.button("Cancel", key="grow-cancel", on_click=job.cancel, disabled=job.stopping)
    if growth.snapshots:
        _at(growth, list(growth.snapshots), len(growth.snapshots) - 1)


def finished(growth: "Growth") -> None:
    """The finding, and a slider to go back to any epoch."""
    last = growth.snapshots[-1]
    said = (words.finding(last.right, last.films), words.evidence(last.shares, last.areas))
    st.html(f'<div class="grow finding">{"".join(f"<p>{html.escape(one)}</p>" for one in said)}</div>')
    with st.container(key="grow"):
        _look_back(growth)
    if not growth.settings.index:
        st.caption(DRAWINGS)


@st.fragment
def _look_back(growth: "Growth") -> None:
    at = st.slider("Rounds through the films", 0, growth.epochs, growth.epochs, key=f"grow-at-{id(growth)}")
    _at(growth, growth.snapshots, at)


def _at(growth: "Growth", snapshots: Sequence["Snapshot"], at: int) -> None:
    """One epoch: the ill film large, beside it the lines and the healthy film."""
    large, beside = st.columns([1.02, 1], gap="small")
    with large:
        film(growth, snapshots[at], 0)
        st.html(_key(growth))
    with beside:
        lines = charts.accuracy(growth.epochs, at)
        st.vega_lite_chart(charts.accuracy_rows(snapshots), lines, theme=None, width="stretch")
        small, places = st.columns([1, 1.1], gap="small")
        with small:
            film(growth, snapshots[at], 1)
        with places:
            shares = charts.evidence(growth.epochs, at)
            st.vega_lite_chart(charts.evidence_rows(snapshots), shares, theme=None, width="stretch")


def film(growth: "Growth", snapshot: "Snapshot", which: int) -> None:
    """One of the two films, its map, and what the net says of it."""
    st.html(f'<div class="grow">{_figure(growth, snapshot, which)}</div>')


def _figure(growth: "Growth", snapshot: "Snapshot", which: int) -> str:
    assert growth.examples is not None
    example = growth.examples[which]
    svg = picture.drawn(example, snapshot.maps[which], picture.top(snapshot))
    said = words.answer(example.ill, float(snapshot.answers[which]))
    wrong = ' class="wrong"' if said.startswith("✕") else ""
    return f"<figure>{svg}<figcaption><b>{TITLES[which]}.</b> <span{wrong}>{said}</span></figcaption></figure>"


def _key(growth: "Growth") -> str:
    """What the colours and outlines mean."""
    ramp = f'<i class="ramp" style="background: linear-gradient(to right, {", ".join(UNSIGNED)})"></i>'
    found = f"<span>{ramp}evidence for disease, none to most</span>"
    found += f'<span><i style="border-color: {charts.LETTER}"></i>letter</span>'
    if not growth.settings.index:
        found += f'<span><i class="dashed" style="border-color: {charts.OPACITY}"></i>disease</span>'
    return f'<div class="grow"><p class="key">{found}</p></div>'


def beside(kept: Sequence["Growth"]) -> None:
    """The last two, each with its ill film and its figures."""
    st.markdown("#### Side by side: the last two")
    for column, growth in zip(st.columns(len(kept), gap="small"), kept, strict=True):
        with column:
            st.html(_small(growth))


def _small(growth: "Growth") -> str:
    last = growth.snapshots[-1]
    rows = "".join(
        f"<tr><th>{name}<span>{words.SETS_MEAN[key]}</span></th><td>{last.right[key]} of {last.films}</td></tr>"
        for key, name in words.SET_NAMES.items()
    )
    head = f"<h3>{html.escape(words.title(growth.settings))}</h3>"
    return f'<div class="grow kept">{head}{_figure(growth, last, 0)}<table>{rows}</table></div>'
