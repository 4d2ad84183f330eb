"""Explain: for one model and one answer, where in the film it comes from, and what speaks for believing the map."""

import streamlit as st

from pages.shared import frame, jobs, map_words
from pages.shared.explain import views
from pages.shared.explain.asked import Answer, answer
from pages.shared.explain.choices import ALL, DIFFERENCE, ONE, TWO, Choice, choose
from pages.shared.explain.downloads import downloads
from pages.shared.explain.findings import all_findings, below, findings, style
from pages.shared.explain.removed import removal
from pages.shared.explain.work import advance
from pages.shared.opened import Opened, opened
from pages.shared.viewer import viewer

PURPOSE = "This page shows which parts of a film a model's answer rests on."
VIEWS = {ONE: views.one, TWO: views.two, DIFFERENCE: views.difference, ALL: views.gallery}


def main() -> None:
    frame.page("Explain")
    style()
    here = opened(PURPOSE)
    if here is None:
        return
    jobs.take()
    with here.finding_side:
        choice = choose(here)
    if choice is None:
        with here.film_side:
            viewer(here.case.film, key="explain", lungs=here.reading.lungs)
        return
    answers = made_by_now(here, choice)
    with here.film_side:
        VIEWS[choice.kind](here, answers)
    with here.finding_side:
        advance(answers)
        beside(here, choice.kind, answers)


def made_by_now(here: Opened, choice: Choice) -> list[Answer]:
    """One answer a question; maps that take a moment are made here and now."""
    with here.finding_side, st.spinner("Making the map" if len(choice.asked) == 1 else "Making the maps"):
        return [answer(asked) for asked in choice.asked]


def beside(here: Opened, kind: str, answers: list[Answer]) -> None:
    """What is said of the maps, in the column beside the film."""
    if kind == ALL:
        all_findings(answers)
        return
    for one in answers:
        findings(one, heading(kind, one))
    if kind == ONE and answers[0].shown and answers[0].evidence:
        removal(answers[0].asked, answers[0].shown, answers[0].evidence)
    for one in answers:
        below(one, heading(kind, one))
    downloads(here, kind, answers)


def heading(kind: str, one: Answer) -> str:
    """What tells two maps apart: their answers, or their models and questions; nothing where there is one."""
    both = f"{one.asked.title}. {map_words.question(one.asked.method)}"
    return {ONE: "", TWO: both}.get(kind, one.asked.title)


main()
