"""What a reader and the models said of one film. It names neither the film nor the reader."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ..types import COVID19, THREE_CLASSES, Prediction

SIDES = ("right", "left")  # of the patient
THIRDS = ("upper", "middle", "lower")
REGIONS = tuple(f"{side} {third}" for side in SIDES for third in THIRDS)
STEPS = range(1, 6)  # of confidence: 1 guessing, 5 certain

Stage = Literal["before", "after"]


@dataclass(frozen=True)
class Opinion:
    """A reader's reading of a film. Raises ValueError for a class, confidence, region or time there is not.

    diagnosis: one of ``THREE_CLASSES``. confidence: one of ``STEPS``. regions: the thirds of the lungs that show it, of
    ``REGIONS``; empty when no region does. seconds: taken, 0 or more. day: on which it was recorded.
    """

    diagnosis: str
    confidence: int
    regions: tuple[str, ...]
    seconds: float
    day: date

    def __post_init__(self) -> None:
        known = self.diagnosis in THREE_CLASSES and self.confidence in STEPS and set(self.regions) <= set(REGIONS)
        if not known or not self.seconds >= 0:
            raise ValueError(f"No reading: {self.diagnosis}, {self.confidence}, {self.regions}, {self.seconds} s.")


@dataclass(frozen=True)
class Answer:
    """A model's answer on a film: ``said``, a class of the model; its probability and that of COVID-19, in [0, 1]."""

    model_id: str
    said: str
    probability: float
    covid19: float

    @classmethod
    def of(cls, one: Prediction) -> "Answer":
        return cls(one.model_id, one.answer, one.of(one.answer), one.of(COVID19))


@dataclass(frozen=True)
class FilmRead:
    """A film that a reader has read. session: random, nobody's name. film: its running number there, from 1 on.

    before: recorded while every answer was hidden; its seconds run from the film's first showing. after: recorded with
    the answers in view; its seconds run from their first showing. answers: one a model that read the film.
    """

    session: str
    film: int
    before: Opinion | None = None
    after: Opinion | None = None
    answers: tuple[Answer, ...] = ()

    @property
    def opinions(self) -> dict[Stage, Opinion]:
        """The recorded ones, the one before the answers first."""
        both: dict[Stage, Opinion | None] = {"before": self.before, "after": self.after}
        return {stage: opinion for stage, opinion in both.items() if opinion is not None}
