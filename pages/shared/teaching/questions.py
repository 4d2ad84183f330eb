"""The questions of the quiz, drawn by a seed: the same seed and the same models give the same questions. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from cxr_models.shortcuts.lesson import Cheating, Hidden, Quiz
from cxr_models.shortcuts.marks import Mark, cover, overlap
from pages.shared.teaching.words import area

EDGE = 0.07  # of the film's height and width: no letters are put closer to its edge
TRIES = 200
CHEATING, HIDDEN = "cheating", "hidden"


@dataclass(frozen=True)
class Phantom:
    """Which phantom; it bears the letter L where a question is about letters that belong there."""

    seed: int
    finding: str
    marker: str = ""


@dataclass(frozen=True)
class WhichModel:
    """Two models say of a phantom that it shows ``about``. right: place in ``models`` of the one whose answer stays."""

    phantom: Phantom
    models: tuple[str, str]
    about: str
    right: int


@dataclass(frozen=True)
class WhereIsIt:
    """Letters on a phantom. right: the one of nine areas of the film in which their centre lies."""

    phantom: Phantom
    mark: Mark
    right: int


Question = WhichModel | WhereIsIt
Said = Mapping[str, Mapping[str, tuple[float, float]]]
"""Model id -> class -> its probability on the film, and with the lungs erased."""


@dataclass(frozen=True)
class Round:
    """One going through the quiz. wanted: questions asked for so far; questions: those drawn; given: the answers."""

    seed: int
    wanted: int = 1
    questions: tuple[Question, ...] = ()
    given: tuple[int, ...] = ()

    @property
    def score(self) -> int:
        return sum(question.right == given for question, given in zip(self.questions, self.given, strict=False))

    @property
    def waiting(self) -> bool:
        """Is a question not yet answered?"""
        return len(self.questions) > len(self.given)


def kind_of(number: int, seed: int) -> str:
    """Of the question with this number, from 0 on: the two kinds in turn, the seed says which comes first."""
    return (CHEATING, HIDDEN)[(number + seed) % 2]


def draw(
    quiz: Quiz, so_far: Round, said: Callable[[Phantom], Said], pixels: Callable[[Phantom], np.ndarray]
) -> Question:
    """The next question. said: what the models say of a phantom; pixels: its grey values (H, W) in [0, 1].

    Where no pair of models has one right answer, the letters are asked for instead.
    """
    number = len(so_far.questions)
    rng = np.random.default_rng([so_far.seed, number])
    used = {one.phantom for one in so_far.questions}
    question: Question | None = None
    if kind_of(number, so_far.seed) == CHEATING:
        question = which_model(quiz.cheating, rng, said, used)
    return question or where_is_it(quiz.hidden, rng, pixels)


def which_model(
    kind: Cheating, rng: np.random.Generator, said: Callable[[Phantom], Said], used: set[Phantom]
) -> WhichModel | None:
    """A phantom not yet ``used`` and two models of which one alone keeps its answer without lungs; None if none has."""
    phantoms = [Phantom(seed, finding, kind.marker) for seed, finding in product(kind.phantoms, kind.findings)]
    for at in rng.permutation(len(phantoms)):
        pairs = [] if phantoms[at] in used else clear_pairs(kind, said(phantoms[at]))
        if pairs:
            about, cheater, other = pairs[rng.integers(len(pairs))]
            right = int(rng.integers(2))
            models = (cheater, other) if right == 0 else (other, cheater)
            return WhichModel(phantoms[at], models, about, right)
    return None


def clear_pairs(kind: Cheating, said: Said) -> list[tuple[str, str, str]]:
    """(class, cheater, other): both give the class at least ``sure``; without lungs the cheater's probability moves by
    at most ``stays``, the other's by at least ``apart`` more."""
    found = []
    for cheater, other in permutations(said, 2):
        for about in (name for name in said[cheater] if name in said[other]):
            kept, lost = said[cheater][about], said[other][about]
            moved, other_moved = abs(kept[0] - kept[1]), abs(lost[0] - lost[1])
            sure = min(kept[0], lost[0]) >= kind.sure
            if sure and moved <= kind.stays and other_moved >= moved + kind.apart:
                found.append((about, cheater, other))
    return found


def where_is_it(kind: Hidden, rng: np.random.Generator, pixels: Callable[[Phantom], np.ndarray]) -> WhereIsIt:
    """Letters at a place where they differ from the film by ``contrast``; at the last place tried if none does."""
    phantom = Phantom(int(rng.choice(kind.phantoms)), str(rng.choice(kind.findings)))
    text, film = str(rng.choice(kind.marks)), pixels(phantom)
    for _ in range(TRIES):
        row, column = (float(v) for v in rng.uniform(EDGE, 1 - EDGE, 2))
        mark = Mark("text", text, row, column, kind.size, 0.0, kind.opacity)
        if contrast(film, mark) >= kind.contrast:
            break
    return WhereIsIt(phantom, mark, area(row, column))


def contrast(film: np.ndarray, mark: Mark) -> float:
    """How much brighter the mark makes what is behind it, [0, 1]; 0 where a part of it would hang over the edge."""
    drawn = cover(film.shape, mark)
    top, left, bottom, right = box(film.shape, mark)
    if (bottom - top, right - left) != drawn.shape:
        return 0.0
    return mark.opacity * float(mark.ink - film[top:bottom, left:right].mean())


def box(shape: Sequence[int], mark: Mark) -> tuple[int, int, int, int]:
    """(top, left, bottom, right) in film pixels of what the mark covers, ends exclusive."""
    rows, columns = overlap(tuple(shape), cover(tuple(shape), mark).shape, mark.row, mark.column)[0]
    return rows.start, columns.start, rows.stop, columns.stop
