"""What the models say of a step or a question, as the words that stand in the texts. Pure."""

from collections.abc import Mapping

import numpy as np

from cxr_models.manifest import ModelSpec
from cxr_models.shortcuts.lesson import Step
from cxr_models.types import Map
from pages.shared.teaching.scenes import Answers, Scene

AREAS = (
    "top left", "top middle", "top right",
    "middle left", "centre", "middle right",
    "bottom left", "bottom middle", "bottom right",
)  # fmt: skip


def figures(step: Step, shown: Scene, specs: Mapping[str, ModelSpec]) -> dict[str, str]:
    """Every placeholder that the step's answer may use -> what is put there."""
    if step.beside == "nothing":
        return {}
    before = of_class(shown.before, specs, step.probability_of)
    words = {
        "model": short(specs[step.model]),
        "before": probability(before[step.model]),
        "models": str(len(before)),
    }
    if shown.after is not None:
        after = of_class(shown.after, specs, step.probability_of)
        words |= most_and_least(before, after, specs)
        words["after"], words["change"] = probability(after[step.model]), change(after[step.model] - before[step.model])
        words["switched"] = str(switched(shown.before, shown.after))
    if step.beside == "map" and shown.map is not None:
        words |= _mapped(shown.map)
    if step.beside == "places" and shown.map is not None and shown.half is not None:
        half = of_class(shown.half, specs, step.probability_of)[step.model]
        words |= _placed(shown.map.extra["grid"]) | {"half_change": change(half - before[step.model])}
    return words


def most_and_least(
    before: Mapping[str, float], after: Mapping[str, float], specs: Mapping[str, ModelSpec]
) -> dict[str, str]:
    """The models whose probability changes most and least, each with what it says before and after."""
    by_change = sorted((name for name in before if name in after), key=lambda name: abs(after[name] - before[name]))
    words = {}
    for which, name in (("least", by_change[0]), ("most", by_change[-1])):
        words[f"{which}_moved"] = short(specs[name])
        words[f"{which}_before"], words[f"{which}_after"] = probability(before[name]), probability(after[name])
    return words


def of_class(answers: Answers, specs: Mapping[str, ModelSpec], name: str) -> dict[str, float]:
    """Model id -> its probability of class ``name``; without the models that do not know the class."""
    return {
        model: float(said[specs[model].classes.index(name)])
        for model, said in answers.said.items()
        if name in specs[model].classes
    }


def switched(before: Answers, after: Answers) -> int:
    """How many models find another class most probable than before."""
    both = before.said.keys() & after.said.keys()
    return sum(int(np.argmax(before.said[name])) != int(np.argmax(after.said[name])) for name in both)


def short(spec: ModelSpec) -> str:
    """The title without what stands in brackets: "CoroNet (two autoencoders)" is CoroNet on a projector."""
    return spec.title.partition(" (")[0]


def probability(value: float) -> str:
    return f"{value:.2f}"


def change(value: float) -> str:
    """Signed, with a minus sign that is one."""
    return f"{value:+.2f}".replace("-", "−")


def area(row: float, column: float) -> int:
    """Which of ``AREAS`` holds a place, in shares of the film's height and width, [0, 1]."""
    return 3 * min(int(3 * row), 2) + min(int(3 * column), 2)


def middle(number: int) -> tuple[float, float]:
    """The middle of one of ``AREAS``, in shares of the film's height and width."""
    row, column = divmod(number, 3)
    return (row + 0.5) / 3, (column + 0.5) / 3


def _mapped(found: Map) -> dict[str, str]:
    if found.inside_lungs is None:
        return {"share_in_lungs": "none", "lungs_of_film": "unknown"}
    return {"share_in_lungs": f"{found.inside_lungs:.0%}", "lungs_of_film": f"{float(found.extra['floor']):.0%}"}


def _placed(grid: np.ndarray) -> dict[str, str]:
    """From the change at each place, (n, n)."""
    words: dict[str, str] = {}
    for which, at in (("best", grid.argmax()), ("worst", grid.argmin())):
        row, column = (np.array(np.unravel_index(at, grid.shape)) + 0.5) / grid.shape
        words |= {f"{which}_place": AREAS[area(row, column)], f"{which}_change": change(float(grid.flat[at]))}
    return words
