"""The one signature of every method of explanation: one network, some questions, one map a question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import Cancelled
from ..registry import LoadedModel
from ..types import Film, Lungs, Map

Progress = Callable[[float, str], None]
"""Share done in [0, 1] and what is being done."""
Cancel = Callable[[], bool]
"""Asked between steps; True ends the work with ``errors.Cancelled``."""


@dataclass(frozen=True, eq=False)
class Question:
    """Why this class on this film? lungs: None where there are none. layer: of Grad-CAM, "" for the last features."""

    film: Film
    lungs: Lungs | None
    target: str
    layer: str = ""


Method = Callable[[LoadedModel, Sequence[Question], Progress, Cancel], list[Map]]
"""Maps in the order of the questions, in the film frame, ``inside_lungs`` still None. Raises Cancelled, MapError."""
Single = Callable[[LoadedModel, Question, Progress, Cancel], Map]


def one_by_one(method: Single) -> Method:
    """A method for many questions from one that answers a single question."""

    def made(loaded: LoadedModel, questions: Sequence[Question], progress: Progress, cancelled: Cancel) -> list[Map]:
        def part(i: int) -> Progress:
            return lambda share, doing: progress((i + share) / len(questions), doing)

        return [method(loaded, question, part(i), cancelled) for i, question in enumerate(questions)]

    return made


def stopped(cancelled: Cancel) -> None:
    """Raises Cancelled once the reader wants no more."""
    if cancelled():
        raise Cancelled("Cancelled before it was done: there is no map. Start again to have one.")
