"""The work behind the page Explain, one piece at a time: what is missing is begun, watched, cancelled, tried again."""

from collections.abc import Sequence

import streamlit as st

from pages.shared import jobs
from pages.shared.explain_asked import Answer


def advance(answers: Sequence[Answer]) -> None:
    """Go on with what the answers still lack, maps before their checks, and draw how far it is."""
    todo = [task for answer in answers if (task := answer.task())]
    todo.sort(key=lambda task: task.ticket[-1], reverse=True)  # "map" before "checks"
    if not todo:
        return
    job = jobs.current()
    if job is None or job.task.ticket not in {task.ticket for task in todo}:
        job = jobs.start(todo[0])
    watch(job, [task.ticket for task in todo])


@st.fragment(run_every=1.0)
def watch(job: jobs.Job, todo: list[jobs.Ticket]) -> None:
    """Progress of the work under way, drawn each second without touching the rest of the page."""
    if not job.running:
        st.rerun()
    left = job.left()
    time_left = "" if left is None else f" About {max(1, round(left))} s left."
    doing = "Stopping at the next step" if job.stopping else job.doing if job.share > 0 else "Starting"
    rest = [ticket for ticket in todo if ticket != job.task.ticket]
    after = f" {len(rest)} more after this." if rest else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.share, text=f"**{job.task.label}.** {doing}.{'' if job.stopping else time_left}{after}")
        st.button("Cancel", key="explain-cancel", on_click=jobs.give_up, args=(rest,), disabled=job.stopping)


def again(answer: Answer) -> None:
    """Why there is no answer, or only half of one, and a button to try once more."""
    if not answer.why:
        return
    st.warning(answer.why)
    if answer.retry is not None:
        key = f"explain-again-{'-'.join(answer.retry)}"
        st.button("Try again", key=key, on_click=jobs.allow_again, args=(answer.retry,))
