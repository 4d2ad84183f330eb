"""Maps are made and checked in the background: progress, cancelling, another page, another question, a failure."""

from threading import Event, Thread

import pytest
from film_open import FILM, html, visit, words
from maps_open import REMOVE, SMALL, Work, ask, settled
from streamlit.testing.v1 import AppTest

from cxr_models.errors import WeightsMissing
from cxr_models.explain import checks
from cxr_models.types import COVID19
from pages.shared import jobs, session
from pages.shared.work import FIRST


def held(app: AppTest, work: Work, what: str) -> AppTest:
    """The page with the making of a map, or its checking, under way."""
    work.hold = what
    visit(app, "explain")
    if what != "check":
        ask(app, REMOVE)
    assert work.begun.wait(10)
    return app.run()


def test_the_map_is_there_while_it_is_being_checked(app: AppTest, work: Work, drawn: dict):
    held(app, work, "check")
    assert "Being checked" in html(app)
    assert [overlay.label for overlay in drawn["explain"]] == ["Alpha: COVID-19"]
    assert not app.select_slider
    work.let_go.set()
    settled(app)
    assert "Doubtful" in html(app) and "Being checked" not in html(app)


def test_a_slow_map_shows_progress_can_be_cancelled_and_tried_again(app: AppTest, work: Work):
    held(app, work, "perturbation")
    under_way = app.session_state[jobs.KEY]
    assert (under_way.share, under_way.task.label) == (0.4, "Map of Alpha: COVID-19, Film 1")
    app.button(key="work-cancel").click().run()
    assert under_way.wait(10) and under_way.cancelled
    settled(app.run())
    assert app.warning[0].value == "There is no map of Alpha. Cancelled: nothing was kept."
    work.let_go.set()
    (retry,) = [button for button in app.button if button.label == "Try again"]
    settled(retry.click().run())
    assert not app.warning
    assert "Doubtful" in html(app)


def test_a_slow_map_goes_on_while_the_reader_is_on_another_page(app: AppTest, work: Work):
    held(app, work, "perturbation")
    app.switch_page("pages/models.py").run()
    work.let_go.set()
    assert app.session_state[jobs.KEY].wait(10)
    app.switch_page("pages/explain.py").run()
    assert (FILM.sha256, "one", "perturbation", COVID19) in app.session_state[session.KEY].maps
    settled(ask(app, REMOVE))
    assert "0.80 on the film as it is, 0.10 with the marked parts blurred" in words(app)
    assert work.calls.count(("one", "perturbation", COVID19)) == 1


def test_a_slow_map_of_a_film_that_was_closed_is_dropped(app: AppTest, work: Work):
    held(app, work, "perturbation")
    under_way = app.session_state[jobs.KEY]
    app.button(key=f"close-{FILM.sha256}").click().run()
    assert not app.exception
    assert under_way.wait(10) and under_way.cancelled
    assert "No film is open" in html(app)
    assert not app.session_state[session.KEY].maps


def test_another_question_takes_the_place_of_the_work_under_way(app: AppTest, work: Work):
    held(app, work, "perturbation")
    under_way = app.session_state[jobs.KEY]
    settled(ask(app, SMALL))
    assert under_way.wait(10) and under_way.cancelled
    assert not app.warning
    assert work.checked[-1] == ("one", "grad_cam_pp", COVID19)


def test_what_the_reader_began_elsewhere_comes_first(app: AppTest, work: Work):
    """A growth on Teach, say: checks that begin by themselves wait until it has ended."""
    let_go = Event()

    def growth(progress, cancelled):
        while not let_go.wait(0.001) and not cancelled():
            pass
        return FILM

    app.run()
    kept: list = []
    asked = jobs.Job(jobs.Task(("grow", "1"), "Growing", growth, kept.append, asked=True), lambda: True)
    app.session_state[jobs.KEY] = asked
    Thread(target=asked.run, daemon=True).start()
    visit(app, "explain")
    assert not app.exception
    assert FIRST in words(app) and work.checked == []
    assert app.session_state[jobs.KEY] is asked and asked.running
    let_go.set()
    assert asked.wait(10)
    settled(app.run())
    assert kept == [FILM] and work.checked == [("one", "cam", COVID19)]


def test_checks_that_fail_leave_the_map_and_say_so(app: AppTest, work: Work, monkeypatch: pytest.MonkeyPatch):
    def missing(*_, **__):
        raise WeightsMissing("The weights of one are not on this machine.")

    monkeypatch.setattr(checks, "check", missing)
    settled(visit(app, "explain"))
    assert "Not checked" in html(app)
    assert app.warning[0].value == "The map of Alpha was not checked. The weights of one are not on this machine."
