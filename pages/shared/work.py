"""Long work of one reader on the page: watched and cancelled while it runs, and tried again when it came to nothing."""

from collections.abc import Sequence

import streamlit as st

from pages.shared import jobs

FIRST = "What you have begun comes first; this page goes on when it has ended, or at once if you cancel it."


def advance(tasks: Sequence[jobs.Task]) -> None:
    """Go on with the first of ``tasks`` unless one of them is under way, and draw how far it is.

    What the reader has begun elsewhere by a click comes first: it is drawn until it has ended.
    """
    if not tasks:
        return
    job, tickets = jobs.current(), [task.ticket for task in tasks]
    if job is not None and job.running and job.task.asked and job.task.ticket not in tickets:
        st.caption(FIRST)
        watch(job, [])
        return
    if job is None or job.task.ticket not in tickets:
        job = jobs.start(tasks[0])
    watch(job, tickets)


@st.fragment(run_every=1.0)
def watch(job: jobs.Job, todo: Sequence[jobs.Ticket]) -> None:
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
        st.button("Cancel", key="work-cancel", on_click=jobs.give_up, args=(rest,), disabled=job.stopping)


def again(why: str, ticket: jobs.Ticket | None) -> None:
    """Why the work came to nothing, and a button to try once more; ticket: None where trying again is no use."""
    st.warning(why)
    if ticket is not None:
        st.button("Try again", key=f"work-again-{'-'.join(ticket)}", on_click=jobs.allow_again, args=(ticket,))
