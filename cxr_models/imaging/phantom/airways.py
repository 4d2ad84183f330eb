"""Pulmonary vessels, trachea, main bronchi and the gas under the diaphragm: all as centimetres of path."""

import numpy as np

from cxr_models.imaging.phantom.anatomy import Anatomy
from cxr_models.imaging.phantom.canvas import FILM_CM, axes, blurred, polygon, rounded, stroke

_TWIGS = 9
_ALONG = np.linspace(0.0, 1.0, 5)


def vessels(who: Anatomy, rng: np.random.Generator, size: int) -> np.ndarray:
    """(size, size) float32: blood in the path, branching and tapering from both hila to the periphery."""
    total = np.zeros((size, size), np.float32)
    for side, row in ((-1.0, who.arch + 0.115), (1.0, who.arch + 0.095)):
        hilum = np.array([0.5 + side * 0.092, row])
        for layer_directions in ((-75, -38, 8, 42, 68), (-58, -12, 25, 55, 82)):
            layer = np.zeros((size, size), np.float32)
            for angle in layer_directions:
                heading = np.deg2rad(angle + rng.uniform(-8, 8))
                radius = rng.uniform(0.012, 0.017) * (1.15 if angle > 20 else 0.8)
                start = hilum + rng.uniform(-0.012, 0.012, 2) + [0.0, 0.02 * np.sin(heading)]
                _branch(layer, rng, start, heading, radius, side, 0)
            total += layer
        total += _hilum(hilum, size)
    return blurred(total, 0.0008)


def _branch(
    layer: np.ndarray,
    rng: np.random.Generator,
    start: np.ndarray,
    heading: float,
    radius: float,
    side: float,
    generation: int,
) -> None:
    """Draw one vessel, then its two daughters; ``heading`` is 0 outwards and pi/2 down, whatever the ``side``."""
    if radius < 0.0009 or generation > _TWIGS or not 0.08 < start[1] < 0.88 or abs(start[0] - 0.5) > 0.37:
        return
    length = rng.uniform(0.7, 1.3) * (0.034 + 2.0 * radius)
    turn = heading + rng.uniform(-0.35, 0.35) * _ALONG
    points = np.empty((len(_ALONG), 2))
    points[:, 0] = start[0] + side * np.cos(turn) * length * _ALONG
    points[:, 1] = start[1] + np.sin(turn) * length * _ALONG
    stroke(layer, points, 2.0 * radius, 2.0 * radius * FILM_CM)
    spread = rng.uniform(0.2, 0.55)
    _branch(layer, rng, points[-1], turn[-1] - 0.45 * spread, radius * rng.uniform(0.80, 0.90), side, generation + 1)
    _branch(layer, rng, points[-1], turn[-1] + spread, radius * rng.uniform(0.5, 0.74), side, generation + 1)


def _hilum(centre: np.ndarray, size: int) -> np.ndarray:
    """Soft knot of arteries, veins and bronchial walls."""
    x, y = axes(size)
    return 2.6 * np.exp(-(((x - centre[0]) / 0.020) ** 2) - ((y - centre[1] - 0.01) / 0.042) ** 2)


def trachea(who: Anatomy, size: int) -> np.ndarray:
    """(size, size) float32: air in the trachea and main bronchi, pushed slightly to the patient's right by the arch."""
    layer = np.zeros((size, size), np.float32)
    fork = who.arch + 0.065
    y = np.linspace(-0.02, fork, 24)
    x = 0.5 - 0.010 * np.exp(-(((y - who.arch) / 0.09) ** 2))
    stroke(layer, np.stack([x, y], 1), 0.040, 1.0)
    for end in ((-0.060, 0.070), (0.085, 0.058)):
        stroke(layer, np.array([[x[-1], fork - 0.01], [0.5 + end[0], fork + end[1]]]), 0.026, 0.75)
    profile = np.sqrt(blurred(layer, 0.0035))
    return 2.3 * profile


def gas(who: Anatomy, rng: np.random.Generator, size: int) -> np.ndarray:
    """(size, size) float32: the stomach bubble, flat below where it meets fluid, and some bowel gas beside it."""
    x, y = axes(size)
    centre = (0.5 + rng.uniform(0.14, 0.19), who.left_dome + 0.062 + rng.uniform(0.0, 0.012))
    bubble = ((x - centre[0]) / who.gas) ** 2 + ((y - centre[1]) / (0.75 * who.gas)) ** 2 < 1.0
    total = 5.0 * rounded(bubble & (y < centre[1] + 0.35 * who.gas), 0.03)
    for _ in range(int(rng.integers(1, 4))):
        spot = np.array([0.5 + rng.uniform(0.12, 0.28), who.left_dome + rng.uniform(0.14, 0.22)])
        turn = np.linspace(0.0, 2.0 * np.pi, 20)
        ring = np.stack([np.cos(turn), 0.7 * np.sin(turn)], 1) * rng.uniform(0.012, 0.028)
        loop = np.zeros((size, size), np.float32)
        polygon(loop, ring * (1.0 + 0.2 * np.sin(3 * turn))[:, None] + spot, 1.0)
        total = total + 2.5 * rounded(loop > 0, 0.02)
    return blurred(total.astype(np.float32), 0.003)
