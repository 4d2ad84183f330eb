"""The lesson's file: what it may say, and how each mistake in it is named."""

import re
from pathlib import Path

import pytest

from cxr_models.errors import ManifestError
from cxr_models.shortcuts import EDITS, lesson
from cxr_models.shortcuts.lesson import Step, filled, placeholders, read
from cxr_models.shortcuts.marks import Mark

STEP = """
[[step]]
title = "One"
film = { phantom = 3 }
question = "Why?"
answer = "It says {before}."
"""
QUIZ = """
[quiz]
questions = 2
right = "Right."
wrong = "Wrong."
[quiz.cheating]
question = "Who sees {disease}?"
explanation = "{cheater}, not {other}."
phantoms = [0, 1]
findings = ["normal"]
erased = "lungs-erased-mean"
sure = 0.5
stays = 0.1
apart = 0.2
[quiz.hidden]
question = "Where?"
explanation = "{mark}: {place}."
phantoms = [2]
findings = ["covid19"]
marks = ["L"]
size = 0.05
opacity = 0.5
contrast = 0.1
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "lesson.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mistake(tmp_path: Path, text: str) -> str:
    with pytest.raises(ManifestError) as error:
        read(written(tmp_path, text))
    return str(error.value)


def test_a_short_lesson_is_read(tmp_path: Path):
    found = read(written(tmp_path, STEP + 'mark = { text = "AP", row = 0.1 }\n' + QUIZ))
    (step,) = found.steps
    assert (step.film.phantom, step.film.finding, step.beside, step.minutes) == (3, "normal", "probabilities", 1.5)
    assert step.mark == Mark("text", "AP", row=0.1)
    assert found.minutes == 1.5
    assert (found.quiz.cheating.apart, found.quiz.hidden.marks) == (0.2, ("L",))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("title", 'name = "One"\nheading'), "step 1.heading: unknown key; the valid ones are title, film"),
        (('question = "Why?"\n', ""), "step 1.question: missing."),
        (('"Why?"', "7"), "step 1.question: 7 is not text."),
        (('"Why?"', '" "'), "step 1.question: must not be empty."),
        (("phantom = 3", 'phantom = "three"'), "step 1.film.phantom: 'three' is not a whole number."),
        (("phantom = 3", 'phantom = 3, finding = "cold"'), "'cold' is not one of normal, covid19, pneumonia."),
        (("[[step]]", '[[step]]\nedit = "covered"'), "step 1.edit: there is no edit 'covered'; there are lungs-only, "),
        (("[[step]]", '[[step]]\nbeside = "graph"'), "'graph' is not one of nothing, probabilities, map, places."),
        (("[[step]]", '[[step]]\nbeside = "places"'), 'step 1.beside: "places" needs a mark that can be moved'),
        (("[[step]]", '[[step]]\nmark = { text = " " }'), "step 1.mark: The mark has no letters: type some."),
        (("[[step]]", "[[step]]\nminutes = 0"), "step 1.minutes: must be more than 0."),
        (("[[step]]", "[[step]]\npublished = [{ label = 'a', value = 85.2 }]"), "value: 85.2 is no share from 0 to 1."),
        (("[[step]]", "[[step]]\npublished = [{ label = 'a', value = 0.8 }]"), "step 1.source: published figures need"),
        (("{before}", "{befor}"), "step 1.answer: {befor} is not known; the valid placeholders are: {model}, "),
        (("{before}", "{after}"), "{after} is not known; the valid placeholders are: {model}, {before}, {models}."),
        (("Why?", "Why {model}?"), "step 1.question: {model} is not known; the valid placeholders are: none here."),
        (("lungs-erased-mean", "no-lungs"), "quiz.cheating: erased: there is no edit 'no-lungs'; there are lungs-only"),
        (("{mark}", "{cheater}"), "quiz.hidden: explanation: {cheater} is not known; "),
        (("questions = 2", "questions = 0"), "quiz.questions: 0 is no number from 1 to 20."),
        (("marks = [", "marks = [3, "), "quiz.hidden.marks[0]: 3 is not text."),
        (("[quiz]", "[queries]\n[quiz]"), "queries: unknown; the file holds [[step]] tables and [quiz]."),
        (("[[step]]", "[[step]"), "is not valid TOML"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_step_field_and_what_is_valid(tmp_path: Path, change: tuple, sentence: str):
    assert change[0] in STEP + QUIZ
    said = mistake(tmp_path, (STEP + QUIZ).replace(*change, 1))
    assert said.startswith("lesson.toml")
    assert sentence in said
    assert not said.endswith("..")


def test_a_file_without_steps_and_no_file_are_named(tmp_path: Path):
    assert "step: there is none; begin each step with [[step]]." in mistake(tmp_path, QUIZ)
    with pytest.raises(ManifestError, match=r"absent\.toml cannot be read"):
        read(tmp_path / "absent.toml")


def test_a_mistake_in_the_second_step_names_the_second(tmp_path: Path):
    assert "step 2.answer: {x} is not known" in mistake(tmp_path, STEP + STEP.replace("{before}", "{x}") + QUIZ)


def test_which_figures_an_answer_may_use_depends_on_what_the_step_shows():
    film = lesson.Picture(1)
    plain = Step(title="t", film=film, question="q", answer="a")
    assert placeholders(plain) == lesson.READ
    covered = Step(title="t", film=film, question="q", answer="a", edit="cropped", beside="map")
    assert placeholders(covered) == lesson.READ + lesson.CHANGED + lesson.MAPPED
    assert placeholders(Step(title="t", film=film, question="q", answer="a", beside="nothing")) == ()


def test_placeholders_are_filled_and_nothing_else_is_touched():
    assert filled("{after}, not {before}: 100 %", {"after": "0.20", "before": "0.90"}) == "0.20, not 0.90: 100 %"


def test_the_shipped_lesson_has_six_steps_of_ten_minutes_and_names_only_what_exists():
    shipped = read()
    assert len(shipped.steps) == 6
    assert shipped.minutes == pytest.approx(10)
    assert {step.edit for step in shipped.steps if step.edit} <= set(EDITS)
    assert shipped.steps[4].page == "audit"


def test_no_figure_of_a_model_is_typed_in_the_shipped_answers():
    for step in read().steps:
        assert not re.findall(r"0\.\d", step.answer), step.title


def test_the_shipped_file_explains_every_placeholder_and_every_field():
    text = lesson.FILE.read_text(encoding="utf-8")
    guide = " ".join(line for line in text.splitlines() if line.startswith("#"))
    names = lesson.READ + lesson.MAPPED + lesson.PLACED + ("after", "change", "most_moved", "switched")
    for name in (*names, *lesson.HIDDEN, "disease", "cheater", "cheater_before", "cheater_after"):
        assert f"{{{name}}}" in guide, name
    for name in Step.__dataclass_fields__:
        assert name in guide, name
