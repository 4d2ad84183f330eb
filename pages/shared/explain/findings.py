"""What is said beside a map: its badge with the reasons, where it lies, and what was checked, one click below."""

import html
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from cxr_models.types import Evidence, Map, Zone
from pages.shared import cached, made, map_beside, map_words, wording
from pages.shared.explain.asked import Answer
from pages.shared.explain.work import again

STYLE = (Path(__file__).parent / "explain.css").read_text(encoding="utf-8")
MARKS = {True: "✓", False: "✕", None: "–"}
NO_WEIGHT = "·"
ZONES = (
    "An even map would have as much of itself in a part of the film as the part has of the film's area. The "
    "patient's right is on the left."
)


def style() -> None:
    st.html(f"<style>{STYLE}</style>")


def findings(answer: Answer, heading: str) -> None:
    """The badge and where the map lies. heading: where there are two maps, which one this is about."""
    if heading:
        st.markdown(f"**{heading}**")
    badge(answer)
    usual(answer)
    if answer.shown is not None:
        says(answer, answer.shown)


def badge(answer: Answer) -> None:
    """One plain badge and its reasons, or why there is no map, with a way to try again."""
    if answer.map is not None:
        verdict = map_words.verdict(answer.evidence, answer.why)
        reasons = map_words.reasons(answer.evidence, answer.asked.target) if answer.evidence else []
        st.html(map_beside.badge(verdict, " ".join(reasons)))
    again(answer)


def usual(answer: Answer) -> None:
    """How often such maps pass, beside the badge of this one; nothing where that was not measured."""
    spec, evidence = answer.asked.spec, answer.evidence
    if evidence and (said := map_words.usual(evidence, answer.asked.method, spec.title, cached.passing(spec.id))):
        st.caption(said)


def all_findings(answers: Sequence[Answer]) -> None:
    """Of all models: what failed, and the reasons of the badges one click below."""
    for answer in answers:
        again(answer)
    with st.expander("The badges and their reasons", key="explain-reasons"):
        for answer in answers:
            if answer.evidence is not None:
                verdict = map_words.verdict(answer.evidence, answer.why)
                reasons = " ".join(map_words.reasons(answer.evidence, answer.asked.target))
                st.markdown(f"**{answer.asked.title}.** {verdict.mark} {verdict.words}. {reasons}")


def says(answer: Answer, result: Map) -> None:
    """Where the map lies, in a reader's words, and never more than that."""
    evidence, spec = answer.evidence, answer.asked.spec
    name = wording.CLASS_NAMES[result.target]
    sentences = [
        map_words.rests(evidence, result, spec.title, name) if evidence else "",
        map_words.inside(result, answer.asked.lungs, spec.input.region == "lungs", evidence),
        map_words.probabilities(result, name),
        map_words.CAUTION,
    ]
    text = " ".join(filter(None, sentences))
    st.html(f'<p class="says">{html.escape(text)}</p>')


def below(answer: Answer, heading: str) -> None:
    """Method, checks and zones, each one click below."""
    result, about = answer.map, f" ({heading})" if heading else ""
    if result is None:
        return
    key = f"{result.model_id}-{result.method}-{result.target}"
    if answer.evidence is not None:
        with st.expander(f"What was checked{about}", key=f"explain-checks-{key}"):
            checked(answer.evidence)
        if answer.evidence.zones:
            with st.expander(f"Part by part of the film{about}", key=f"explain-zones-{key}"):
                st.html(table(answer.evidence.zones))
                st.caption(ZONES)
    with st.expander(f"Method and paper{about}", key=f"explain-method-{key}"):
        method = map_words.METHODS[result.method]
        name = made.method_name(result.model_id, result.method)
        st.markdown(f"**{name[0].upper()}{name[1:]}.** {method.how}")
        unit = map_words.unit(result, answer.asked.spec.temperature)
        st.caption(f"{method.paper} Unit of the map: {result.unit}. {unit}")


def checked(evidence: Evidence) -> None:
    """A line a check; one that has no weight in the badge is neither passed nor failed."""
    from cxr_models.explain.checks import badge  # brings torch: the page is shown first

    lines = []
    for check in evidence.checks:
        lines.append(f"{MARKS[check.passed] if check.code in badge.WEIGHED else NO_WEIGHT} {check.sentence}")
        if check.code == "random" and (steps := map_words.cascade(evidence.cascade)):
            lines.append(f"\u2003{steps}")
    st.markdown("  \n".join(lines))
    if agreeing := map_words.agreement(evidence.agreement):
        st.caption(agreeing)


def table(zones: Sequence[Zone]) -> str:
    """HTML: a row a part of the film, the strongest first."""
    rows = "".join(
        f"<tr><td>{html.escape(zone.name)}</td><td>{zone.share:.0%}</td><td>{zone.floor:.0%}</td></tr>"
        for zone in sorted(zones, key=lambda zone: zone.share, reverse=True)
    )
    head = "<tr><th>Part of the film</th><th>of this map</th><th>of an even map</th></tr>"
    return f'<table class="zones">{head}{rows}</table>'
