"""The work behind the page Explain, one piece at a time: what an answer still lacks is begun, watched, tried again."""

from collections.abc import Sequence

from pages.shared import work
from pages.shared.explain.asked import Answer


def advance(answers: Sequence[Answer]) -> None:
    """Go on with what the answers still lack, maps before their checks, and draw how far it is."""
    todo = [task for answer in answers if (task := answer.task())]
    work.advance(sorted(todo, key=lambda task: task.ticket[-1], reverse=True))  # "map" before "checks"


def again(answer: Answer) -> None:
    """Why there is no answer, or only half of one, and a button to try once more."""
    if answer.why:
        work.again(answer.why, answer.retry)
