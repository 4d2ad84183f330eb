"""The page Teach: figures and questions by hand, the shipped lesson with small models, and a class at work."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from by_hand import SPECS, reading_of
from film_open import html, words
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from cxr_models.errors import ManifestError
from cxr_models.imaging.phantom import thorax
from cxr_models.shortcuts import lesson
from cxr_models.shortcuts.lesson import Picture, Step
from cxr_models.shortcuts.marks import Mark
from cxr_models.types import COVID19, NORMAL, Film, Lungs, Map
from pages.shared import cached, session
from pages.shared.teaching import lesson_view, questions, quiz_view, rows, scenes
from pages.shared.teaching import words as said
from pages.shared.teaching.questions import Phantom, Round, WhereIsIt, WhichModel
from pages.shared.teaching.scenes import Answers, Scene
from tests import small_models

SHIPPED = lesson.read()
LUNGS = Lungs(np.ones((4, 4), bool), 1.0, (1.0,), 0.9)
BEFORE = Answers({"one": np.array([0.9, 0.06, 0.04]), "three": np.array([0.6, 0.4])}, {"two": "No lungs."})
AFTER = Answers({"one": np.array([0.85, 0.1, 0.05]), "three": np.array([0.2, 0.8])}, {"two": "No lungs."})
PATIENCE = 240_000  # milliseconds, on a busy machine


def step(**changes: object) -> Step:
    values = {"title": "t", "film": Picture(0), "question": "q", "answer": "a", "model": "one", "edit": "cropped"}
    return Step(**(values | changes))


# Figures by hand.


def test_the_figures_of_a_changed_film():
    found = said.figures(step(), Scene(LUNGS, None, BEFORE, AFTER), SPECS)
    assert (found["model"], found["before"], found["after"], found["change"]) == ("Alpha", "0.90", "0.85", "−0.05")
    assert (found["most_moved"], found["most_before"], found["most_after"]) == ("Gamma", "0.60", "0.20")
    assert (found["least_moved"], found["models"], found["switched"]) == ("Alpha", "2", "1")


def test_a_step_has_a_figure_for_each_of_its_placeholders_and_no_other():
    mark = Mark("text", "L")
    made = Map(np.ones((4, 4), np.float32), "one", "cam", COVID19, False, "units", inside_lungs=0.25,
               extra={"floor": np.float32(0.5), "grid": np.array([[0.1, -0.3], [0.2, 0.4]])})  # fmt: skip
    for asked in (
        step(edit=None),
        step(),
        step(beside="map"),
        step(beside="places", mark=mark),
        step(beside="nothing"),
    ):
        after = AFTER if asked.changed else None
        found = said.figures(asked, Scene(LUNGS, None, BEFORE, after, made, AFTER), SPECS)
        assert set(found) == set(lesson.placeholders(asked)), asked.beside
    assert said.figures(step(beside="map"), Scene(LUNGS, None, BEFORE, AFTER, made), SPECS)["share_in_lungs"] == "25%"
    placed = said.figures(step(beside="places", mark=mark), Scene(LUNGS, None, BEFORE, AFTER, made, AFTER), SPECS)
    assert (placed["best_place"], placed["best_change"]) == ("bottom right", "+0.40")
    assert (placed["worst_place"], placed["worst_change"], placed["half_change"]) == ("top right", "−0.30", "−0.05")


def test_nine_areas_and_their_middles():
    assert [said.area(*said.middle(at)) for at in range(9)] == list(range(9))
    assert said.AREAS[said.area(1.0, 0.0)] == "bottom left"


def test_rows_show_before_and_after_on_one_scale():
    text = rows.rows(COVID19, {"one": 0.25, "three": 0.5}, {"one": 0.75}, SPECS)
    assert 'class="was" style="width:25.0%' in text and 'class="is" style="width:75.0%' in text
    assert "0.25 → <b>0.75</b>" in text
    assert text.count('class="was"') == 1
    assert text.count('<em style="left:50.0%"') == 2  # the thresholds


# Questions by hand.

CHEATING = replace(SHIPPED.quiz.cheating, phantoms=(0, 1), findings=("normal",), sure=0.5, stays=0.1, apart=0.2)
CLEAR = {
    "a": {COVID19: (0.9, 0.85)},
    "b": {COVID19: (0.8, 0.3)},
    "c": {COVID19: (0.7, 0.55)},
    "d": {NORMAL: (0.9, 0.9)},
}


def test_one_model_keeps_its_answer_and_the_other_clearly_does_not():
    # a moves 0.05, b 0.5, c 0.15: less than 0.2 more than a, so a and c are too close to be asked about.
    assert questions.clear_pairs(CHEATING, CLEAR) == [(COVID19, "a", "b")]
    assert questions.clear_pairs(replace(CHEATING, sure=0.85), CLEAR) == []
    assert questions.clear_pairs(replace(CHEATING, apart=0.09), CLEAR) == [(COVID19, "a", "b"), (COVID19, "a", "c")]


def test_the_right_model_is_the_one_whose_answer_stays_whichever_comes_first():
    seen = set()
    for seed in range(12):
        drawn = questions.which_model(CHEATING, np.random.default_rng(seed), lambda one: CLEAR, set())
        assert drawn.models[drawn.right] == "a" and drawn.models[1 - drawn.right] == "b"
        seen.add((drawn.right, drawn.phantom.seed))
    assert len(seen) == 4  # both places, both phantoms


def test_no_phantom_is_asked_about_twice_and_letters_come_where_no_pair_is_clear():
    used = {Phantom(0, "normal", "L")}
    for seed in range(5):
        assert questions.which_model(CHEATING, np.random.default_rng(seed), lambda one: CLEAR, used).phantom.seed == 1
    quiz, grey = replace(SHIPPED.quiz, cheating=CHEATING), np.full((200, 200), 0.3, np.float32)
    assert isinstance(questions.draw(quiz, Round(0), lambda one: CLEAR, lambda one: grey), WhichModel)
    assert isinstance(questions.draw(quiz, Round(0), lambda one: {}, lambda one: grey), WhereIsIt)


def test_letters_stand_where_they_can_be_seen_and_in_the_area_that_is_right():
    film = np.ones((300, 300), np.float32)
    film[:150] = 0.2  # letters of 0.97 at 0.3 add up to 0.23 above, and darken below
    for seed in range(20):
        drawn = questions.where_is_it(SHIPPED.quiz.hidden, np.random.default_rng(seed), lambda one: film)
        assert drawn.mark.row < 0.55 and drawn.right == said.area(drawn.mark.row, drawn.mark.column)
        top, left, bottom, right = questions.box(film.shape, drawn.mark)
        assert 0 <= top < bottom <= 300 and 0 <= left < right <= 300
        again = questions.where_is_it(SHIPPED.quiz.hidden, np.random.default_rng(seed), lambda one: film)
        assert again == drawn


def test_the_contrast_of_a_mark_is_that_of_its_ink_and_what_is_behind_it():
    film, mark = np.full((200, 200), 0.47, np.float32), Mark("text", "L", 0.5, 0.5, 0.1, opacity=0.4)
    assert questions.contrast(film, mark) == pytest.approx(0.4 * 0.5)
    assert questions.contrast(film, replace(mark, row=0.0)) == 0.0  # half of it would be cut off


def test_the_score_counts_right_answers():
    asked = tuple(WhichModel(Phantom(n, "normal"), ("a", "b"), COVID19, n % 2) for n in range(4))
    assert Round(0, 4, asked, (0, 1, 1, 1)).score == 3
    assert Round(0, 4, asked, (1, 0)).score == 0
    assert Round(0, 4, asked, (0, 1, 0)).waiting and not Round(0, 4, asked, (0, 1, 0, 0)).waiting


def test_the_kinds_take_turns():
    assert [questions.kind_of(n, 0) for n in range(3)] == ["cheating", "hidden", "cheating"]
    assert questions.kind_of(0, 1) == "hidden"


# The page, with two small models and a UNet for which dark is lung.


@pytest.fixture(scope="class")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with small_models.installed(tmp_path_factory.mktemp("models")) as folder:
        cached.specs.clear()
        scenes._known.clear()
        yield folder
    cached.specs.clear()
    scenes._known.clear()


@pytest.fixture
def shipped(models: Path, monkeypatch: pytest.MonkeyPatch) -> lesson.Lesson:
    """The shipped lesson about the small model of whole films, the quiz about one phantom; phantoms of 256 pixels."""
    steps = tuple(replace(one, model="whole") for one in SHIPPED.steps)
    few = replace(SHIPPED.quiz.cheating, phantoms=(0,), findings=("normal",))
    found = replace(SHIPPED, steps=steps, quiz=replace(SHIPPED.quiz, cheating=few))
    monkeypatch.setattr(lesson, "read", lambda: found)
    monkeypatch.setattr(scenes, "phantom", small_phantom)
    return found


@cache
def small_phantom(seed: int, finding: str, marker: str = "") -> Film:
    return thorax(seed, finding, marker or None, 256).film


def teach(app: AppTest) -> AppTest:
    return app.switch_page("pages/teach.py").run()


class TestPage:
    """A class, for the small models to be gone before a server is started: it inherits the environment."""

    def test_all_six_steps_draw_and_their_answers_have_their_figures(self, app: AppTest, shipped: lesson.Lesson):
        teach(app)
        for number, one in enumerate(shipped.steps):
            assert not app.exception
            assert f"Step {number + 1} of 6" in html(app)
            assert one.title in html(app)
            shown = scenes.scene(one)
            figures = said.figures(one, shown, cached.classifiers())
            answer = lesson.filled(one.answer, figures)
            assert answer not in [text.value for text in app.markdown]
            app.button(key=f"teach-answer-{number}").click().run()
            assert not app.exception and not app.error
            assert answer.strip() in [text.value.strip() for text in app.markdown]
            assert figures["before"] in answer or "{before}" not in one.answer
            if one.published:
                assert "0.829" in html(app)
            if number < 5:
                app.button(key="teach-next").click().run()
        assert app.button(key="teach-next").disabled
        app.button(key="teach-back").click().run()
        assert "Step 5 of 6" in html(app)

    def test_the_figure_on_the_screen_is_what_the_model_says_of_the_film_on_the_screen(self, shipped: lesson.Lesson):
        from cxr_models import inference

        one = shipped.steps[2]
        film = scenes.picture(one)
        seen = scenes.scene(one).changed
        prediction = inference.predict(seen, inference.find_lungs(film), "whole")
        figures = said.figures(one, scenes.scene(one), cached.classifiers())
        assert figures["after"] == said.probability(prediction.of(COVID19))
        assert not np.array_equal(seen.pixels, film.pixels)

    def test_the_mark_can_be_moved_and_faded_to_nothing(self, app: AppTest, shipped: lesson.Lesson):
        app.session_state[lesson_view.KEY] = lesson_view.At(3)
        teach(app)
        assert app.selectbox(key="teach-where-3").value == said.area(
            shipped.steps[3].mark.row, shipped.steps[3].mark.column
        )
        app.select_slider(key="teach-strength-3").set_value(0.0).run()
        pairs = re.findall(r"([\d.]+) → <b>([\d.]+)</b>", html(app))
        assert len(pairs) == 2 and all(before == after for before, after in pairs)
        app.select_slider(key="teach-strength-3").set_value(1.0).run()
        app.selectbox(key="teach-where-3").set_value(4).run()
        assert not app.exception

    @pytest.mark.parametrize("read", [True, False], ids=["read", "not read, or refused by the gate"])
    def test_the_last_step_takes_the_readers_own_film_once_models_have_read_it(
        self, app: AppTest, shipped: lesson.Lesson, read: bool
    ):
        film = replace(small_models.film(), kind="PNG")
        case = session.Case(film, "Film 1", reading=reading_of(film) if read else None)
        app.session_state[session.KEY] = session.Room((case,), film.sha256, 1)
        app.session_state[lesson_view.KEY] = lesson_view.At(5)
        teach(app)
        assert (lesson_view.OWN in words(app)) == read
        assert not app.exception

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [({"model": "resnet81"}, "The step's model 'resnet81' is not here. There are: whole, inside."),
         ({"probability_of": "non_covid19"}, "cannot say not COVID-19. It says COVID-19, normal or pneumonia.")],
        ids=["no such model", "no such answer"],
    )  # fmt: skip
    def test_a_step_that_asks_for_what_is_not_here_says_so_and_the_lesson_goes_on(
        self, app: AppTest, shipped: lesson.Lesson, monkeypatch: pytest.MonkeyPatch, wrong: dict, says: str
    ):
        first = replace(shipped.steps[1], **wrong)
        monkeypatch.setattr(lesson, "read", lambda: replace(shipped, steps=(first, *shipped.steps[1:])))
        teach(app)
        assert says in app.error[0].value
        app.button(key="teach-next").click().run()
        assert not app.error

    def test_a_mistake_in_the_file_is_a_sentence(self, app: AppTest, models: Path, monkeypatch: pytest.MonkeyPatch):
        def wrong() -> None:
            raise ManifestError("lesson.toml, step 2.edit: there is no edit 'covered'.")

        monkeypatch.setattr(lesson, "read", wrong)
        teach(app)
        assert app.error[0].value == "The lesson cannot be read. lesson.toml, step 2.edit: there is no edit 'covered'."

    def test_the_quiz_is_asked_scored_and_begun_anew(self, app: AppTest, shipped: lesson.Lesson):
        teach(app)
        app.button_group(key="teach-view-choice").set_value("quiz").run()
        right = 0
        for number in range(1, 7):
            assert not app.exception and not app.error
            now: Round = app.session_state[quiz_view.KEY]
            assert f"Question {number} of 6" in html(app)
            choice = now.questions[-1].right if number % 2 else (now.questions[-1].right + 1) % 2
            right += number % 2
            app.button(key=f"quiz-0-{number}-{choice}").click().run()
            assert ("Right." in html(app)) == bool(number % 2)
            assert f"{right} of {number} right so far" in html(app)
            if number < 6:
                app.button(key="quiz-next").click().run()
        assert "3 of 6 right" in html(app)
        first = app.session_state[quiz_view.KEY].questions
        app.button(key="quiz-again").click().run()
        again = app.session_state[quiz_view.KEY]
        assert (again.seed, again.given) == (1, ())
        assert again.questions[0] not in first


def test_a_second_click_on_an_answer_is_not_one_on_the_next_question(monkeypatch: pytest.MonkeyPatch):
    question = WhereIsIt(Phantom(0, "normal"), Mark("text", "L"), 4)
    state = {quiz_view.KEY: Round(0, questions=(question,))}
    monkeypatch.setattr(quiz_view.st, "session_state", state)
    quiz_view.give(4)
    quiz_view.give(2)
    assert state[quiz_view.KEY].given == (4,)


# A class in a real browser, with the models that come with the app.


def test_a_class_clicks_through_three_steps_and_answers_a_question(page: Page, server: str):
    page.goto(server)
    page.get_by_role("link", name="Teach", exact=True).first.click()
    for number in (1, 2, 3):
        expect(page.get_by_text(f"Step {number} of 6")).to_be_visible(timeout=PATIENCE)
        show = page.get_by_role("button", name="Show the answer")
        expect(show).to_be_in_viewport(timeout=PATIENCE)
        show.click()
        answer = page.locator(".st-key-teach-answer")
        expect(answer).to_be_in_viewport(ratio=1)
        expect(answer).to_have_text(re.compile(r"0\.\d\d"))
        film = page.locator("canvas[data-drawn]").first
        assert film.bounding_box()["width"] >= 0.6 * 1440
        page.keyboard.press("ArrowRight")
    page.get_by_role("radio", name="Quiz").click()
    expect(page.get_by_text("Question 1 of 6")).to_be_visible(timeout=PATIENCE)
    choice = page.get_by_role("button", name="Model A").or_(page.get_by_role("button", name="Centre"))
    choice.click(timeout=PATIENCE)
    expect(page.get_by_text(re.compile(r"[01] of 1 right so far"))).to_be_visible(timeout=PATIENCE)
    assert page.locator("[data-testid=stException]").count() == 0
