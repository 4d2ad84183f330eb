"""What an edit of a film is: a pure function of its grey values, and where its places went if it moved them.

Nothing is drawn by chance here: what varies (a place, an opacity) is drawn beforehand and is part of the edit. A model
is shown exactly the film that ``edited`` returns, and so is the reader.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..errors import RefusedFilm
from ..types import Film, Lungs
from .geometry import Motion, lungs_moved

Apply = Callable[[np.ndarray, Lungs | None], np.ndarray]
"""(H, W) float32 in [0, 1] and the film's lungs -> the edited film, in [0, 1], of the same shape: nothing has moved."""


@dataclass(frozen=True, eq=False)
class Edit:
    """One change of a film. title: for readers; why: a sentence, what an answer that follows this change rests on.

    Exactly one of ``apply`` and ``motion`` is given. needs_lungs: cannot be made where none were found.
    """

    title: str
    why: str
    apply: Apply | None = None
    motion: Motion | None = None
    needs_lungs: bool = False


@dataclass(frozen=True, eq=False)
class Edited:
    """A changed film and its lungs: those of the film as it came, moved along. shape: (H, W) of the film as it came;
    motion: None where nothing moved."""

    film: Film
    lungs: Lungs | None
    shape: tuple[int, int]
    motion: Motion | None = None

    def back(self, values: np.ndarray) -> np.ndarray:
        """A map of the edited film in the frame of the film as it came; 0 where the edited film shows nothing of it."""
        return values if self.motion is None else self.motion.back(values, self.shape)


def edited(edit: Edit, film: Film, lungs: Lungs | None) -> Edited:
    """The film as ``edit`` leaves it. Raises RefusedFilm where it needs lungs and there are none."""
    found = lungs if lungs is not None and lungs.mask.any() else None
    if edit.needs_lungs and found is None:
        raise RefusedFilm(f"“{edit.title}” needs the lungs, and none were found on this film: choose another edit.")
    shape = (film.pixels.shape[0], film.pixels.shape[1])
    if edit.motion is not None:
        pixels = edit.motion.forth(film.pixels)
        return Edited(remade(film, pixels), found and lungs_moved(found, edit.motion), shape, edit.motion)
    assert edit.apply is not None
    return Edited(remade(film, edit.apply(film.pixels, found)), found, shape)


def remade(film: Film, pixels: np.ndarray) -> Film:
    """``film`` with other grey values, and so with another identity."""
    pixels = np.ascontiguousarray(np.clip(pixels, 0, 1), np.float32)
    return replace(
        film, pixels=pixels, sha256=hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
    )
