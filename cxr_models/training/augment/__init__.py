"""Augmentation on the device, in batches: the random draw apart from its deterministic application.

``draw`` for a whole batch, on the CPU; ``Drawn.part`` for one process's films; ``warp`` moves films and masks,
``tone`` changes the grey values of films.
"""

from .apply import tone, warp
from .drawn import Drawn, draw
from .settings import PRESETS, Augment

__all__ = ["PRESETS", "Augment", "Drawn", "draw", "tone", "warp"]
