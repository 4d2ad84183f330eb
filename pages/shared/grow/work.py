"""The growths of one reader: the one under way and the last two that ended, in this browser's session only."""

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import streamlit as st

from cxr_models.shortcuts.grow.settings import Settings
from pages.shared import jobs

if TYPE_CHECKING:
    from cxr_models.shortcuts.grow.growth import Growth  # brings torch: the page is shown first

KEY, KEPT = "grow", 2


@dataclass(eq=False)
class Growths:
    """asked: the settings last started. live: what they started, until it ends. kept: whole ones, the newest last."""

    asked: Settings | None = None
    live: "Growth | None" = None
    kept: tuple["Growth", ...] = ()


def growths() -> Growths:
    return st.session_state.setdefault(KEY, Growths())


def job() -> jobs.Job | None:
    """The reader's work under way, if it is a growth."""
    found = jobs.current()
    return found if found is not None and found.task.ticket[0] == KEY else None


def start(asked: Settings) -> None:
    from cxr_models.shortcuts.grow.growth import Growth

    mine = growths()
    mine.asked, mine.live = asked, Growth(asked)
    jobs.allow_again(ticket(asked))
    jobs.start(jobs.Task(ticket(asked), "Growing a network on Teach", mine.live.run, _keep(mine), asked=True))


def _keep(mine: Growths):
    def keep(grown: "Growth") -> None:
        mine.kept = (*mine.kept, grown)[-KEPT:]

    return keep


def why_none() -> str:
    """Why the growth last asked for came to nothing; "" where it did not."""
    asked = growths().asked
    return jobs.why_none(ticket(asked)) if asked is not None else ""


def ticket(asked: Settings) -> jobs.Ticket:
    return (KEY, *(str(part) for part in astuple(asked)))
