"""Teach: a lesson to click through with a class, a shortcut to grow before its eyes, and a quiz."""

from pathlib import Path

import streamlit as st

from cxr_models.errors import ManifestError
from cxr_models.shortcuts import lesson
from pages.shared import frame
from pages.shared.choices import one_of
from pages.shared.opened import COLUMNS
from pages.shared.teaching.lesson_view import lesson_view
from pages.shared.teaching.quiz_view import quiz_view

LESSON, GROW, QUIZ = "lesson", "grow", "quiz"
VIEWS = {LESSON: "Lesson", GROW: "Grow a shortcut", QUIZ: "Quiz"}
STYLE = (Path(__file__).parent / "shared" / "teaching" / "teaching.css").read_text(encoding="utf-8")


def main() -> None:
    frame.page("Teach")
    st.html(f"<style>{STYLE}</style>")
    film_side, side = st.columns(COLUMNS, gap="small")
    with side, st.container(key="teach-view"):
        view = one_of("What to teach", VIEWS, "teach-view-choice")
    if view == GROW:
        from pages.shared.grow import grow_view

        grow_view()
        return
    try:
        content = lesson.read()
    except ManifestError as error:
        st.error(f"The lesson cannot be read. {error}")
        return
    if view == LESSON:
        lesson_view(content, film_side, side)
    else:
        quiz_view(content.quiz, film_side, side)


main()
