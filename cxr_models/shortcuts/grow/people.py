"""People who do not exist, drawn small and quickly, each healthy and ill.

Put together from the parts of ``imaging.phantom``. Vessels take most of the time that a phantom needs, and are hardly
seen at this size: here they come from a few trees drawn once. So 200 people take seconds, not minutes.
"""

from functools import cache
from threading import Lock
from typing import NamedTuple

import cv2
import numpy as np

from ...imaging.phantom import airways, anatomy, bones, exposure, findings
from ...imaging.preprocess import resize
from ...types import COVID19
from .films import SIDE

AERATED = 0.74  # of the path through lung
TREES, TREE_SIDE = 8, 256
DENSE = 1.7  # fluid of the phantom's COVID-19 times so much: plain to see at full visibility, also for a class
_ANATOMY, _FINDING, _GAS, _TREE, _EXPOSURE = range(5)
_one_at_a_time = Lock()


class Person(NamedTuple):
    """healthy, ill: (S, S) float32 in [0, 1], the same person. opacity: (S, S) bool, where the disease is."""

    healthy: np.ndarray
    ill: np.ndarray
    opacity: np.ndarray

    def film(self, ill: bool, visibility: float) -> np.ndarray:
        """``visibility``: 0, nothing of the disease is seen; 1, as the phantom draws it."""
        return self.healthy + np.float32(visibility * ill) * (self.ill - self.healthy)


def person(number: int, side: int = SIDE) -> Person:
    """The same for the same number and side; drawn once a process and kept, since it is nobody."""
    with _one_at_a_time:
        return _person(number, side)


@cache
def _person(number: int, side: int) -> Person:
    who = anatomy.draw(_stream(number, _ANATOMY))
    parts = anatomy.organs(who, side)
    share = np.minimum(DENSE * findings.filled(COVID19, who, parts, _stream(number, _FINDING)), 1)
    body, air = _beam(who, parts, number)
    healthy, ill = (
        _exposed(who, body - exposure.SOFT_PER_CM * air * open_, number) for open_ in (np.ones_like(share), 1 - share)
    )
    return Person(healthy, ill, _posed(who, (share > 0).astype(np.float32)) >= 0.5)


def _beam(who: anatomy.Anatomy, parts: anatomy.Organs, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Attenuation of the body without its lungs, and centimetres of air in them less the blood; (S, S) each."""
    side = parts.air.shape[0]
    blood = _tree(int(_stream(number, _TREE).integers(TREES)), side) * np.minimum(parts.air / 3, 1)
    soft = parts.body - airways.trachea(who, side) - airways.gas(who, _stream(number, _GAS), side)
    bone = bones.skeleton(who, side) * np.minimum(parts.body / 4, 1)
    return exposure.SOFT_PER_CM * soft + exposure.RIB_CROSSING * bone, AERATED * (parts.air - blood)


def _exposed(who: anatomy.Anatomy, attenuation: np.ndarray, number: int) -> np.ndarray:
    film = exposure.expose(_posed(who, np.maximum(attenuation, 0)), _stream(number, _EXPOSURE))
    return np.clip(film, 0, 1)


def _posed(who: anatomy.Anatomy, picture: np.ndarray) -> np.ndarray:
    """The patient stands a little turned and off centre, and nearer than the film is wide."""
    side = picture.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), who.tilt, 1.06)
    turn[:, 2] += np.array(who.shift) * side
    return cv2.warpAffine(picture, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


@cache
def _tree(number: int, side: int) -> np.ndarray:
    """Vessels: drawn large enough that the fine ones are not thicker than they are."""
    rng = _stream(number, _TREE)
    return resize(airways.vessels(anatomy.draw(rng), rng, max(side, TREE_SIDE)), (side, side))


def _stream(number: int, part: int) -> np.random.Generator:
    """Each part draws from its own stream, so that one part never shifts another's numbers."""
    return np.random.default_rng([number, part])
