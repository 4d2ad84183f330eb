"""Long work for one reader, off the page's thread: it can be watched and cancelled, and outlives a change of page."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, NamedTuple

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cxr_models.errors import Cancelled, CxrError

KEY, ENDS = "job", "job_ends"
GRACE = 60.0  # seconds a reader may be away (reload, lost network) before the work is given up
UNEXPECTED = "The computation stopped for a reason nobody foresaw; the server's log says more. Try again."
CANCELLED = "Cancelled: nothing was kept."
log = logging.getLogger(__name__)

Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]
Ticket = tuple[str, ...]


class Task(NamedTuple):
    """What is to be done. ticket: the film's sha256, then what tells this work from any other of the film.

    label: for the reader. keep: takes the result, in the reader's own session. asked: begun by the reader's click, so
    that nothing that begins by itself takes its place.
    """

    ticket: Ticket
    label: str
    work: Callable[[Progress, Cancel], Any]
    keep: Callable[[Any], None]
    asked: bool = False


@dataclass(eq=False)
class Job:
    """A task under way. share: done, [0, 1]. Ends with one of ``result``, ``error`` (a sentence) or ``cancelled``."""

    task: Task
    present: Callable[[], bool]
    share: float = 0.0
    doing: str = "Starting"
    result: Any = None
    error: str = ""
    cancelled: bool = False
    began: float = field(default_factory=time.monotonic)
    _stop: Event = field(default_factory=Event)
    _ended: Event = field(default_factory=Event)
    _seen: float = field(default_factory=time.monotonic)

    @property
    def running(self) -> bool:
        return not self._ended.is_set()

    @property
    def stopping(self) -> bool:
        """Asked to stop, and not yet at its next step."""
        return self.running and self._stop.is_set()

    def cancel(self) -> None:
        """Ask the work to stop; it does at its next step."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """True once the work has ended, False if it has not within ``seconds``."""
        return self._ended.wait(seconds)

    def left(self) -> float | None:
        """Seconds the work still needs at its pace so far; None while too little is done to tell."""
        elapsed = time.monotonic() - self.began
        return elapsed * (1 - self.share) / self.share if self.share >= 0.03 and elapsed > 1 else None

    def run(self) -> None:
        """Do the work in this thread and keep how it ended."""
        try:
            self.result = self.task.work(self._report, self._must_stop)
        except Cancelled:
            self.cancelled = True
        except CxrError as error:
            self.error = str(error)
        except Exception:  # a thread's error is seen by nobody: the log keeps it, the reader gets a sentence
            log.exception("A background computation failed")
            self.error = UNEXPECTED
        finally:
            self._ended.set()

    def _report(self, share: float, doing: str) -> None:
        self.share, self.doing = min(max(share, 0.0), 1.0), doing

    def _must_stop(self) -> bool:
        now = time.monotonic()
        if self.present():
            self._seen = now
        return self._stop.is_set() or now - self._seen > GRACE


def start(task: Task) -> Job:
    """Begin a task for this reader. One at a time: what was under way is cancelled."""
    drop()
    job = Job(task, _presence())
    st.session_state[KEY] = job
    Thread(target=job.run, daemon=True, name="reader-job").start()
    return job


def current() -> Job | None:
    """The reader's work under way, or ended and not yet taken."""
    return st.session_state.get(KEY)


def take() -> None:
    """Keep what the reader's work came to, once it has ended: its result, or the sentence why there is none."""
    job = current()
    if job is None or job.running:
        return
    drop()
    if job.result is not None:
        job.task.keep(job.result)
    else:
        _ends()[job.task.ticket] = job.error or CANCELLED


def why_none(ticket: Ticket) -> str:
    """Why this work came to nothing, in a sentence; "" where it has not been tried or may be tried again."""
    return _ends().get(ticket, "")


def give_up(tickets: Iterable[Ticket]) -> None:
    """Cancel what is under way, and do not begin the work of ``tickets`` until it is allowed again."""
    job = current()
    if job is not None:
        job.cancel()
    _ends().update(dict.fromkeys(tickets, CANCELLED))


def allow_again(ticket: Ticket) -> None:
    """Forget that this work came to nothing."""
    _ends().pop(ticket, None)


def film_closed(sha256: str) -> None:
    """Give up the work on a film that is no longer open, and forget what became of it."""
    job = current()
    if job is not None and job.task.ticket[0] == sha256:
        drop()
    for ticket in [ticket for ticket in _ends() if ticket[0] == sha256]:
        allow_again(ticket)


def drop() -> None:
    """Forget the reader's work, cancelling it if it is under way."""
    job = st.session_state.pop(KEY, None)
    if job is not None:
        job.cancel()


def _ends() -> dict[Ticket, str]:
    return st.session_state.setdefault(ENDS, {})


def _presence() -> Callable[[], bool]:
    """Is this reader's browser still connected? Nobody's closed tab shall keep the processor busy."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return lambda: True
    server = runtime.get_instance()
    return lambda: server.is_active_session(context.session_id)
