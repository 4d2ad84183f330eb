"""What the gate learns from real films: what may happen to a film that can be read, and what makes it unreadable.

Films are (S, S) float32 in [0, 1], squashed and stretched as ``preprocess.grey`` leaves them, before and after.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from .gate_pictures import word, write


def window(film: np.ndarray, top: float, left: float, height: float, width: float) -> np.ndarray:
    """The part of ``film`` from (top, left), height x width, all shares of its side, squashed to the film's size."""
    side = len(film)
    rows, columns = (
        slice(int(a * side), max(int((a + b) * side), int(a * side) + 2)) for a, b in ((top, height), (left, width))
    )
    return cv2.resize(film[rows, columns], (side, side), interpolation=cv2.INTER_LINEAR)


def closer(film: np.ndarray, rng: Generator) -> np.ndarray:
    """Up to 14 % cut from each side."""
    top, bottom, left, right = rng.uniform(0, 0.14, 4) * (rng.random(4) < 0.6)
    return window(film, top, left, 1 - top - bottom, 1 - left - right)


def framed(film: np.ndarray, rng: Generator) -> np.ndarray:
    """Bars of one grey: on one side, on two facing ones, or all around (collimators, padded exports, screenshots)."""
    before, after = np.zeros(2), np.zeros(2)
    side, axis = len(film), rng.integers(2)
    match rng.integers(3):
        case 0:
            (before if rng.random() < 0.5 else after)[axis] = rng.uniform(0, 0.5)
        case 1:
            before[axis] = after[axis] = rng.uniform(0, 0.35)
        case _:
            before[:], after[:] = rng.uniform(0, 0.25, 2), rng.uniform(0, 0.25, 2)
    shade = float(rng.choice([0, 0, 0, 1, rng.random()]))
    margins = (np.stack([before, after], 1) * side).astype(int)
    return cv2.resize(np.pad(film, margins, constant_values=shade), (side, side))


def tilted(film: np.ndarray, rng: Generator) -> np.ndarray:
    """Turned by up to 12 degrees, moved and sheared a little; outside is black or the film's edge continued."""
    side = len(film)
    turn, zoom = rng.uniform(-12, 12), rng.uniform(0.9, 1.1)
    move = np.array(cv2.getRotationMatrix2D((side / 2, side / 2), turn, zoom), np.float64)
    move[:, 2] += rng.uniform(-0.04, 0.04, 2) * side
    move[0, 1] += rng.uniform(-0.06, 0.06)
    edge = cv2.BORDER_REPLICATE if rng.random() < 0.5 else cv2.BORDER_CONSTANT
    return cv2.warpAffine(film, move, (side, side), borderMode=edge)


def marked(film: np.ndarray, rng: Generator) -> np.ndarray:
    """Letters, arrows, boxes, wires, a pacemaker: bright or black, as people and devices leave them."""
    film, side = film.copy(), len(film)
    for _ in range(rng.integers(1, 5)):
        ends, shade = rng.integers(0, side, (2, 2)).tolist(), float(rng.choice([1, 1, 0, 0.8]))
        match rng.integers(5):
            case 0:
                write(film, word(rng), ends[0], shade, rng.uniform(0.2, 0.7), rng)
            case 1:
                cv2.arrowedLine(film, ends[0], ends[1], shade, int(rng.integers(1, 3)), tipLength=0.2)
            case 2:
                cv2.rectangle(film, ends[0], [ends[0][0] + 12, ends[0][1] + 9], shade, int(rng.choice([-1, 1])))
            case 3:
                bend = np.cumsum(rng.normal(0, side / 14, (9, 2)), axis=0) + ends[0]
                cv2.polylines(film, [bend.astype(np.int32)], False, shade, 1)
            case _:
                cv2.circle(film, ends[0], int(rng.integers(2, 9)), shade, int(rng.choice([-1, 1])))
    return film


def exposed(film: np.ndarray, rng: Generator) -> np.ndarray:
    """Another gamma, local contrast, grain or sharpness."""
    film = np.clip(film, 0, 1) ** np.exp(rng.uniform(-0.6, 0.6))
    if rng.random() < 0.2:
        wide = cv2.GaussianBlur(film, (0, 0), len(film) / 6)
        film = 0.5 + (film - wide) * rng.uniform(0.8, 1.6) + (wide - 0.5) * rng.uniform(0.2, 0.8)
    if rng.random() < 0.3:
        film = cv2.GaussianBlur(film, (0, 0), rng.uniform(0.4, 1.6))
    grain = rng.standard_normal(film.shape, np.float32) * np.float32(rng.uniform(0, 0.05))
    return np.clip(film + grain, 0, 1).astype(np.float32)


HARMLESS = ((closer, 0.5), (tilted, 0.5), (marked, 0.3), (exposed, 0.8), (framed, 0.3))


def harmless(film: np.ndarray, rng: Generator) -> np.ndarray:
    """The same film after what changes nothing about its kind; mirrored half the time (hearts may be on the right)."""
    film = np.ascontiguousarray(film[:, :: rng.choice([-1, 1])], dtype=np.float32)
    for change, probability in HARMLESS:
        film = change(film, rng) if rng.random() < probability else film
    return film


def inverted(film: np.ndarray, other: np.ndarray, rng: Generator) -> np.ndarray:
    """Bright lungs, dark bones."""
    return 1 - film


def rotated(film: np.ndarray, other: np.ndarray, rng: Generator) -> np.ndarray:
    """Turned by 90, 180 or 270 degrees."""
    return np.rot90(film, int(rng.integers(1, 4))).copy()


def part(film: np.ndarray, other: np.ndarray, rng: Generator) -> np.ndarray:
    """One side, the top, the bottom or any small window: not both lungs whole."""
    small, place = rng.uniform(0.25, 0.55), rng.uniform(0, 1)
    match rng.integers(4):
        case 0:
            return window(film, 0, rng.choice([0, 1 - small]), 1, small)
        case 1:
            small = rng.uniform(0.2, 0.45)
            return window(film, rng.choice([0, 1 - small]), 0, small, 1)
        case 2:
            small = rng.uniform(0.2, 0.45)
            return window(film, rng.choice([0, 1 - small]), place * (1 - small), small, small)
        case _:
            tall = rng.uniform(0.2, 0.5)
            return window(film, rng.random() * (1 - tall), place * (1 - small), tall, small)


def shuffled(film: np.ndarray, other: np.ndarray, rng: Generator) -> np.ndarray:
    """Cut into 2 x 2 to 5 x 5 pieces and put together wrongly."""
    count = int(rng.integers(2, 6))
    size = len(film) // count
    pieces = [film[r * size : (r + 1) * size, c * size : (c + 1) * size] for r in range(count) for c in range(count)]
    order = np.roll(np.arange(count**2), rng.integers(1, count**2)) if count == 2 else rng.permutation(count**2)
    rows = [np.hstack([pieces[i] for i in order[r * count : (r + 1) * count]]) for r in range(count)]
    return cv2.resize(np.vstack(rows), film.shape[::-1])


def doubled(film: np.ndarray, other: np.ndarray, rng: Generator) -> np.ndarray:
    """Films side by side or over one another on one page, or one half twice."""
    half = window(film, 0, rng.choice([0, 0.5]), 1, 0.5)
    pair = (film, other) if rng.random() < 0.7 else (half, half)
    joined = np.hstack(pair) if rng.random() < 0.6 else np.vstack(pair)
    joined = np.vstack([joined, joined[:, ::-1]]) if rng.random() < 0.25 else joined
    return cv2.resize(joined, film.shape[::-1], interpolation=cv2.INTER_AREA)


def warped(film: np.ndarray, other: np.ndarray, rng: Generator) -> np.ndarray:
    """Bent beyond anatomy: swirled, or pulled about by a smooth random field."""
    side = len(film)
    rows, columns = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    if rng.random() < 0.5:
        turn = rng.choice([-1, 1]) * rng.uniform(2, 6) * np.clip(1 - np.hypot(rows, columns), 0, 1)
        rows, columns = rows * np.cos(turn) - columns * np.sin(turn), rows * np.sin(turn) + columns * np.cos(turn)
    else:
        pull = cv2.GaussianBlur(rng.normal(0, 1, (side, side, 2)), (0, 0), side / 10)
        pull *= rng.uniform(0.25, 0.5) / pull.std()
        rows, columns = rows + pull[..., 0], columns + pull[..., 1]
    x, y = ((v.astype(np.float32) + 1) / 2 * (side - 1) for v in (columns, rows))
    return cv2.remap(film, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


SPOILT: dict[str, Callable[[np.ndarray, np.ndarray, Generator], np.ndarray]] = {
    f.__name__: f for f in (inverted, rotated, part, shuffled, doubled, warped)
}
