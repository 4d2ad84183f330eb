"""The lesson: a film, a question to the class, and the answer when it is asked for; one step a screen."""

import html
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cxr_models.errors import CxrError
from cxr_models.shortcuts import EDITS
from cxr_models.shortcuts.lesson import Lesson, Step, filled
from cxr_models.types import Film
from pages.shared import cached, made, map_beside, map_words, wording
from pages.shared.choices import one_of
from pages.shared.teaching import rows, scenes, words
from pages.shared.teaching.scenes import Scene
from pages.shared.viewer import Overlay, viewer
from pages.shared.waiting import progress

KEY, FILM = "teach_at", "teach"
CHANGED, PLAIN = "changed", "plain"
STRENGTHS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
PHANTOM = "Phantom made by code: nobody’s film, and no evidence of how well a model reads real ones."
OWN = "The film you have open on Read."
PAGES = {"read": "Read", "explain": "Explain", "compare": "Compare", "shortcuts": "Shortcuts", "audit": "Audit",
         "models": "Models"}  # fmt: skip


@dataclass(frozen=True)
class At:
    """Where the class is: the step, from 0 on, and the steps whose answer has been shown."""

    step: int = 0
    answered: frozenset[int] = frozenset()


def lesson_view(lesson: Lesson, film_side: DeltaGenerator, side: DeltaGenerator) -> None:
    """Draw the step the class is at; its film is shown while the rest is computed."""
    at = _at()
    number = min(at.step, len(lesson.steps) - 1)
    step, told = lesson.steps[number], number in at.answered
    with side:
        bar(lesson, number)
        st.html(f'<h2 class="teach">{html.escape(step.title)}</h2>')
        with st.container(key="teach-text"):
            st.markdown(step.text)
        shown = computed(step, film_side)
        now = shown and live(step, shown, number, film_side)
        film = draw_beside(step, now, told, number) if now else None
        with st.container(key="teach-question"):
            st.markdown(step.question)
        if shown:
            answer(step, shown, told, number)
        st.caption(PHANTOM if scenes.picture(step).kind == "phantom" else OWN)
    if shown and film:
        with film_side:
            lungs = shown.lungs if told and step.beside == "map" else None
            viewer(film, key=FILM, overlays=overlays(step, shown) if told else [], lungs=lungs)
            if told and step.beside == "map" and shown.map is not None and not made.speaks(shown.map):
                st.caption(map_words.nothing(step.probability_of))


def bar(lesson: Lesson, number: int) -> None:
    """Back, where the class is and how the time stands, next."""
    count = len(lesson.steps)
    gone = sum(step.minutes for step in lesson.steps[:number])
    back, middle, forth = st.columns([1, 1.4, 1], vertical_alignment="center")
    back.button("Back", key="teach-back", shortcut="Left", width="stretch", disabled=number == 0,
                on_click=go, args=(number - 1,))  # fmt: skip
    time = f"minute {gone:.0f} of about {lesson.minutes:.0f}"
    middle.html(f'<p class="step"><b>Step {number + 1} of {count}</b>{time}</p>')
    forth.button("Next", key="teach-next", shortcut="Right", width="stretch", disabled=number == count - 1,
                 on_click=go, args=(number + 1,))  # fmt: skip


def go(number: int) -> None:
    st.session_state[KEY] = replace(_at(), step=number)


def show_answer(number: int) -> None:
    st.session_state[KEY] = replace(_at(), answered=_at().answered | {number})


def _at() -> At:
    return st.session_state.get(KEY, At())


def computed(step: Step, film_side: DeltaGenerator) -> Scene | None:
    """What the step shows; None after drawing why there is nothing, beside the film as it is."""
    if scenes.ready(step):
        return scenes.scene(step)
    with film_side:
        viewer(scenes.at_once(step), key=FILM)
    try:
        with progress("Waking the models, the first time only") as report:
            scenes.scene(step, report)
    except CxrError as error:
        st.error(f"This step cannot be shown. {error}")
        return None
    st.rerun()


def live(step: Step, shown: Scene, number: int, film_side: DeltaGenerator) -> Scene | None:
    """The scene with the mark where, and as strong as, the teacher puts it, in the steps that are about that."""
    if step.beside != "places" or step.mark is None:
        return shown
    own = words.area(step.mark.row, step.mark.column)
    where_side, share_side = st.columns([1, 1.2], gap="medium")
    where = where_side.selectbox(
        "Where", range(9), own, format_func=lambda at: words.AREAS[at].capitalize(), key=f"teach-where-{number}"
    )
    share = share_side.select_slider(
        "How strong", STRENGTHS, 1.0, format_func=lambda share: f"{share:.0%}", key=f"teach-strength-{number}"
    )
    if (where, share) == (own, 1.0):
        return shown
    row, column = (step.mark.row, step.mark.column) if where == own else words.middle(where)
    mark = replace(step.mark, row=row, column=column, opacity=share * step.mark.opacity)
    return computed(replace(step, mark=mark, beside="probabilities", answer="moved"), film_side)


def draw_beside(step: Step, now: Scene, told: bool, number: int) -> Film:
    """The models' answers, and which film is asked for: changed, or as it is. Returns that film."""
    if step.beside != "nothing":
        specs = cached.classifiers()
        before = words.of_class(now.before, specs, step.probability_of)
        seen = now.after if told or step.beside == "places" else None
        after = words.of_class(seen, specs, step.probability_of) if seen else None
        st.html(rows.rows(step.probability_of, before, after, specs))
        for name, why in now.before.failures.items():
            st.caption(f"{words.short(specs[name])} has not read this film. {why}")
    if now.changed is None:
        return scenes.picture(step)
    names = {CHANGED: change_name(step), PLAIN: "The film as it is"}
    with st.container(key="teach-shown"):
        asked = one_of("Which film to show", names, f"teach-film-{number}")
    return now.changed if asked == CHANGED else scenes.picture(step)


def change_name(step: Step) -> str:
    """What was done to the film: "With “AP”, lungs erased: black"."""
    names = []
    if step.mark is not None:
        names.append(f"With “{step.mark.text}”" if step.mark.kind == "text" else f"With {step.mark.kind}")
    if step.edit is not None:
        names.append(EDITS[step.edit].title)
    return ", ".join(names)


def answer(step: Step, shown: Scene, told: bool, number: int) -> None:
    """The button that shows the answer, or the answer with its figures, and where to go on."""
    if not told:
        st.button("Show the answer", key=f"teach-answer-{number}", type="primary", shortcut="A",
                  on_click=show_answer, args=(number,))  # fmt: skip
        return
    with st.container(key="teach-answer"):
        st.markdown(filled(step.answer, words.figures(step, shown, cached.classifiers())))
    if step.published:
        st.html(rows.published(step.published, step.source))
    if step.page and st.button(f"Go on to {PAGES[step.page]}", key=f"teach-page-{number}"):
        st.switch_page(f"pages/{step.page}.py")


def overlays(step: Step, shown: Scene) -> list[Overlay]:
    """The map of the step's model, or of the places where its mark moves that model."""
    if shown.map is None:
        return []
    name, about = words.short(cached.classifiers()[step.model]), wording.CLASS_NAMES[step.probability_of]
    if step.beside == "map":
        return map_beside.overlays(shown.map, f"{name}: {about}")
    return [Overlay.of(shown.map, f"{name}: change of {about}")]
