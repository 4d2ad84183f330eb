"""What the lab has computed of a film, kept exactly as long as the film is open, and the work that computes it.

``cxr_models.shortcuts`` brings torch, which takes seconds to load: it is imported when first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from cxr_models.types import Film, Lungs, Map
from pages.shared import jobs
from pages.shared.opened import Opened

if TYPE_CHECKING:
    from cxr_models.shortcuts.bench import Bench
    from cxr_models.shortcuts.marks import Mark
    from cxr_models.shortcuts.sweeps import Dose

# Keyed on the film object itself, which lives in one session: never shared, and gone with the film.
_kept: WeakKeyDictionary[Film, dict[Hashable, Any]] = WeakKeyDictionary()


def of(film: Film) -> dict[Hashable, Any]:
    """All that was computed of this film, by what was asked."""
    return _kept.setdefault(film, {})


def small(here: Opened) -> tuple[Film, Lungs | None]:
    """Film and lungs as marks are put on them, at most 1024 pixels long; made once."""
    found = of(here.case.film)
    if "small" not in found:
        from cxr_models.shortcuts.bench import on_the_bench

        found["small"] = on_the_bench(here.case.film, here.reading.lungs)
    return found["small"]


def bench(here: Opened) -> Bench | None:
    return of(here.case.film).get("bench")


def benching(here: Opened) -> jobs.Task:
    """The work of editing the film in every way and showing it to every model."""
    film, lungs = here.case.film, here.reading.lungs

    def work(progress: jobs.Progress, cancelled: jobs.Cancel) -> Bench:
        from cxr_models.shortcuts.bench import bench

        return bench(film, lungs, list(here.reading.predictions), progress=progress, cancelled=cancelled)

    return _task(here, "bench", f"Every edit of {here.case.name}, read by every model", work)


def dose(here: Opened, mark: Mark) -> Dose | None:
    return of(here.case.film).get(("dose", mark))


def dosing(here: Opened, mark: Mark) -> jobs.Task:
    """The work of reading the mark at every opacity by every model."""

    def work(progress: jobs.Progress, cancelled: jobs.Cancel) -> Dose:
        from cxr_models.shortcuts import sweeps

        film, lungs = small(here)
        ids = list(here.reading.predictions)
        return sweeps.dose(film, lungs, mark, ids, progress=progress, cancelled=cancelled)

    return _task(here, ("dose", mark), "The mark from faint to strong, read by every model", work, asked=True)


def placement(here: Opened, mark: Mark, model_id: str, target: str) -> Map | None:
    return of(here.case.film).get(("placement", mark, model_id, target))


def placing(here: Opened, mark: Mark, model_id: str, target: str, title: str) -> jobs.Task:
    """The work of trying the mark at every place; title: of the model."""

    def work(progress: jobs.Progress, cancelled: jobs.Cancel) -> Map:
        from cxr_models.shortcuts import sweeps

        film, lungs = small(here)
        return sweeps.placement(film, lungs, mark, model_id, target, progress=progress, cancelled=cancelled)

    label = f"The mark at every place, read by {title}"
    return _task(here, ("placement", mark, model_id, target), label, work, asked=True)


def ticket(here: Opened, asked: Hashable) -> jobs.Ticket:
    """What tells this work from any other."""
    return (here.case.sha256, repr(asked))


def _task(
    here: Opened,
    what: Hashable,
    label: str,
    work: Callable[[jobs.Progress, jobs.Cancel], Any],
    asked: bool = False,
) -> jobs.Task:
    kept = of(here.case.film)
    return jobs.Task(ticket(here, what), label, work, lambda found: kept.update({what: found}), asked)
