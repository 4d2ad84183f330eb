"""Background work: how it reports, ends, fails and is given up."""

from threading import Event

import numpy as np
import pytest

from cxr_models.errors import Cancelled, WeightsMissing
from cxr_models.types import COVID19, Map
from pages.shared import jobs

RESULT = Map(np.zeros((2, 2), np.float32), "one", "perturbation", COVID19, False, "unit")


def job(work, present=lambda: True) -> jobs.Job:
    return jobs.Job(jobs.Task(("0" * 64, "map"), "Alpha", work, print), present)


def until_cancelled(progress, cancelled):
    while not cancelled():
        Event().wait(0.001)
    raise Cancelled("Cancelled.")


def test_work_reports_and_ends_with_its_result():
    def work(progress, cancelled):
        progress(1.5, "Blurring")
        return RESULT

    one = job(work)
    assert one.running
    one.run()
    assert (one.running, one.share, one.doing, one.result) == (False, 1.0, "Blurring", RESULT)


def test_cancelling_ends_the_work_at_its_next_step():
    one = job(until_cancelled)
    one.cancel()
    assert one.stopping
    one.run()
    assert not one.stopping
    assert (one.running, one.cancelled, one.result, one.error) == (False, True, None, "")


def test_a_typed_error_is_its_sentence():
    def work(progress, cancelled):
        raise WeightsMissing("The weights of Alpha are not on this machine.")

    one = job(work)
    one.run()
    assert one.error == "The weights of Alpha are not on this machine."


def test_an_unforeseen_error_is_logged_and_becomes_a_sentence(caplog: pytest.LogCaptureFixture):
    def work(progress, cancelled):
        raise ZeroDivisionError

    one = job(work)
    one.run()
    assert not one.running
    assert one.error == jobs.UNEXPECTED
    assert caplog.records[0].exc_info[0] is ZeroDivisionError


def test_work_of_a_reader_who_left_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "GRACE", 0.01)
    one = job(until_cancelled, present=lambda: False)
    one.run()
    assert one.cancelled


def test_the_time_left_follows_the_pace_so_far(monkeypatch: pytest.MonkeyPatch):
    one = job(until_cancelled)
    monkeypatch.setattr(jobs.time, "monotonic", lambda: one.began + 10)
    one.share = 0.01
    assert one.left() is None
    one.share = 0.25
    assert one.left() == pytest.approx(30)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict:
    """One reader's session."""
    state: dict = {}
    monkeypatch.setattr(jobs.st, "session_state", state)
    return state


def done(work, keep=print) -> jobs.Ticket:
    """Start the work and wait until it has ended; returns its ticket."""
    task = jobs.Task(("0" * 64, "map"), "Alpha", work, keep)
    assert jobs.start(task).wait(10)
    jobs.take()
    return task.ticket


def test_a_result_is_kept_once(session: dict):
    kept: list[Map] = []
    ticket = done(lambda progress, cancelled: RESULT, kept.append)
    jobs.take()
    assert kept == [RESULT]
    assert jobs.current() is None and jobs.why_none(ticket) == ""


def test_what_failed_is_remembered_until_it_is_allowed_again_or_the_film_is_closed(session: dict):
    def work(progress, cancelled):
        raise WeightsMissing("The weights of Alpha are not on this machine.")

    ticket = done(work)
    assert jobs.why_none(ticket) == "The weights of Alpha are not on this machine."
    jobs.allow_again(ticket)
    assert jobs.why_none(ticket) == ""
    jobs.film_closed(done(work)[0])
    assert jobs.why_none(ticket) == ""


def test_giving_up_cancels_what_runs_and_what_would_follow(session: dict):
    task = jobs.Task(("0" * 64, "map"), "Alpha", until_cancelled, print)
    under_way, next_one = jobs.start(task), ("0" * 64, "checks")
    jobs.give_up([next_one])
    assert under_way.wait(10)
    jobs.take()
    assert jobs.why_none(task.ticket) == jobs.why_none(next_one) == jobs.CANCELLED


def test_new_work_takes_the_place_of_the_old(session: dict):
    first = jobs.start(jobs.Task(("0" * 64, "one"), "Alpha", until_cancelled, print))
    done(lambda progress, cancelled: RESULT)
    assert first.wait(10) and first.cancelled
    assert jobs.why_none(first.task.ticket) == ""
