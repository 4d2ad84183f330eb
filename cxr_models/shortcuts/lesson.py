"""``lesson.toml``: the guided lesson and the quiz, as a teacher wrote them.

The file holds words, films and marks; it holds no figure that a model could give. Where an answer needs one it has a
placeholder, ``{after}``, and the page puts there what the models say of the film at that moment. So the words must be
true whatever comes out. A mistake in the file is a ``ManifestError`` that names the step, the field and what is valid.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .. import tables
from ..errors import ManifestError
from . import EDITS
from .marks import Mark

FILE = Path(__file__).resolve().parents[2] / "lesson.toml"
FIELD = re.compile(r"\{([^{}]*)\}")

READ = ("model", "before", "models")
CHANGED = (
    "after", "change", "most_moved", "most_before", "most_after", "least_moved", "least_before", "least_after",
    "switched",
)  # fmt: skip
MAPPED = ("share_in_lungs", "lungs_of_film")
PLACED = ("best_place", "best_change", "worst_place", "worst_change", "half_change")
CHEATING = ("cheater", "cheater_before", "cheater_after", "other", "other_before", "other_after", "disease")
HIDDEN = ("mark", "place", "most_moved", "most_before", "most_after")

Finding = Literal["normal", "covid19", "pneumonia"]
Beside = Literal["nothing", "probabilities", "map", "places"]


@dataclass(frozen=True)
class Picture:
    """The film of a step. phantom: its seed. marker: letters it has from the start, "" for none. prefer: "open" takes
    the film that the reader has open, where there is one."""

    phantom: int
    finding: Finding = "normal"
    marker: str = ""
    prefer: Literal["phantom", "open"] = "phantom"


@dataclass(frozen=True)
class Published:
    """One published figure, a share in [0, 1]: what it is, and its value as printed."""

    label: str
    value: float

    def __post_init__(self) -> None:
        _hold([(0 <= self.value <= 1, "value", f"{self.value} is no share from 0 to 1")])


@dataclass(frozen=True, kw_only=True)
class Step:
    """One screen of the lesson.

    text: what to say first. minutes: it takes. beside: what stands beside the film: nothing; every model's probability
    of the class ``probability_of``; that and the map of ``model``; or that and where on the film the mark tells most.
    mark, edit (a key of ``EDITS``): how the film is changed, the mark first. published: figures drawn as bars, taken
    from ``source``. page: a page of the app to go on to.
    """

    title: str
    film: Picture
    question: str
    answer: str
    text: str = ""
    minutes: float = 1.5
    beside: Beside = "probabilities"
    probability_of: Literal["covid19", "normal", "pneumonia", "non_covid19"] = "covid19"
    model: str = "resnet18"
    mark: Mark | None = None
    edit: str | None = None
    published: tuple[Published, ...] = ()
    source: str = ""
    page: Literal["", "read", "explain", "compare", "shortcuts", "audit", "models"] = ""

    def __post_init__(self) -> None:
        _hold(_step_rules(self))

    @property
    def changed(self) -> bool:
        return self.mark is not None or self.edit is not None


@dataclass(frozen=True, kw_only=True)
class Cheating:
    """ "Which model is cheating?" Two models say the same of a phantom; the lungs are erased by the edit ``erased``.

    sure: both give the answer at least this probability. stays: without lungs the cheater's changes by at most this.
    apart: the other's changes by at least this more, so that there is one right answer. phantoms, findings: what is
    drawn from; marker: letters on each.
    """

    question: str
    explanation: str
    phantoms: tuple[int, ...]
    findings: tuple[Finding, ...]
    erased: str
    sure: float
    stays: float
    apart: float
    marker: str = ""

    def __post_init__(self) -> None:
        _hold(_cheating_rules(self))


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """ "Where did the marker go?" One of ``marks`` is put somewhere on a phantom, ``size`` of its height tall.

    opacity: how strong. contrast: least difference in grey to what is behind it, [0, 1], so that it can be seen.
    """

    question: str
    explanation: str
    phantoms: tuple[int, ...]
    findings: tuple[Finding, ...]
    marks: tuple[str, ...]
    size: float
    opacity: float
    contrast: float

    def __post_init__(self) -> None:
        _hold(_hidden_rules(self))


@dataclass(frozen=True, kw_only=True)
class Quiz:
    """questions: how many, of the two kinds in turn. right, wrong: what is said first of an answer."""

    questions: int
    right: str
    wrong: str
    cheating: Cheating
    hidden: Hidden

    def __post_init__(self) -> None:
        _hold([(1 <= self.questions <= 20, "questions", f"{self.questions} is no number from 1 to 20")])


@dataclass(frozen=True)
class Lesson:
    """What ``lesson.toml`` holds."""

    steps: tuple[Step, ...]
    quiz: Quiz

    @property
    def minutes(self) -> float:
        return sum(step.minutes for step in self.steps)


def read(path: Path = FILE) -> Lesson:
    """The lesson and the quiz of ``path``. Raises ManifestError naming the step, the field and what is valid."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestError(f"{path} cannot be read ({error.strerror}): restore it from git.") from error
    except ValueError as error:
        raise ManifestError(f"{path.name} is not valid TOML: {error}.") from error
    try:
        return _lesson(content)
    except ManifestError as error:
        raise ManifestError(f"{path.name}, {str(error).rstrip('.')}.") from error


def placeholders(step: Step) -> tuple[str, ...]:
    """What may stand in curly brackets in the step's answer; lesson.toml says what each is."""
    if step.beside == "nothing":
        return ()
    changed = CHANGED if step.changed else ()
    return READ + changed + (MAPPED if step.beside == "map" else ()) + (PLACED if step.beside == "places" else ())


def filled(text: str, figures: Mapping[str, str]) -> str:
    """``text`` with each {name} replaced. Raises KeyError for a name that has no figure."""
    return FIELD.sub(lambda found: figures[found[1]], text)


def _lesson(content: dict[str, Any]) -> Lesson:
    if unknown := sorted(content.keys() - {"step", "quiz"}):
        raise ManifestError(f"{unknown[0]}: unknown; the file holds [[step]] tables and [quiz].")
    steps = content.get("step")
    if not isinstance(steps, list) or not steps:
        raise ManifestError("step: there is none; begin each step with [[step]].")
    made = tuple(_made(Step, table, f"step {number}") for number, table in enumerate(steps, 1))
    return Lesson(made, _made(Quiz, content.get("quiz", {}), "quiz"))


def _made(kind: Any, table: object, where: str) -> Any:
    values = tables.fitted(kind, tables.keys(kind, table, where), where)
    try:
        return kind(**values)
    except ValueError as error:
        raise ManifestError(f"{where}.{error}") from error


Rule = tuple[bool, str, str]
"""(holds, field, what is wrong or wanted)."""


def _hold(rules: Iterator[Rule] | list[Rule]) -> None:
    for holds, field, wanted in rules:
        if not holds:
            raise ValueError(f"{field}: {wanted}")


def _step_rules(step: Step) -> Iterator[Rule]:
    for field in ("title", "question", "answer"):
        yield bool(getattr(step, field).strip()), field, "must not be empty"
    yield step.minutes > 0, "minutes", "must be more than 0"
    yield step.edit is None or step.edit in EDITS, "edit", _no_edit(step.edit)
    needed = step.mark is not None and step.mark.kind != "border"
    yield step.beside != "places" or needed, "beside", '"places" needs a mark that can be moved: give the step one'
    yield not step.published or bool(step.source), "source", "published figures need their source, in words"
    for field in ("title", "text", "question"):
        yield from _known(field, getattr(step, field), ())
    yield from _known("answer", step.answer, placeholders(step))


def _cheating_rules(kind: Cheating) -> Iterator[Rule]:
    yield kind.erased in EDITS, "erased", _no_edit(kind.erased)
    yield bool(kind.phantoms and kind.findings), "phantoms", "name at least one phantom and one finding"
    shares = 0 <= kind.sure <= 1 and 0 <= kind.stays <= 1 and 0 < kind.apart <= 1
    yield shares, "apart", "sure, stays and apart are shares from 0 to 1, apart above 0"
    yield from _known("question", kind.question, ("disease",))
    yield from _known("explanation", kind.explanation, CHEATING)


def _hidden_rules(kind: Hidden) -> Iterator[Rule]:
    yield bool(kind.phantoms and kind.findings), "phantoms", "name at least one phantom and one finding"
    yield bool(kind.marks) and all(mark.strip() for mark in kind.marks), "marks", "name at least one, each with letters"
    yield 0 < kind.size <= 0.2, "size", f"{kind.size} is no share of the film's height up to 0.2"
    yield 0 < kind.opacity <= 1, "opacity", f"{kind.opacity} is no share above 0, up to 1"
    yield 0 <= kind.contrast < 0.5, "contrast", f"{kind.contrast} is no share from 0 to 0.5"
    yield from _known("question", kind.question, ())
    yield from _known("explanation", kind.explanation, HIDDEN)


def _no_edit(name: str | None) -> str:
    return f"there is no edit {name!r}; there are {', '.join(EDITS)}"


def _known(field: str, text: str, names: tuple[str, ...]) -> Iterator[Rule]:
    valid = ", ".join(f"{{{name}}}" for name in names) or "none here"
    for name in FIELD.findall(text):
        yield name in names, field, f"{{{name}}} is not known; the valid placeholders are: {valid}"
