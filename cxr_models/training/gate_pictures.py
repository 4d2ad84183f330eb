"""Pictures that are no chest film, drawn by code, so that the gate meets more kinds than anybody collected.

Every function takes a generator and returns (SIDE, SIDE) float32, any range: the caller stretches it. They need not
look real; they need to be unlike one another (outlier exposure, Hendrycks 2019).
"""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from numpy.random import Generator

SIDE = 128
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX)
LETTERS = list("abcdefghijklmnoprstuvwxyzABCDEFGHLMNPRST0123456789 ")


def point(rng: Generator) -> tuple[int, int]:
    return int(rng.integers(SIDE)), int(rng.integers(SIDE))


def word(rng: Generator, longest: int = 12) -> str:
    return "".join(rng.choice(LETTERS, rng.integers(1, longest)))


def write(
    page: np.ndarray, text: str, at: tuple[int, int] | list[int], shade: float, size: float, rng: Generator
) -> None:
    """Put ``text`` on the page in some font, its lower left corner ``at`` (column, row)."""
    ink = np.zeros(page.shape, np.uint8)
    cv2.putText(ink, text, at, int(rng.choice(FONTS)), size, 255, 1)
    page[:] = np.where(ink > 127, np.float32(shade), page)


def clouds(rng: Generator) -> np.ndarray:
    """Noise whose spectrum falls as 1 / f^a, a between 0 (white) and 3 (soft): textures of nature."""
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE)[None] * rng.uniform(0.4, 2.5))
    spectrum = np.fft.fft2(rng.standard_normal((SIDE, SIDE))) / np.maximum(frequency, 1 / SIDE) ** rng.uniform(0, 3)
    return np.fft.ifft2(spectrum).real.astype(np.float32)


def slope(rng: Generator) -> np.ndarray:
    """A plain gradient, straight or round, sometimes in steps, with some grain."""
    rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j] - rng.uniform(-1, 1, (2, 1, 1))
    angle = rng.uniform(0, 2 * np.pi)
    ramp = np.hypot(rows, columns) if rng.random() < 0.5 else rows * np.sin(angle) + columns * np.cos(angle)
    steps = rng.integers(2, 30)
    ramp = np.round(ramp * steps) / steps if rng.random() < 0.3 else ramp
    return (ramp + rng.normal(0, rng.uniform(0, 0.2), ramp.shape)).astype(np.float32)


def shapes(rng: Generator) -> np.ndarray:
    """Flat ellipses, boxes, polygons and lines over one another: drawings, logos, collages."""
    page = np.full((SIDE, SIDE), rng.random(), np.float32)
    for _ in range(rng.integers(1, 16)):
        shade, width = float(rng.random()), int(rng.choice([-1, 1, 2, 5]))
        match rng.integers(4):
            case 0:
                axes = (int(rng.integers(3, 60)), int(rng.integers(3, 60)))
                cv2.ellipse(page, point(rng), axes, float(rng.uniform(0, 180)), 0, 360, shade, width)
            case 1:
                cv2.rectangle(page, point(rng), point(rng), shade, width)
            case 2:
                cv2.fillPoly(page, [rng.integers(0, SIDE, (int(rng.integers(3, 7)), 2)).astype(np.int32)], shade)
            case _:
                cv2.line(page, point(rng), point(rng), shade, max(width, 1))
    return cv2.GaussianBlur(page, (0, 0), rng.uniform(0.3, 4)) if rng.random() < 0.5 else page


def writing(rng: Generator) -> np.ndarray:
    """A page of text, dark on light or light on dark, with a table or a picture box at times."""
    page = np.ones((SIDE, SIDE), np.float32)
    size = rng.uniform(0.2, 0.9)
    for row in range(int(rng.integers(4, 20)), SIDE, max(5, int(22 * size * rng.uniform(0.8, 1.6)))):
        left = int(rng.integers(0, 25))
        write(page, word(rng, 40), (left, row), rng.uniform(0, 0.4), size, rng)
    if rng.random() < 0.4:
        cv2.rectangle(page, point(rng), point(rng), float(rng.random()), int(rng.choice([-1, 1])))
    return page if rng.random() < 0.7 else 1 - page


def stripes(rng: Generator) -> np.ndarray:
    """One or two gratings, sharp or soft: grids, fabric, checkerboards, interference."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    waves = np.zeros((SIDE, SIDE))
    for _ in range(rng.integers(1, 3)):
        angle, count = rng.uniform(0, np.pi), rng.uniform(1, 30)
        waves += np.sin(2 * np.pi * count * (rows * np.sin(angle) + columns * np.cos(angle)) + rng.uniform(0, 6))
    return (np.sign(waves) if rng.random() < 0.4 else waves).astype(np.float32)


def cells(rng: Generator) -> np.ndarray:
    """Many small round things: cells, pebbles, holes."""
    page = np.full((SIDE, SIDE), 0.5, np.float32) + 0.1 * clouds_like(rng)
    size = rng.uniform(2, 9)
    for _ in range(rng.integers(20, 200)):
        axes = (int(size * rng.uniform(0.6, 1.5)) + 1, int(size * rng.uniform(0.6, 1.5)) + 1)
        cv2.ellipse(page, point(rng), axes, float(rng.uniform(0, 180)), 0, 360, float(rng.random()), -1)
    return cv2.GaussianBlur(page, (0, 0), rng.uniform(0.3, 2))


def clouds_like(rng: Generator) -> np.ndarray:
    """Clouds scaled to a standard deviation of 1."""
    field = clouds(rng)
    return field / max(float(field.std()), 1e-6)


def limb(page: np.ndarray, rng: Generator) -> None:
    """Add a soft cylinder with a brighter core and cortex, from anywhere to anywhere: an arm, a finger, a neck."""
    start, end, radius = rng.uniform(-20, SIDE + 20, 2), rng.uniform(-20, SIDE + 20, 2), rng.uniform(6, 34)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    along = (end - start) / max(float(np.linalg.norm(end - start)), 1.0)
    place = (rows - start[0]) * along[0] + (columns - start[1]) * along[1]
    inside = np.clip(place, 0, np.linalg.norm(end - start))
    away = np.hypot(rows - start[0] - inside * along[0], columns - start[1] - inside * along[1])
    core = radius * rng.uniform(0.2, 0.6)
    page += np.sqrt(np.clip(1 - (away / radius) ** 2, 0, 1)) * rng.uniform(0.3, 0.7)
    page += np.sqrt(np.clip(1 - (away / core) ** 2, 0, 1)) * rng.uniform(0.2, 0.6)
    page -= np.sqrt(np.clip(1 - (away / (core * 0.6)) ** 2, 0, 1)) * rng.uniform(0, 0.3)


def organ(page: np.ndarray, rng: Generator) -> None:
    """Add a soft ball, at times hollow or dense: a head, a belly, gas, a pelvis."""
    middle, axes = rng.uniform(20, SIDE - 20, 2), rng.uniform(8, 70, 2)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    away = ((rows - middle[0]) / axes[0]) ** 2 + ((columns - middle[1]) / axes[1]) ** 2
    page += np.sqrt(np.clip(1 - away, 0, 1)) * rng.choice([-0.4, 0.3, 0.8])
    if rng.random() < 0.5:
        page += ((away > 0.8) & (away < 1)) * rng.uniform(0.2, 0.9)


def bodies(rng: Generator) -> np.ndarray:
    """Limbs and organs of nobody, exposed as a radiograph is; half of them mirror-symmetric as people are."""
    page = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(rng.integers(1, 7)):
        (limb if rng.random() < 0.6 else organ)(page, rng)
    if rng.random() < 0.5:
        page = page + page[:, ::-1]
    film = 1 - np.exp(-page * rng.uniform(0.5, 2)) if rng.random() < 0.7 else page
    return (film + clouds_like(rng) * rng.uniform(0, 0.06)).astype(np.float32)


def sector(rng: Generator) -> np.ndarray:
    """Speckle within a fan or a disc on black: ultrasound, endoscopy, a scanner's field of view."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    apex = (rng.uniform(-0.2, 0.2), rng.uniform(0.35, 0.65))
    far, angle = np.hypot(rows - apex[0], columns - apex[1]), np.arctan2(columns - apex[1], rows - apex[0])
    fan = (np.abs(angle) < rng.uniform(0.4, 0.9)) & (far < rng.uniform(0.7, 1.1)) & (far > rng.uniform(0, 0.25))
    disc = np.hypot(rows - 0.5, columns - 0.5) < rng.uniform(0.3, 0.55)
    tissue = np.exp(0.6 * clouds_like(rng)) * rng.exponential(1, (SIDE, SIDE)) ** rng.uniform(0, 1)
    return (tissue * (fan if rng.random() < 0.6 else disc)).astype(np.float32)


@cache
def photographs() -> tuple[np.ndarray, ...]:
    """scikit-learn's two sample photographs (a temple, a flower), grey."""
    from sklearn.datasets import load_sample_images

    return tuple(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY) for p in load_sample_images().images)


def photograph(rng: Generator) -> np.ndarray:
    """A window of a real photograph, turned or mirrored."""
    whole = photographs()[rng.integers(len(photographs()))]
    side = int(rng.integers(60, min(whole.shape)))
    row, column = rng.integers(whole.shape[0] - side + 1), rng.integers(whole.shape[1] - side + 1)
    window = np.rot90(whole[row : row + side, column : column + side], int(rng.integers(4))).astype(np.float32)
    return cv2.resize(window[:, :: rng.choice([-1, 1])].copy(), (SIDE, SIDE), interpolation=cv2.INTER_AREA)


PICTURES: dict[str, Callable[[Generator], np.ndarray]] = {
    f.__name__: f for f in (clouds, slope, shapes, writing, stripes, cells, bodies, sector, photograph)
}
