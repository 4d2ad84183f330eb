"""The film with the maps asked for: one large, two side by side, the difference of two answers, or all models."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from cxr_models.types import Map
from pages.shared import map_beside, map_words, wording
from pages.shared.explain.asked import Answer
from pages.shared.opened import Opened
from pages.shared.viewer import Overlay, viewer

PER_ROW = 3
ONE_SCALE = "Both maps are drawn on one scale."
EQUAL_ANSWERS = "This kind of map is the same for every answer: there is no difference to show."
PROPORTIONS = "This kind of map holds proportions only: one cannot be taken from another. Look at each under “One map”."
NO_EVIDENCE = "By this method nothing on the film speaks for either answer: there is no difference to show."
NOT_CHECKED = "The difference itself was not checked."
RELATIVE = ("grad_cam", "grad_cam_pp")  # methods whose sizes tell nothing from one model to another
NO_SIZE = ("grad_cam_pp",)  # nor from one answer to another


def one(here: Opened, answers: Sequence[Answer]) -> None:
    viewer(here.case.film, key="explain", overlays=overlays(answers), lungs=here.reading.lungs)


def two(here: Opened, answers: Sequence[Answer]) -> None:
    """Both films look at the same place with the same greys."""
    drawn = [overlays([answer]) for answer in answers]
    shared = one_scale(answers)
    if shared:
        drawn = [[_up_to(max(found[0].high for found in drawn), found[0])] for found in drawn]
    for at, (column, answer) in enumerate(zip(st.columns(2, gap="small"), answers, strict=True)):
        with column:
            question = map_words.question(answer.asked.method)
            st.html(f'<p class="small" title="{question}"><b>{answer.asked.title}</b><br>{question}</p>')
            viewer(
                here.case.film, key=f"explain-{at}", overlays=drawn[at], lungs=here.reading.lungs, link="explain-two"
            )
            if answer.map is not None and not drawn[at]:
                st.caption(map_words.nothing(answer.asked.target))
    if all(drawn):
        st.caption(ONE_SCALE if shared else map_words.OWN_SCALES)


def one_scale(answers: Sequence[Answer]) -> bool:
    """May the maps be compared by size? They must be there, of one unit, and that must mean the same for both."""
    maps = [answer.shown for answer in answers if answer.shown is not None]
    one_model = len({one.model_id for one in maps}) == 1
    relative = any(one.method in RELATIVE for one in maps)
    return len(maps) == len(answers) and len({one.unit for one in maps}) == 1 and (one_model or not relative)


def difference(here: Opened, answers: Sequence[Answer]) -> None:
    """The map of one answer less that of another, both of one model by one method; the two themselves to choose.

    A sentence and the bare film where there is no difference to show.
    """
    why, found = no_difference(answers), less_second(answers)
    less = [] if found is None else [Overlay.of(found, difference_title(answers))]
    parts = [] if why else overlays(answers)
    viewer(here.case.film, key="explain", overlays=[*less, *parts], lungs=here.reading.lungs)
    with here.finding_side:
        if why:
            st.info(why)
        if less:
            st.caption(NOT_CHECKED)


def gallery(here: Opened, answers: Sequence[Answer]) -> None:
    """Every model's map on a small film: its name, what it says, and the badge of the map."""
    for start in range(0, len(answers), PER_ROW):
        for column, answer in zip(st.columns(PER_ROW, gap="small"), answers[start : start + PER_ROW], strict=False):
            with column:
                _small(here, answer)
    drawn = {answer.asked.spec.title: answer.shown for answer in answers if answer.shown is not None}
    st.caption(map_words.side_by_side(drawn))


def _small(here: Opened, answer: Answer) -> None:
    spec, target = answer.asked.spec, answer.asked.target
    verdict = map_words.verdict(answer.evidence, answer.why)
    said = f"{wording.CLASS_NAMES[target]} {here.reading.predictions[spec.id].of(target):.2f}"
    st.html(
        f'<p class="small"><b>{spec.title}</b> {said}<br><span class="{verdict.status}">{verdict.mark} '
        f"{verdict.short}</span></p>"
    )
    drawn = [replace(overlay, unit="", label="") for overlay in overlays([answer])]  # in words below the gallery
    viewer(here.case.film, key=f"explain-{spec.id}", overlays=drawn, lungs=here.reading.lungs, controls=False)


def overlays(answers: Sequence[Answer]) -> list[Overlay]:
    """The maps there are, but for those that hold nothing for their class."""
    maps = [(answer.map, answer.asked.title) for answer in answers if answer.map is not None]
    return [overlay for found, title in maps for overlay in map_beside.overlays(found, title)]


def no_difference(answers: Sequence[Answer]) -> str:
    """Why one map less the other is not shown; "" where it is, or will be."""
    first, second = (answer.map for answer in answers)
    if answers[0].asked.method in NO_SIZE:
        return PROPORTIONS
    if answers[0].asked.method in map_words.FOR_EVERY_CLASS:
        return EQUAL_ANSWERS
    if first is None or second is None:
        return ""
    if not any(answer.shown for answer in answers):
        return NO_EVIDENCE
    return EQUAL_ANSWERS if np.array_equal(first.values, second.values) else ""


def less_second(answers: Sequence[Answer]) -> Map | None:
    """The first map less the second; None while one is missing, or where their difference says nothing."""
    first, second = (answer.map for answer in answers)
    if first is None or second is None or no_difference(answers):
        return None
    return replace(first, values=first.values - second.values, signed=True, exact=False, inside_lungs=None, extra={})


def difference_title(answers: Sequence[Answer]) -> str:
    first, second = (wording.CLASS_NAMES[answer.asked.target] for answer in answers)
    return f"{answers[0].asked.spec.title}: {first} less {second}"


def _up_to(high: float, overlay: Overlay) -> Overlay:
    return replace(overlay, high=high, low=-high if overlay.signed else 0.0)
