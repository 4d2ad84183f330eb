"""One growth as one piece of work: what was asked, the films, and the snapshots as they come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits

from ...errors import Cancelled
from .exam import Snapshot
from .films import Example, Material
from .index_films import index_films
from .phantoms import phantoms
from .settings import Settings
from .train import EPOCHS, grow

Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]
FILMS = 0.5  # share of the work, about, until the films are ready


def one_thread() -> threadpool_limits:
    """A context in which torch works in this thread alone; other threads keep theirs.

    For so small a net it is no slower, where all cores are busy it is many times faster, and the result does not depend
    on how many there are.
    """
    torch.get_num_threads()  # a thread's first question sets its number, and would undo the limit
    return threadpool_limits(1, user_api="openmp")


@dataclass(eq=False)
class Growth:
    """A net that grows, to be watched from another thread: ``snapshots`` only ever gets longer.

    examples: the two films looked at, None until the films are ready. epochs: how many there will be.
    """

    settings: Settings
    epochs: int = EPOCHS
    examples: tuple[Example, Example] | None = None
    snapshots: list[Snapshot] = field(default_factory=list)

    def run(self, progress: Progress, cancelled: Cancel) -> "Growth":
        """All of it. Raises Cancelled, and TrainingError where films cannot be had."""
        with one_thread():
            return self._grow(progress, cancelled)

    def _grow(self, progress: Progress, cancelled: Cancel) -> "Growth":
        material = self._films(lambda share, doing: progress(FILMS * share, doing), cancelled)
        self.examples = material.examples
        for snapshot in grow(material, self.settings.strength, self.settings.seed, self.epochs):
            self.snapshots.append(snapshot)
            if cancelled():
                raise Cancelled("Cancelled while the net learned.")
            share = FILMS + (1 - FILMS) * snapshot.epoch / self.epochs
            progress(share, f"Round {min(snapshot.epoch + 1, self.epochs)} of {self.epochs} through the films")
        return self

    def _films(self, progress: Progress, cancelled: Cancel) -> Material:
        asked = self.settings
        if asked.index:
            return index_films(Path(asked.index), Path(asked.root), asked.seed, progress, cancelled)
        return phantoms(asked.visibility, asked.seed, progress, cancelled)
