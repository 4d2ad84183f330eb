"""Where a map's positive evidence lies: its share in each named part of the film, and how high the lungs' can be.

A coarse map cannot stay inside the lungs: what it holds at their edge spills over. So a share inside the lungs is to be
read between its floor, what an even map has, and its ceiling, what a map of the same grain has that lies on them alone.
"""

import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter

from ...imaging.preprocess import resize, to_film_frame
from ...types import Map, Zone
from .. import inside
from ..integrated_gradients import SMOOTH
from ..occlusion import WINDOW
from ..scene import AT
from .regions import partition


def zones(values: np.ndarray, mask: np.ndarray) -> tuple[Zone, ...]:
    """Shares of the positive part of ``values`` (H, W) in the parts of a film with lungs ``mask`` (H, W) bool.

    Empty without lungs or without positive evidence.
    """
    positive = np.clip(values, 0, None)
    if not mask.any() or not positive.any():
        return ()
    names, labels = partition(mask)
    shares = np.bincount(labels.ravel(), positive.ravel(), len(names)) / positive.sum(dtype=np.float64)
    floors = np.bincount(labels.ravel(), minlength=len(names)) / labels.size
    rows = zip(names, shares.tolist(), floors.tolist(), strict=True)
    return tuple(Zone(name, share, floor) for name, share, floor in rows if floor > 0)


def ceiling(made: Map, mask: np.ndarray, shown: np.ndarray | None = None) -> float | None:
    """Share in [0, 1] inside the lungs ``mask`` (H, W) bool of a map as coarse as ``made`` that lies on them alone.

    shown: as ``scene.shown_alone``; methods that change the film mark nothing outside of it, so nothing spills there.
    None without lungs, and for a method that spreads nothing (residuals).
    """
    on_lungs = at_grain(made, mask.astype(np.float32))
    if on_lungs is None:
        return None
    if shown is not None and "grid" not in made.extra:
        on_lungs = on_lungs * (resize(shown, mask.shape) >= 0.5)
    return inside(on_lungs, mask)


def at_grain(made: Map, lungs: np.ndarray) -> np.ndarray | None:
    """(H, W) of 0 and 1 -> (H, W) in [0, 1], as coarse as ``made``."""
    grid = made.extra.get("grid", made.extra.get("mask"))
    if grid is not None:
        return to_film_frame(resize(lungs, grid.shape), lungs.shape)
    if made.method == "occlusion":  # a window finds the mean of the lungs in it, a place gets the mean of its windows
        window = [max(1, round(side * WINDOW)) for side in lungs.shape]
        return uniform_filter(uniform_filter(lungs, window), window)
    if made.method == "integrated_gradients":
        return gaussian_filter(lungs, [SMOOTH * side / AT for side in lungs.shape])
    return None
