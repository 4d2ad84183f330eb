"""The film with the maps asked for: one large, two side by side, the difference of two answers, or all models."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from cxr_models.types import Map
from pages.shared import map_words, wording
from pages.shared.explain.asked import Answer
from pages.shared.opened import Opened
from pages.shared.viewer import Overlay, viewer

PER_ROW = 3
OWN_SCALES = "Each map has its own scale: compare where, not how strong."
ONE_SCALE = "Both maps are drawn on one scale."
EQUAL_ANSWERS = "This kind of map is the same for every answer: there is no difference to show."


def one(here: Opened, answers: Sequence[Answer]) -> None:
    viewer(here.case.film, key="explain", overlays=overlays(answers), lungs=here.reading.lungs)


def two(here: Opened, answers: Sequence[Answer]) -> None:
    """Both films look at the same place with the same greys."""
    drawn = [overlays([answer]) for answer in answers]
    units = {overlay.unit for found in drawn for overlay in found}
    shared = len(units) == 1 and all(drawn)
    if shared:
        drawn = [[_up_to(max(found[0].high for found in drawn), found[0])] for found in drawn]
    for at, (column, answer) in enumerate(zip(st.columns(2, gap="small"), answers, strict=True)):
        with column:
            question = map_words.question(answer.asked.method)
            st.html(f'<p class="small" title="{question}"><b>{answer.asked.title}</b><br>{question}</p>')
            viewer(
                here.case.film, key=f"explain-{at}", overlays=drawn[at], lungs=here.reading.lungs, link="explain-two"
            )
    if all(drawn):
        st.caption(ONE_SCALE if shared else OWN_SCALES)


def difference(here: Opened, answers: Sequence[Answer]) -> None:
    """The map of one answer less that of another, both of one model by one method; the two themselves to choose."""
    less = [] if (found := less_second(answers)) is None else [Overlay.of(found, difference_title(answers))]
    viewer(here.case.film, key="explain", overlays=[*less, *overlays(answers)], lungs=here.reading.lungs)
    if all(answer.map for answer in answers) and not less:
        st.caption(EQUAL_ANSWERS)


def gallery(here: Opened, answers: Sequence[Answer]) -> None:
    """Every model's map on a small film: its name, what it says, and the badge of the map."""
    for start in range(0, len(answers), PER_ROW):
        for column, answer in zip(st.columns(PER_ROW, gap="small"), answers[start : start + PER_ROW], strict=False):
            with column:
                _small(here, answer)
    st.caption(f"{OWN_SCALES} {map_words.COLOURS} {map_words.CAUTION}")


def _small(here: Opened, answer: Answer) -> None:
    spec, target = answer.asked.spec, answer.asked.target
    verdict = map_words.verdict(answer.evidence, answer.why)
    said = f"{wording.CLASS_NAMES[target]} {here.reading.predictions[spec.id].of(target):.2f}"
    st.html(
        f'<p class="small"><b>{spec.title}</b> {said}<br><span class="{verdict.status}">{verdict.mark} '
        f"{verdict.short}</span></p>"
    )
    drawn = [replace(overlay, unit="", label="") for overlay in overlays([answer])]
    viewer(here.case.film, key=f"explain-{spec.id}", overlays=drawn, lungs=here.reading.lungs, controls=False)


def overlays(answers: Sequence[Answer]) -> list[Overlay]:
    """The maps there are, but for those that hold nothing for their class."""
    return [Overlay.of(answer.shown, answer.asked.title) for answer in answers if answer.shown is not None]


def less_second(answers: Sequence[Answer]) -> Map | None:
    """The first map less the second; None while one is missing, or where they do not differ."""
    first, second = (answer.map for answer in answers)
    if first is None or second is None or np.array_equal(first.values, second.values):
        return None
    return replace(first, values=first.values - second.values, signed=True, exact=False, inside_lungs=None, extra={})


def difference_title(answers: Sequence[Answer]) -> str:
    first, second = (wording.CLASS_NAMES[answer.asked.target] for answer in answers)
    return f"{answers[0].asked.spec.title}: {first} less {second}"


def _up_to(high: float, overlay: Overlay) -> Overlay:
    return replace(overlay, high=high, low=-high if overlay.signed else 0.0)
