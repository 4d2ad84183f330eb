"""Opacities: where and how much aerated lung has filled, as a share of the air in the path.

Patterns as usually described: COVID-19 pneumonia as bilateral, peripheral, lower-zone ground-glass patches; bacterial
pneumonia as the consolidation of one lobe, with a sharp edge where it meets a fissure. They illustrate; they are no
sample of how these diseases look.
"""

import numpy as np

from cxr_models.imaging.phantom.anatomy import Anatomy, Organs
from cxr_models.imaging.phantom.canvas import axes, blurred, smooth_noise

FINDINGS = ("normal", "covid19", "pneumonia")
_VISIBLE = 0.06


def filled(finding: str, who: Anatomy, parts: Organs, rng: np.random.Generator) -> np.ndarray:
    """(S, S) float32 in [0, 1]: share of the air replaced by fluid; zero outside the lung fields."""
    lungs = parts.right | parts.left
    size = lungs.shape[0]
    if finding == "normal":
        return np.zeros((size, size), np.float32)
    share = _patches(who, parts, rng) if finding == "covid19" else _lobe(who, parts, rng)
    return np.where(lungs, np.where(share < _VISIBLE, 0.0, share), 0.0).astype(np.float32)


def _patches(who: Anatomy, parts: Organs, rng: np.random.Generator) -> np.ndarray:
    size = parts.right.shape[0]
    x, y = axes(size)
    clear = np.ones((size, size), np.float32)
    for side, count in ((-1.0, rng.integers(3, 6)), (1.0, rng.integers(3, 6))):
        for _ in range(int(count)):
            row = rng.triangular(who.arch + 0.06, who.right_dome - 0.03, who.right_dome + 0.04)
            column = 0.5 + side * (float(who.wall(np.array(row))) - rng.uniform(0.015, 0.085))
            wide, tall = rng.uniform(0.035, 0.065), rng.uniform(0.045, 0.085)
            patch = np.exp(-(((x - column) / wide) ** 2) - ((y - row) / tall) ** 2)
            clear *= 1.0 - rng.uniform(0.24, 0.42) * patch
    mottle = 1.0 + 0.13 * smooth_noise(rng, size, 0.012) + 0.15 * smooth_noise(rng, size, 0.04)
    return np.clip((1.0 - clear) * mottle, 0.0, 0.7)


def _lobe(who: Anatomy, parts: Organs, rng: np.random.Generator) -> np.ndarray:
    """One lobe: right upper (above the horizontal fissure), right middle, right lower or left lower."""
    size = parts.right.shape[0]
    x, y = axes(size)
    fissure = who.arch + 0.115 + 0.10 * (0.4 - x) + 0.006 * np.sin(14.0 * x)
    name = str(rng.choice(["right upper", "right middle", "right lower", "left lower"]))
    low = who.right_dome - 0.20
    regions = {
        "right upper": parts.right & (y < fissure),
        "right middle": parts.right & (y > fissure) & (y < low + 0.12) & (x > 0.27),
        "right lower": parts.right & (y > low),
        "left lower": parts.left & (y > low),
    }
    soft = blurred(regions[name].astype(np.float32), 0.004 if name == "right upper" else 0.022)
    core = np.clip(0.62 + 0.16 * smooth_noise(rng, size, 0.10) + 0.07 * smooth_noise(rng, size, 0.02), 0.15, 0.95)
    return soft * core
