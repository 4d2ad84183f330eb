"""What one asks for. No torch here: the page is shown before it is loaded."""

from dataclasses import dataclass

from ...errors import TrainingError


@dataclass(frozen=True)
class Settings:
    """strength: how strongly the letter goes with the disease, [0, 1] (``films.letters``). visibility: of the disease,
    [0, 1], of phantoms only. seed: the same, the same result. index, root: paths of an index and of its films; "" for
    phantoms. Raises TrainingError for what is out of range.
    """

    strength: float
    visibility: float
    seed: int = 0
    index: str = ""
    root: str = ""

    def __post_init__(self) -> None:
        if not (0 <= self.strength <= 1 and 0 <= self.visibility <= 1):
            raise TrainingError("How strongly the letter goes with the disease, and how visible it is, go from 0 to 1.")
        if self.seed < 0:
            raise TrainingError("The seed is a whole number from 0: choose another.")
        if bool(self.index) != bool(self.root):
            raise TrainingError("Name both the index and the folder of its films.")
