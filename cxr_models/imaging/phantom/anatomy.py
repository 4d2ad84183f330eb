"""One person's chest: the drawn proportions, and the soft organs as thicknesses in centimetres.

The reader's left is the patient's right, as on every frontal film. Proportions follow common adult figures
(inner chest width about 29 cm, cardiothoracic ratio 0.38 to 0.52, right dome about 1.5 cm above the left).
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from cxr_models.imaging.phantom.canvas import axes, rounded


@dataclass(frozen=True)
class Anatomy:
    """Proportions of one chest. Lengths are in film widths unless named ``_cm``; ``tilt`` in degrees.

    half_width: of the inner rib cage. apex, right_dome, left_dome, arch: rows. heart_ratio: cardiothoracic ratio.
    depth_cm: front to back, inside the ribs. wall_cm: front and back chest wall together. breast_cm: 0 for none.
    curve: sideways bow of the spine. gas: width of the stomach bubble.
    """

    half_width: float
    apex: float
    right_dome: float
    left_dome: float
    arch: float
    heart_ratio: float
    depth_cm: float
    wall_cm: float
    breast_cm: float
    curve: float
    gas: float
    tilt: float
    shift: tuple[float, float]

    def wall(self, y: np.ndarray) -> np.ndarray:
        """Half-width of the inner rib cage at rows ``y``; 0 above the apex."""
        down = np.clip((y - self.apex) / 0.74, 0.0, 1.0)
        narrowing = 0.03 * np.clip((y - 0.78) / 0.2, 0.0, 1.0)
        shape = 0.07 + (self.half_width - 0.07) * np.sqrt(1.0 - (1.0 - down) ** 3.6)
        return np.where(y < self.apex, 0.0, shape - narrowing)

    def midline(self, y: np.ndarray) -> np.ndarray:
        """Column of the spine at rows ``y``."""
        return 0.5 + self.curve * np.sin(np.pi * np.clip(y, 0.0, 1.0))


def draw(rng: np.random.Generator) -> Anatomy:
    """One chest, proportions drawn from ``rng``."""
    right_dome = rng.uniform(0.665, 0.745)
    return Anatomy(
        half_width=rng.uniform(0.335, 0.375),
        apex=rng.uniform(0.095, 0.135),
        right_dome=right_dome,
        left_dome=right_dome + rng.uniform(0.015, 0.045),
        arch=rng.uniform(0.29, 0.325),
        heart_ratio=rng.uniform(0.39, 0.51),
        depth_cm=rng.uniform(14.5, 18.0),
        wall_cm=rng.uniform(4.5, 7.0),
        breast_cm=float(rng.choice([0.0, 0.0, 2.2, 3.2])),
        curve=rng.uniform(-0.008, 0.008),
        gas=rng.uniform(0.035, 0.075),
        tilt=rng.uniform(-1.8, 1.8),
        shift=(rng.uniform(-0.012, 0.012), rng.uniform(-0.012, 0.012)),
    )


@dataclass(frozen=True, eq=False)
class Organs:
    """Soft organs of one chest, each (S, S): masks are bool, thicknesses float32 in centimetres.

    right, left: the aerated fields (patient's sides), free of heart, mediastinum and diaphragm. air: path through
    aerated lung, also behind the heart and the domes. body: path through the whole trunk, arms and neck.
    """

    right: np.ndarray
    left: np.ndarray
    heart: np.ndarray
    air: np.ndarray
    body: np.ndarray


def organs(who: Anatomy, size: int) -> Organs:
    """The soft organs of ``who`` on a (size, size) film."""
    x, y = axes(size)
    across = x - who.midline(y)
    wall = who.wall(y)
    cage = (np.abs(across) < wall) & (y > _ceiling(who, across))
    heart, middle, below = _heart(who, across, y), _mediastinum(who, across, y), y - _domes(who, across)
    free = cage & ~heart & ~middle & (below < 0)
    air = np.maximum(_cavity(who, across, y) - 0.82 * who.depth_cm * rounded(heart | middle, 0.07), 0.0)
    air = air * (1.0 - np.sqrt(np.clip(below / 0.075, 0.0, 1.0)))
    right, left = free & (across < 0), free & (across > 0)
    return Organs(right, left, heart & cage, air.astype(np.float32), _body(who, x, y))


def _cavity(who: Anatomy, across: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Depth in cm of the inner rib cage: elliptic in cross-section, shallower towards the apices."""
    wall = np.maximum(who.wall(y), 1e-3)
    section = np.sqrt(np.maximum(1.0 - np.abs(across / wall) ** 2.6, 0.0))
    below = np.clip((y - _ceiling(who, across)) / 0.32, 0.0, 1.0)
    return who.depth_cm * section * np.sqrt(below * (2.0 - below))


def _ceiling(who: Anatomy, across: np.ndarray) -> np.ndarray:
    """Row of the pleural cupola at each column."""
    return who.apex + 5.0 * np.minimum(np.abs(np.abs(across) - 0.11), 0.11) ** 2


def _domes(who: Anatomy, across: np.ndarray) -> np.ndarray:
    """Row of the diaphragm at each column: highest a third of the way out, falling to the costophrenic angle."""
    out = np.abs(across) / who.half_width
    fall = 0.150 * np.clip((out - 0.36) / 0.64, 0.0, 1.2) ** 2.3 + 0.035 * np.clip((0.36 - out) / 0.36, 0.0, 1.0) ** 2
    return np.where(across < 0, who.right_dome, who.left_dome) + fall


def _ellipse(
    across: np.ndarray, y: np.ndarray, centre: tuple[float, float], axes_: tuple[float, float], angle: float = 0.0
) -> np.ndarray:
    dx, dy = across - centre[0], y - centre[1]
    turn = np.deg2rad(angle)
    along, off = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
    return (along / axes_[0]) ** 2 + (off / axes_[1]) ** 2 < 1.0


def _heart(who: Anatomy, across: np.ndarray, y: np.ndarray) -> np.ndarray:
    """One ellipse tilted towards the apex, a third of its width to the patient's right of the midline."""
    width = 2.0 * who.half_width * who.heart_ratio
    slim, tilt = 0.78, 38.0
    turn = np.deg2rad(tilt)
    long = 0.5 * width / np.hypot(np.cos(turn), slim * np.sin(turn))
    return _ellipse(across, y, (0.16 * width, who.left_dome + 0.04 - 0.40 * width), (long, slim * long), tilt)


def _mediastinum(who: Anatomy, across: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Vessels and spine shadow between the lungs, with the aortic knob and the pulmonary trunk on the left."""
    rows = [0.0, who.apex, 0.22, who.arch, who.arch + 0.055, who.arch + 0.12, who.arch + 0.2, 0.62, 1.0]
    left = PchipInterpolator(rows, [0.05, 0.046, 0.050, 0.078, 0.066, 0.086, 0.112, 0.066, 0.055])(y)
    right = PchipInterpolator(rows, [0.05, 0.046, 0.058, 0.062, 0.064, 0.070, 0.080, 0.056, 0.050])(y)
    return (across < left) & (-across < right)


def _body(who: Anatomy, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Path in cm through trunk, neck and arms; the arms are cut by the film's edge, air shows below the axilla."""
    flank = who.half_width + 0.012 * who.wall_cm
    rows = [0.0, 0.03, 0.07, 0.115, 0.17, 0.34, 0.48, 0.66, 0.85, 1.0]
    half = [0.125, 0.130, 0.20, 0.42, 0.58, 0.56, flank + 0.03, flank, flank - 0.012, flank + 0.004]
    outline = np.abs(x - 0.5) < PchipInterpolator(rows, half)(y)
    chest = who.depth_cm + who.wall_cm
    depth = PchipInterpolator([0.0, 0.08, 0.2, 0.34, 1.0], [11.0, 12.5, 0.86 * chest, chest, chest])(y)
    return (depth * rounded(outline, 0.07) + _breasts(who, x, y)).astype(np.float32)


def _breasts(who: Anatomy, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if who.breast_cm == 0.0:
        return np.zeros(np.broadcast_shapes(x.shape, y.shape), np.float32)
    disc = _ellipse(np.abs(x - 0.5), y, (0.215, who.right_dome - 0.10), (0.165, 0.135))
    fade = np.clip((y - who.right_dome + 0.24) / 0.16, 0.0, 1.0)
    return who.breast_cm * rounded(disc, 0.05) * fade
