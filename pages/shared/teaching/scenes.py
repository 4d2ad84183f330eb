"""The films of the lesson and what the models say of them, computed when first needed and kept with the film.

A phantom is nobody's film and is kept for all readers. A reader's film lives in one session, and what is known of it
goes when the film goes: nothing kept here holds the film itself.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from cxr_models.errors import CxrError, UnknownModel
from cxr_models.imaging.phantom import thorax
from cxr_models.shortcuts.lesson import Step
from cxr_models.shortcuts.marks import Mark, marked
from cxr_models.types import Film, Lungs, Map
from pages.shared import cached, reader_first, session, wording

GRID = 7  # places along each side at which a mark is tried
PHANTOMS_KEPT = 24
Progress = Callable[[float, str], None]
_known: WeakKeyDictionary[Film, dict[Hashable, Any]] = WeakKeyDictionary()


class Change(NamedTuple):
    """What is done to a film: a mark put on it, then an edit, a key of ``EDITS``."""

    mark: Mark | None = None
    edit: str | None = None


NONE = Change()


class Answers(NamedTuple):
    """said: model id -> (K,) calibrated probabilities; failures: models that could not read the film, and why."""

    said: dict[str, np.ndarray]
    failures: dict[str, str]


@dataclass(frozen=True, eq=False)
class Scene:
    """What a step shows. changed: the film after the step's change, None where there is none. map: of the step's model,
    or where on the film its mark moves that model; half: what is said with the mark at half its strength."""

    lungs: Lungs
    changed: Film | None
    before: Answers
    after: Answers | None
    map: Map | None = None
    half: Answers | None = None


@lru_cache(PHANTOMS_KEPT)
def phantom(seed: int, finding: str, marker: str = "") -> Film:
    return thorax(seed, finding, marker or None).film


def picture(step: Step) -> Film:
    """The film of the step as it is: the reader's own, where the step prefers it and one is open, else a phantom.

    Only one that models have read already: not one that the gate refused, nor one its reader wants to read first.
    """
    case = session.current()
    reading = None if case is None or reader_first.waiting() else case.reading
    if step.film.prefer == "open" and reading is not None and reading.predictions:
        return reading.film
    return phantom(step.film.phantom, step.film.finding, step.film.marker)


def ready(step: Step) -> bool:
    """Is all that the step shows computed?"""
    return step in _known.get(picture(step), {})


def at_once(step: Step) -> Film:
    """The film to show while the rest is computed: with the step's mark, for which nothing need be known."""
    film = picture(step)
    if step.edit is not None:
        return film
    return changed(film, Change(step.mark))


def scene(step: Step, report: Progress = lambda share, doing: None) -> Scene:
    """All that the step shows, made once. Raises CxrError with a sentence for the reader."""
    film = picture(step)
    return _kept(film, step, lambda: _scene(step, film, report))


def _scene(step: Step, film: Film, report: Progress) -> Scene:
    report(0.0, "Finding the lungs")
    found, change = lungs(film), Change(step.mark, step.edit)
    after_film = changed(film, change) if step.changed else None
    if step.beside == "nothing":
        return Scene(found, after_film, Answers({}, {}), None)
    report(0.2, "The models read the film")
    before = answers(film, NONE)
    if step.model not in before.said:
        raise UnknownModel(before.failures.get(step.model) or _no_model(step.model, before))
    if step.probability_of not in cached.specs()[step.model].classes:
        raise UnknownModel(_no_answer(step))
    after = answers(film, change) if step.changed else None
    report(0.6, "Making the map")
    if step.beside == "map":
        return Scene(found, after_film, before, after, model_map(film, step))
    if step.beside == "places":
        return Scene(found, after_film, before, after, places(film, step, report), answers(film, _half(change)))
    return Scene(found, after_film, before, after)


def lungs(film: Film) -> Lungs:
    """As the app finds them on any film. Raises CxrError."""
    from cxr_models import inference  # brings torch: the page is shown first

    return _kept(film, "lungs", lambda: inference.find_lungs(film))


def changed(film: Film, change: Change) -> Film:
    """The film with the change, the same object each time. Raises RefusedFilm where it needs lungs and has none."""
    return film if change == NONE else _kept(film, change, lambda: _changed(film, change)[0])


def answers(film: Film, change: Change) -> Answers:
    """What every model says of the film after the change."""
    return _kept(film, ("answers", change), lambda: _answers(film, change))


def model_map(film: Film, step: Step) -> Map:
    """Where in the film, after the step's change, its model's answer comes from."""
    from cxr_models import explain

    shown, found = _changed(film, Change(step.mark, step.edit))
    method = explain.methods_for(step.model)[0]
    return explain.explain(shown, found, step.model, method, step.probability_of)


def places(film: Film, step: Step, report: Progress) -> Map:
    """Where on the film the step's mark moves its model, and how far."""
    from cxr_models.shortcuts.sweeps import placement

    assert step.mark is not None
    mark = replace(step.mark, row=0.5, column=0.5)
    return _kept(
        film,
        ("places", mark, step.model, step.probability_of),
        lambda: placement(film, lungs(film), mark, step.model, step.probability_of, GRID, _second_half(report)),
    )


def _changed(film: Film, change: Change) -> tuple[Film, Lungs | None]:
    from cxr_models.shortcuts import EDITS
    from cxr_models.shortcuts.edit import edited, remade

    shown = film if change.mark is None else remade(film, marked(film.pixels, change.mark))
    if change.edit is None:
        return shown, _known.get(film, {}).get("lungs")
    made = edited(EDITS[change.edit], shown, lungs(film))
    return made.film, made.lungs


def _answers(film: Film, change: Change) -> Answers:
    from cxr_models.shortcuts.looks import Looks

    found: Answers = Answers({}, {})
    lungs(film)
    looks = Looks([_changed(film, change)])
    for name, spec in cached.classifiers().items():
        try:
            (said,) = looks.probabilities(name)
        except CxrError as error:
            found.failures[name] = str(error)
            continue
        if np.isfinite(said).all():
            found.said[name] = said
        else:
            found.failures[name] = f"{spec.title} reads the lungs alone, and none were found."
    return found


def _half(change: Change) -> Change:
    assert change.mark is not None
    return change._replace(mark=replace(change.mark, opacity=change.mark.opacity / 2))


def _second_half(report: Progress) -> Progress:
    return lambda share, doing: report(0.6 + 0.4 * share, doing)


def _no_model(model_id: str, before: Answers) -> str:
    return f"The step's model {model_id!r} is not here. There are: {', '.join(before.said)}."


def _no_answer(step: Step) -> str:
    spec, asked = cached.specs()[step.model], wording.CLASS_NAMES[step.probability_of]
    return f"The step's model {spec.title} cannot say {asked}. It says {wording.answers(spec.classes)}."


def _kept(film: Film, key: Hashable, make: Callable[[], Any]) -> Any:
    known = _known.setdefault(film, {})
    if key not in known:
        known[key] = make()
    return known[key]
