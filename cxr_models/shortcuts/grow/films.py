"""The films of one growth, and the letter on them: which films bear it is drawn apart from putting it on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...imaging.preprocess import resize
from ..marks import Mark, cover, laid, marked

SIDE = 96
MARK = Mark("text", "R", row=0.08, column=0.08, size=0.09)

SETS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "aligned": lambda ill: ill,
    "clean": np.zeros_like,
    "conflicting": np.logical_not,
}
"""Test sets, of the same films: (n,) bool, ill -> (n,) bool, which of them bear the letter."""


@dataclass(frozen=True, eq=False)
class Films:
    """n films without the letter. pixels: (n, SIDE, SIDE) float32 in [0, 1]. ill: (n,) bool.

    opacity: (n, SIDE, SIDE) bool, where the disease is; None where nobody knows.
    """

    pixels: np.ndarray
    ill: np.ndarray
    opacity: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Example:
    """A film to look at while the net learns, with the letter on it.

    pixels: (H, W) float32 in [0, 1], in its own size, for the eye. small: (SIDE, SIDE), what the net sees: the same,
    with the letter put on after shrinking, as on all its films. opacity: (H, W) bool, all False on a healthy film; None
    where nobody knows.
    """

    pixels: np.ndarray
    small: np.ndarray
    ill: bool
    opacity: np.ndarray | None = None

    @classmethod
    def of(cls, film: np.ndarray, ill: bool, opacity: np.ndarray | None = None) -> "Example":
        """``film``: (H, W), without the letter."""
        shown, seen = (with_letter(one[None], np.array([True]))[0] for one in (film, resize(film, (SIDE, SIDE))))
        return cls(shown, seen, ill, opacity)


@dataclass(frozen=True, eq=False)
class Material:
    """What a net learns from, is tested on and is watched at. No person is in two of the three.

    examples: an ill film with the letter, then a healthy one with it.
    """

    train: Films
    test: Films
    examples: tuple[Example, Example]


def letters(ill: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Draw which of (n,) films bear the letter: (1 + s) / 2 of the ill ones, (1 - s) / 2 of the healthy, rounded.

    strength: s in [0, 1], the correlation (phi) of letter and disease: 0, none; 1, every ill film and no healthy one.
    """
    found = np.zeros(len(ill), bool)
    for group, share in ((ill, (1 + strength) / 2), (~ill, (1 - strength) / 2)):
        rows = np.flatnonzero(group)
        found[rng.permutation(rows)[: round(share * len(rows))]] = True
    return found


def with_letter(pixels: np.ndarray, which: np.ndarray) -> np.ndarray:
    """(n, H, W) with the letter on the films ``which``, (n,) bool; the others as they were."""
    drawn = cover(pixels.shape[1:], MARK)
    return np.stack([laid(one, drawn, MARK) if bears else one for one, bears in zip(pixels, which, strict=True)])


def letter_at(shape: tuple[int, int]) -> np.ndarray:
    """(H, W) bool: the pixels that the letter touches on a film of this shape."""
    return marked(np.zeros(shape, np.float32), MARK) > 0
