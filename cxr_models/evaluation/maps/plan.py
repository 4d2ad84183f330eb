"""What is measured: which models, by which methods, on which films and on how many of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd
from tqdm import tqdm

from ... import explain, inference
from ...errors import MapError, RefusedFilm, TrainingError, UnknownMethod, UnknownModel
from ...explain import METHODS, QUICK, Question
from ...types import Map

SLOW = 5  # films, or films of a label, for methods that look at a film many times
SEED = 0
EXPLAINING = tuple(method for method in METHODS if method != "residual")  # a residual is the same for every class
Case = TypeVar("Case")


@dataclass(frozen=True)
class Plan:
    """models: ids that classify. methods: some of ``EXPLAINING``. films: the most in each part, None for its default.

    Raises UnknownModel, UnknownMethod, TrainingError.
    """

    models: tuple[str, ...]
    methods: tuple[str, ...] = EXPLAINING
    films: int | None = None

    def __post_init__(self) -> None:
        strange = [method for method in self.methods if method not in EXPLAINING]
        mute = [model_id for model_id in self.models if not explain.methods_for(model_id)]
        if strange:
            raise UnknownMethod(f"{strange[0]!r} explains no answer. Those that do: {', '.join(EXPLAINING)}.")
        if mute:
            valid = ", ".join(inference.classifiers())
            raise UnknownModel(f"{mute[0]} gives no answer to explain. Those that do: {valid}.")
        if self.films is not None and self.films < 1:
            raise TrainingError(f"--films {self.films} leaves nothing to measure: ask for at least 1.")

    def methods_of(self, model_id: str) -> tuple[str, ...]:
        return tuple(method for method in explain.methods_for(model_id) if method in self.methods)

    def number(self, full: int, method: str = QUICK[0], slow: int = SLOW) -> int:
        """How many films a method is measured on where a quick one has ``full`` and one that takes long ``slow``."""
        number = full if method in QUICK else min(full, slow)
        return number if self.films is None else min(number, self.films)

    def asked(
        self, doing: str, cases: Iterable[Case], full: int, times: int = 1, slow: int = SLOW
    ) -> Iterator[tuple[Case, str, str]]:
        """(case, model, method), film by film. full, slow: as for ``number``, of each of ``times`` labels."""
        cases = tqdm(cases, doing, times * self.number(full), mininterval=10)
        for i, case in enumerate(cases):
            for model_id in self.models:
                for method in self.methods_of(model_id):
                    if i < times * self.number(full, method, slow):
                        yield case, model_id, method


def drawn(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """``count`` films, one a group, the labels in turn; the first films of a longer draw are those of a shorter."""
    each = rows.sample(frac=1, random_state=SEED).drop_duplicates("group")
    turn = each.groupby("label").cumcount()
    return each.assign(turn=turn).sort_values(["turn", "label"]).head(count).drop(columns="turn")


def maps_of(questions: Sequence[Question], model_id: str, method: str) -> list[Map | None]:
    """One map a question, None where nothing comes out or the model reads the lungs alone and there are none."""
    try:
        return list(explain.explain_all(questions, model_id, method))
    except (MapError, RefusedFilm):
        if len(questions) == 1:
            return [None]
        return [made for question in questions for made in maps_of([question], model_id, method)]
