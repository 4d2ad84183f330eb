"""The quiz: one question a screen, the answer explained at once, and the score."""

import html
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cxr_models.errors import CxrError
from cxr_models.shortcuts import EDITS
from cxr_models.shortcuts.lesson import Cheating, Quiz, filled
from cxr_models.types import COVID19, Film
from pages.shared import cached, wording
from pages.shared.choices import one_of
from pages.shared.teaching import questions, rows, scenes, words
from pages.shared.teaching.questions import Phantom, Question, Round, WhereIsIt, WhichModel
from pages.shared.teaching.scenes import Change
from pages.shared.viewer import Box, viewer
from pages.shared.waiting import progress

KEY, FILM = "teach_quiz", "teach"
NAMES = ("Model A", "Model B")
LETTERS = "letters-erased"
PHANTOM = "Phantom made by code: nobody’s film, and no evidence of how well a model reads real ones."


def quiz_view(quiz: Quiz, film_side: DeltaGenerator, side: DeltaGenerator) -> None:
    """Draw the question the reader is at, drawing it by its seed when it comes up."""
    with side:
        now = drawn(quiz, film_side)
        if now is None:
            return
        question = now.questions[-1]
        score = f"{now.score} of {len(now.given)} right so far" if now.given else "no answer yet"
        st.html(f'<p class="step"><b>Question {now.wanted} of {quiz.questions}</b>{score}</p>')
        film = (
            which_model(quiz, question, now) if isinstance(question, WhichModel) else where_is_it(quiz, question, now)
        )
        if not now.waiting:
            further(quiz, now)
        st.caption(PHANTOM)
    with film_side:
        viewer(film, key=FILM, boxes=[] if now.waiting else found(question, film))


def drawn(quiz: Quiz, film_side: DeltaGenerator) -> Round | None:
    """The round with the question the reader is at; None after drawing why there is none."""
    now: Round = st.session_state.setdefault(KEY, Round(0))
    if len(now.questions) == now.wanted:
        return now
    with film_side:
        viewer(film_of(now.questions[-1].phantom) if now.questions else scenes.phantom(0, "normal"), key=FILM)
    try:
        with progress("Looking for a question with one right answer") as report:
            report(0.1, "The models read phantoms")
            following = questions.draw(quiz, now, lambda one: said(quiz.cheating, one), lambda one: film_of(one).pixels)
            report(0.7, "The models read its films")
            prepared(following)
    except CxrError as error:
        st.error(f"No question can be asked. {error}")
        return None
    st.session_state[KEY] = replace(now, questions=(*now.questions, following))
    st.rerun()


def prepared(question: Question) -> None:
    """Have the models read what the question shows, and what its answer tells, so that nobody waits for it."""
    film = film_of(question.phantom)
    scenes.answers(film, scenes.NONE)
    further = Change(edit=LETTERS) if isinstance(question, WhichModel) else Change(question.mark)
    scenes.answers(film, further)


def film_of(one: Phantom) -> Film:
    return scenes.phantom(one.seed, one.finding, one.marker)


def said(kind: Cheating, one: Phantom) -> questions.Said:
    """What every model says of a phantom, and of it without its lungs."""
    film, specs = film_of(one), cached.classifiers()
    before, after = scenes.answers(film, scenes.NONE).said, scenes.answers(film, Change(edit=kind.erased)).said
    return {
        name: dict(zip(specs[name].classes, zip(before[name].tolist(), after[name].tolist(), strict=True), strict=True))
        for name in before
        if name in after
    }


def which_model(quiz: Quiz, question: WhichModel, now: Round) -> Film:
    """Two unnamed models with what they say of three films, and the choice between them. Returns the film to show."""
    film, edits = film_of(question.phantom), {"": "As it is", quiz.cheating.erased: "", LETTERS: ""}
    edits |= {name: EDITS[name].title for name in edits if name}
    disease = wording.CLASS_NAMES[question.about]
    asked(filled(quiz.cheating.question, {"disease": disease}))
    with st.container(key="teach-shown"):
        shown = one_of("Which film to show", edits, f"quiz-film-{now.wanted}-{now.seed}")
    specs = cached.classifiers()
    st.caption(f"Probability of {disease}")
    for at, model in enumerate(question.models):
        name = NAMES[at] if now.waiting else f"{NAMES[at]} is {words.short(specs[model])}"
        values = [(title, of(film, edit, model, question.about)) for edit, title in edits.items()]
        st.html(rows.three(name, values, question.about))
    if now.waiting:
        for at, column in enumerate(st.columns(2)):
            choose(column, NAMES[at], at, now)
    else:
        result(quiz, now, quiz.cheating.explanation, cheating_figures(quiz, question))
    return scenes.changed(film, Change(edit=shown or None))


def where_is_it(quiz: Quiz, question: WhereIsIt, now: Round) -> Film:
    """Nine areas of the film to choose from. Returns the film with its letters."""
    asked(quiz.hidden.question)
    if now.waiting:
        with st.container(key="teach-nine"):
            for row in range(3):
                for at, column in enumerate(st.columns(3, gap="small"), 3 * row):
                    choose(column, words.AREAS[at].capitalize(), at, now)
    else:
        result(quiz, now, quiz.hidden.explanation, hidden_figures(question))
    return scenes.changed(film_of(question.phantom), Change(question.mark))


def asked(text: str) -> None:
    with st.container(key="teach-question"):
        st.markdown(text)


def choose(place: DeltaGenerator, label: str, at: int, now: Round) -> None:
    key = f"quiz-{now.seed}-{now.wanted}-{at}"
    place.button(label, key=key, width="stretch", on_click=give, args=(at,))


def give(answer: int) -> None:
    now = st.session_state[KEY]
    if not now.waiting:
        return  # a second click, sent before the answer to the first was drawn
    st.session_state[KEY] = replace(now, given=(*now.given, answer))


def result(quiz: Quiz, now: Round, explanation: str, figures: dict[str, str]) -> None:
    """Right or wrong, and why, with the models' figures."""
    right = now.given[-1] == now.questions[-1].right
    st.html(f'<p class="result {"right" if right else "wrong"}">{html.escape(quiz.right if right else quiz.wrong)}</p>')
    with st.container(key="teach-answer"):
        st.markdown(filled(explanation, figures))


def further(quiz: Quiz, now: Round) -> None:
    """The next question, or the score at the end and another round by another seed."""
    if now.wanted < quiz.questions:
        st.button("Next question", key="quiz-next", type="primary", shortcut="Right", on_click=keep,
                  args=(replace(now, wanted=now.wanted + 1),))  # fmt: skip
        return
    st.html(f'<p class="result">{now.score} of {quiz.questions} right</p>')
    st.button("Start again with other questions", key="quiz-again", type="primary", on_click=keep,
              args=(Round(now.seed + 1),))  # fmt: skip


def keep(now: Round) -> None:
    st.session_state[KEY] = now


def of(film: Film, edit: str, model: str, about: str) -> float:
    """The model's probability of class ``about`` on the film, after an edit where one is named."""
    specs = cached.classifiers()
    return words.of_class(scenes.answers(film, Change(edit=edit or None)), specs, about)[model]


def cheating_figures(quiz: Quiz, question: WhichModel) -> dict[str, str]:
    """The placeholders of ``lesson.CHEATING`` -> what is put there."""
    film, specs, figures = (
        film_of(question.phantom),
        cached.classifiers(),
        {"disease": wording.CLASS_NAMES[question.about]},
    )
    for who, at in (("cheater", question.right), ("other", 1 - question.right)):
        model = question.models[at]
        figures[who] = words.short(specs[model])
        figures[f"{who}_before"] = words.probability(of(film, "", model, question.about))
        figures[f"{who}_after"] = words.probability(of(film, quiz.cheating.erased, model, question.about))
    return figures


def hidden_figures(question: WhereIsIt) -> dict[str, str]:
    """The placeholders of ``lesson.HIDDEN`` -> what is put there."""
    film, specs = film_of(question.phantom), cached.classifiers()
    before = words.of_class(scenes.answers(film, scenes.NONE), specs, COVID19)
    after = words.of_class(scenes.answers(film, Change(question.mark)), specs, COVID19)
    moved = words.most_and_least(before, after, specs)
    return moved | {"mark": question.mark.text, "place": words.AREAS[question.right]}


def found(question: Question, film: Film) -> list[Box]:
    """A frame round the letters, a little wider than they are."""
    if isinstance(question, WhichModel):
        return []
    top, left, bottom, right = questions.box(film.pixels.shape, question.mark)
    air = 0.01 * film.pixels.shape[0]
    return [Box(question.mark.text, top - air, left - air, bottom + air, right + air)]
