"""The skeleton of the phantom as path length through bone, relative to one crossing of a rib.

Ribs are space curves around the elliptic chest: seen from the front each gives a flat posterior and a steep anterior
limb, and a dense line where it turns at the flank, because the beam runs along it there.
"""

import numpy as np

from cxr_models.imaging.phantom.anatomy import Anatomy
from cxr_models.imaging.phantom.canvas import blurred, polygon, stroke, tube

_PAIRS = 12
_SPACING = 0.0595


def skeleton(who: Anatomy, size: int) -> np.ndarray:
    """(size, size) float32: all bones of ``who`` added up."""
    bones = np.zeros((size, size), np.float32)
    for side in (-1.0, 1.0):
        for pair in range(1, _PAIRS + 1):
            bones += _rib(who, pair, side, size)
        bones += _shoulder(who, side, size)
    return bones + _spine(who, size) + _sternum(who, size)


def _rib(who: Anatomy, pair: int, side: float, size: int) -> np.ndarray:
    """Rib ``pair`` (1 is the uppermost) from the spine round the flank to the front."""
    end = {1: 2.35, 11: 1.95, 12: 1.70}.get(pair, 2.62)
    angle = np.linspace(0.07, end, 46)
    row = who.apex + 0.004 + _SPACING * (pair - 1)
    drop = min(0.12 + 0.026 * pair, 0.31)
    y = row + drop * ((1.0 - np.cos(angle)) / 2.0) ** 1.05 - 0.012 * np.sin(2.0 * np.minimum(angle, np.pi / 2))
    reach = float(who.wall(np.array(row + drop * 0.45))) + 0.006
    x = who.midline(y) + side * reach * np.sin(angle) ** 0.9
    z = -0.22 * np.cos(angle)
    flat = np.hypot(np.gradient(x), np.gradient(y))
    along_beam = np.clip(np.sqrt(flat**2 + np.gradient(z) ** 2) / flat, 1.0, 2.0)
    tall = np.interp(angle, [0.1, 1.4, 2.6], [0.0105, 0.0120, 0.0150])
    half = np.hypot(tall * np.gradient(x), 0.0055 * np.gradient(y)) / flat
    weight = along_beam * np.interp(angle, [0.1, 1.3, 1.7, end - 0.15, end], [1.0, 1.0, 0.8, 0.60, 0.25])
    layer, front = np.zeros((size, size), np.float32), np.zeros((size, size), np.float32)
    turn = int(np.searchsorted(angle, np.pi / 2)) + 1
    axis = np.stack([x, y], 1)
    tube(layer, axis[:turn], half[:turn], 0.0032, weight[:turn])
    tube(front, axis[turn - 1 :], half[turn - 1 :], 0.0026, weight[turn - 1 :])
    return np.maximum(layer, front)


def _shoulder(who: Anatomy, side: float, size: int) -> np.ndarray:
    """Clavicle, scapula and the upper end of the humerus on one side."""
    return _clavicle(who, side, size) + _scapula(who, side, size) + _humerus(who, side, size)


def _clavicle(who: Anatomy, side: float, size: int) -> np.ndarray:
    layer = np.zeros((size, size), np.float32)
    along = np.linspace(0.0, 1.0, 40)
    x = 0.5 + side * (0.030 + (who.half_width + 0.005) * along)
    y = who.apex + 0.095 - 0.095 * along + 0.013 * np.sin(2.0 * np.pi * (along + 0.05))
    half = np.interp(along, [0.0, 0.12, 0.5, 0.9, 1.0], [0.018, 0.0145, 0.0125, 0.015, 0.008])
    tube(layer, np.stack([x, y], 1), half, 0.0036, np.full(40, 1.7))
    return layer


def _scapula(who: Anatomy, side: float, size: int) -> np.ndarray:
    """A thin blade with a thick lateral border and spine, turned out of the lung fields as the arms are."""
    w, top = who.half_width, who.apex + 0.02
    blade = [
        (w - 0.09, top + 0.03),
        (w + 0.03, top + 0.015),
        (w + 0.075, top + 0.07),
        (w + 0.06, top + 0.13),
        (w + 0.015, top + 0.30),
        (w - 0.015, top + 0.325),
        (w - 0.045, top + 0.24),
        (w - 0.08, top + 0.10),
    ]
    outline = np.array(blade) * [side, 1.0] + [0.5, 0.0]
    layer = np.zeros((size, size), np.float32)
    polygon(layer, outline, 0.45)
    stroke(layer, outline[3:6], 0.011, 1.4)
    stroke(layer, np.vstack([outline[5:], outline[:1]]), 0.004, 0.7)
    spine = np.array([(w - 0.07, top + 0.075), (w + 0.0, top + 0.035), (w + 0.07, top - 0.012)]) * [side, 1.0]
    stroke(layer, spine + [0.5, 0.0], 0.014, 0.75)
    return blurred(layer, 0.0025)


def _humerus(who: Anatomy, side: float, size: int) -> np.ndarray:
    layer = np.zeros((size, size), np.float32)
    start = np.array([who.half_width + 0.092, who.apex + 0.085])
    points = start + np.linspace(0.0, 1.0, 30)[:, None] * np.array([0.13, 0.45])
    half = np.interp(np.linspace(0.0, 1.0, 30), [0.0, 0.04, 0.10, 0.3, 1.0], [0.020, 0.038, 0.040, 0.026, 0.022])
    tube(layer, points * [side, 1.0] + [0.5, 0.0], half, 0.006, np.full(30, 1.9))
    return layer


def _spine(who: Anatomy, size: int) -> np.ndarray:
    """Vertebral bodies with end plates, pedicles and spinous processes, from the neck to the upper lumbar spine."""
    layer = np.zeros((size, size), np.float32)
    rows = np.cumsum(np.interp(np.arange(24), [0, 6, 23], [0.036, 0.048, 0.066])) - 0.07
    for row, height in zip(rows[:-1], np.diff(rows), strict=True):
        _vertebra(layer, float(who.midline(np.array(row))), float(row), float(height))
    return blurred(layer, 0.0022)


def _vertebra(layer: np.ndarray, x: float, y: float, height: float) -> None:
    half = 0.031 + 0.012 * np.clip(y, 0.0, 1.0)
    corners = np.array([(-1.0, 0.06), (-0.88, 0.45), (-1.0, 0.84), (1.0, 0.84), (0.88, 0.45), (1.0, 0.06)])
    body = corners * [half, height] + [x, y]
    polygon(layer, body, 0.8)
    stroke(layer, np.vstack([body, body[:1]]), 0.004, 1.15)
    turn = np.linspace(0.0, 2.0 * np.pi, 16)
    for side in (-1.0, 1.0):
        ring = np.stack([0.0065 * np.cos(turn), 0.20 * height * np.sin(turn)], 1)
        stroke(layer, ring + [x + side * 0.62 * half, y + 0.36 * height], 0.003, 1.7)
    process = np.stack([0.0055 * np.cos(turn), 0.24 * height * np.sin(turn)], 1) + [x, y + 0.72 * height]
    polygon(layer, process, 1.6)


def _sternum(who: Anatomy, size: int) -> np.ndarray:
    """Manubrium and body: barely visible behind the mediastinum."""
    layer = np.zeros((size, size), np.float32)
    top = who.apex + 0.085
    shape = [(-0.045, 0.0), (0.045, 0.0), (0.030, 0.08), (0.034, 0.30), (-0.034, 0.30), (-0.030, 0.08)]
    polygon(layer, np.array(shape) + [0.5, top], 0.4)
    return blurred(layer, 0.004)
