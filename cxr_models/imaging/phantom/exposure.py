"""From path lengths to a film: Beer-Lambert attenuation, scatter, quantum noise, and a digital system's grey scale."""

import cv2
import numpy as np

from cxr_models.imaging.phantom.canvas import blurred

SOFT_PER_CM = 0.19
RIB_CROSSING = 0.27
_SCATTER = 0.035
_QUANTA = 60_000.0


def expose(attenuation: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Film (S, S) float32 in [0, 1] of ``attenuation`` (S, S), the sum of mu times path (dimensionless).

    Transmission exp(-attenuation) plus scatter, blurred by the focal spot, with noise of variance 1 / quanta; then
    the logarithm, a mild equalisation of broad densities as digital systems apply, and an S-shaped curve.
    """
    light = np.exp(-attenuation)
    signal = blurred(light, 0.0007) + _SCATTER * blurred(light, 0.09) / blurred(np.ones_like(light), 0.09) + 0.004
    signal += np.sqrt(signal / _QUANTA) * blurred(rng.standard_normal(light.shape, np.float32), 0.0005) * 1.6
    density = -np.log(np.maximum(signal, 1e-4))
    broad = blurred(density, 0.045)
    density = 0.80 * broad + 1.35 * (density - broad)
    middle, slope = rng.uniform(1.55, 1.95), rng.uniform(1.35, 1.75)
    return (0.02 + 0.94 / (1.0 + np.exp(-slope * (density - middle)))).astype(np.float32)


def annotate(pixels: np.ndarray, text: str, right_side: bool) -> tuple[int, int, int, int]:
    """Burn ``text`` into a top corner of ``pixels``; returns its box (row0, col0, row1, col1), ends exclusive.

    right_side: of the patient, that is the reader's left corner.
    """
    size = pixels.shape[0]
    font, weight = cv2.FONT_HERSHEY_DUPLEX, max(1, size // 512)
    scale = max(0.45, size / 1024 * (1.5 if len(text) == 1 else 0.8))
    stencil = np.zeros(pixels.shape, np.uint8)
    (width, height), _ = cv2.getTextSize(text, font, scale, weight)
    margin = round(0.03 * size)
    left = margin if right_side else size - margin - width
    cv2.putText(stencil, text, (left, margin + height), font, scale, 255, weight, cv2.LINE_AA)
    ink = stencil.astype(np.float32) / 255
    np.copyto(pixels, np.maximum(pixels, 0.985 * ink + pixels * (1 - ink)))
    rows, cols = np.flatnonzero(stencil.any(1)), np.flatnonzero(stencil.any(0))
    return int(rows[0]), int(cols[0]), int(rows[-1]) + 1, int(cols[-1]) + 1
