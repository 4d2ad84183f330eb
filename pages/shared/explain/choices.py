"""What a reader may ask on the page Explain: of which model, which answer, which question, seen how."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from cxr_models.manifest import ModelSpec
from cxr_models.types import COVID19
from pages.shared import cached, made, map_words, session, wording
from pages.shared.choices import one_of
from pages.shared.explain.asked import Asked
from pages.shared.opened import Opened, stated

ONE, TWO, DIFFERENCE, ALL = "one", "two", "difference", "all"
VIEWS = {ONE: "One map", TWO: "Two maps", DIFFERENCE: "Two answers", ALL: "All models"}
OWN = "own"
ANSWERS_OF_ALL = {OWN: "each model's own answer", COVID19: "COVID-19, by every model"}
NO_MODELS = "No model here gives an answer that could be explained. Add one to the manifest, as CONTRIBUTING says."
SAME = "Both are the same map: choose another model or another question for the second."

Specs = Mapping[str, ModelSpec]


class Choice(NamedTuple):
    """kind: a key of ``VIEWS``. asked: one question, two, or one a model."""

    kind: str
    asked: tuple[Asked, ...]


def choose(here: Opened) -> Choice | None:
    """Draw the choices; None after saying why nothing can be asked so."""
    specs = stated(cached.classifiers)
    if not specs:
        st.info(NO_MODELS)
        return None
    kind = one_of("Show", VIEWS, "explain-view")
    if kind == ALL:
        return Choice(ALL, _of_all(here, specs))
    first = _of_one(here, specs)
    second = _second(here, specs, first, kind) if first else None
    if first is None or (second is None and kind != ONE):
        return None
    if second is None:
        return Choice(ONE, (first,))
    if first.ticket("") == second.ticket(""):
        st.info(SAME)
        return Choice(ONE, (first,))
    return Choice(kind, (first, second))


def _of_one(here: Opened, specs: Specs) -> Asked | None:
    shown = session.room().shown
    start = list(specs).index(shown) if shown is not None and shown in specs else 0
    spec = _model(here, specs, "Model", "explain-model", start)
    if spec is None:
        return None
    said = here.reading.predictions[spec.id]
    target = _answer(here, spec, "Answer to explain", said.answer)
    method = _method(spec, _question(specs, "Question", "explain-question"))
    return Asked(here.case, here.reading.lungs, spec, method, target) if method else None


def _second(here: Opened, specs: Specs, first: Asked, kind: str) -> Asked | None:
    if kind == DIFFERENCE:
        others = [name for name in first.spec.classes if name != first.target]
        target = _answer(here, first.spec, "Less the map of", others[0], others)
        return Asked(first.case, first.lungs, first.spec, first.method, target)
    if kind == TWO:
        return _beside(here, specs, first)
    return None


def _beside(here: Opened, specs: Specs, first: Asked) -> Asked | None:
    """The map to lay beside the first: of any model, by any method, of the same answer where the model gives it."""
    spec = _model(here, specs, "Beside it", "explain-model-2", list(specs).index(first.spec.id))
    if spec is None:
        return None
    method = _method(spec, _question(specs, "Question of the second", "explain-question-2", 1))
    target = first.target if first.target in spec.classes else here.reading.predictions[spec.id].answer
    return Asked(here.case, here.reading.lungs, spec, method, target) if method else None


def _of_all(here: Opened, specs: Specs) -> tuple[Asked, ...]:
    """One question of every model that has read the film and to which it applies; the others are named."""
    target = one_of("Answer to explain", ANSWERS_OF_ALL, "explain-class-all")
    question = _question(specs, "Question", "explain-question")
    asked: list[Asked] = []
    left_out: list[str] = []
    for spec in specs.values():
        said, method = here.reading.predictions.get(spec.id), _answering(spec, question)
        if said is None or method is None or len(asked) == session.MAPS_KEPT:
            left_out.append(spec.title)
            continue
        asked.append(Asked(here.case, here.reading.lungs, spec, method, said.answer if target == OWN else target))
    if left_out:
        st.caption(f"Not shown, as they have not read the film or have no such map: {wording.listed(left_out)}.")
    return tuple(asked)


def _model(here: Opened, specs: Specs, label: str, key: str, start: int) -> ModelSpec | None:
    """Any model that has read this film; None, with the reason, when the chosen one has not."""
    chosen = st.selectbox(label, list(specs), index=start, format_func=lambda name: specs[name].title, key=key)
    if chosen in here.reading.predictions:
        return specs[chosen]
    why = here.reading.failures.get(chosen, "Open it again on Read.")
    st.warning(f"{specs[chosen].title} has not read this film. {why}")
    return None


def _answer(here: Opened, spec: ModelSpec, label: str, first: str, among: list[str] | None = None) -> str:
    said = here.reading.predictions[spec.id]
    answers = {name: f"{wording.CLASS_NAMES[name]} {said.of(name):.2f}" for name in among or spec.classes}
    return one_of(label, answers, f"explain-class-{'-'.join([spec.id, *answers])}-{here.case.sha256[:16]}", first)


def _question(specs: Specs, label: str, key: str, start: int = 0) -> str:
    """One of the questions that the methods of any model answer; it stays when the model changes."""
    questions = dict.fromkeys(map_words.question(method) for name in specs for method in made.methods(name))
    return st.selectbox(label, list(questions), index=min(start, len(questions) - 1), key=key)


def _answering(spec: ModelSpec, question: str) -> str | None:
    """The model's own method for this question: exact for some models, a summary for others."""
    return next((method for method in made.methods(spec.id) if map_words.question(method) == question), None)


def _method(spec: ModelSpec, question: str) -> str | None:
    method = _answering(spec, question)
    if method is None:
        st.info(f"{spec.title} has no map for this question. Choose another question, or another model.")
    return method
