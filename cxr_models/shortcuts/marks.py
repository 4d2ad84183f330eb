"""Marks to put on a film: letters, ECG leads, a tube, a black border; where, how large, turned and how strong.

A mark is drawn once as a *cover*, (h, w) in [0, 1], how much of each pixel it hides; then it is laid on the film at its
place. Trying many places or opacities draws it no second time.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

BRIGHT, BLACK = 0.97, 0.0  # ink of letters, leads and tubes, nearly as bright as a film gets; and of a border
FINER = 4  # covers are drawn larger by this and averaged, for smooth edges


@dataclass(frozen=True)
class Mark:
    """What is put on a film, and how.

    kind: a key of ``KINDS``. text: of kind "text". row, column: of its centre, in shares of the film's height and
    width, [0, 1]; a border has no place. size: height of the letters, length of leads and tube, width of the border,
    in shares of the film's height, (0, 1]. angle: degrees, anticlockwise. opacity: [0, 1]. Raises ValueError for what
    is out of range.
    """

    kind: str = "text"
    text: str = "L"
    row: float = 0.08
    column: float = 0.9
    size: float = 0.06
    angle: float = 0.0
    opacity: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no mark {self.kind!r}. There are: {', '.join(KINDS)}.")
        if self.kind == "text" and not self.text.strip():
            raise ValueError("The mark has no letters: type some.")
        if not (0 <= self.row <= 1 and 0 <= self.column <= 1 and 0 <= self.opacity <= 1 and 0 < self.size <= 1):
            raise ValueError("Place, opacity and size of a mark are shares from 0 to 1, its size above 0.")

    @property
    def ink(self) -> float:
        return BLACK if self.kind == "border" else BRIGHT


def marked(pixels: np.ndarray, mark: Mark) -> np.ndarray:
    """(H, W) in [0, 1] with the mark on it; the film as it was at opacity 0."""
    return laid(pixels, cover(pixels.shape, mark), mark)


def cover(shape: tuple[int, ...], mark: Mark) -> np.ndarray:
    """(h, w) float32 in [0, 1] for films of ``shape`` (H, W), drawn at full strength and turned by the angle."""
    return KINDS[mark.kind](shape, mark)


def laid(pixels: np.ndarray, drawn: np.ndarray, mark: Mark) -> np.ndarray:
    """``drawn``, of ``cover``, on the film at the mark's place and opacity; what hangs over the edge is cut off."""
    place = (0.5, 0.5) if mark.kind == "border" else (mark.row, mark.column)
    on_film, on_cover = overlap(pixels.shape, drawn.shape, *place)
    share = mark.opacity * drawn[on_cover]
    found = pixels.astype(np.float32, copy=True)
    found[on_film] = pixels[on_film] * (1 - share) + mark.ink * share
    return found


def overlap(
    film: tuple[int, ...], drawn: tuple[int, ...], row: float, column: float
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Where a cover whose centre is at (row, column), in shares of the film, lies on the film, and that part of it."""
    starts = [round(at * side - part / 2) for at, side, part in zip((row, column), film, drawn, strict=True)]
    ends = [min(side, start + part) for start, part, side in zip(starts, drawn, film, strict=True)]
    on_film = tuple(slice(max(0, start), max(0, end)) for start, end in zip(starts, ends, strict=True))
    on_cover = tuple(slice(s.start - start, s.stop - start) for s, start in zip(on_film, starts, strict=True))
    return on_film, on_cover


def _text(shape: tuple[int, ...], mark: Mark) -> np.ndarray:
    """Capitals as tall as the size says, in the font that comes with Pillow."""
    height = max(6, mark.size * shape[0]) * FINER
    font = ImageFont.load_default(height / 0.72)  # its capitals are 0.72 of the nominal size
    left, top, right, bottom = (round(v) for v in font.getbbox(mark.text))
    picture = Image.new("L", (right - left + 2 * FINER, bottom - top + 2 * FINER))
    ImageDraw.Draw(picture).text((FINER - left, FINER - top), mark.text, fill=255, font=font)
    return _turned(np.asarray(picture, np.float32) / 255, mark.angle)


def _leads(shape: tuple[int, ...], mark: Mark) -> np.ndarray:
    """Three electrodes, each with a thin wire that runs to one corner."""
    side, picture = _square(shape, mark)
    for across, down in ((0.12, 0.18), (0.80, 0.10), (0.55, 0.62)):
        dot = (round(across * side), round(down * side))
        wire = np.array([dot, (0.5 * (across + 0.9) * side, (0.2 + down) * side), (0.95 * side, 0.97 * side)])
        cv2.polylines(picture, [_bent(wire)], False, 0.55, max(1, round(side / 90)), cv2.LINE_AA)
        cv2.circle(picture, dot, max(2, round(side / 28)), 1.0, cv2.FILLED, cv2.LINE_AA)
    return _turned(picture, mark.angle)


def _tube(shape: tuple[int, ...], mark: Mark) -> np.ndarray:
    """An endotracheal tube: two walls, and the bright line along one of them, down to a slanted tip."""
    side, picture = _square(shape, mark)
    for off, strength, width in ((-0.022, 0.35, 120), (0.022, 0.35, 120), (0.010, 0.9, 90)):
        line = np.array([(0.44 + off, 0.0), (0.52 + off, 0.45), (0.5 + off, 0.97 + off)]) * side
        cv2.polylines(picture, [_bent(line)], False, strength, max(1, round(side / width)), cv2.LINE_AA)
    return _turned(picture, mark.angle)


def _border(shape: tuple[int, ...], mark: Mark) -> np.ndarray:
    """All that lies outside a rectangle ``size`` of the height within the film's edges, turned about the centre."""
    rows, columns = shape[0], shape[1]
    width = mark.size * rows
    inner = (max(columns - 2 * width, 0.0), max(rows - 2 * width, 0.0))
    corners = cv2.boxPoints((((columns - 1) / 2, (rows - 1) / 2), inner, -mark.angle))
    found = np.ones((rows, columns), np.float32)
    cv2.fillConvexPoly(found, np.rint(corners).astype(np.int32), 0.0)
    return found


KINDS: dict[str, Callable[[tuple[int, ...], Mark], np.ndarray]] = {
    "text": _text,
    "leads": _leads,
    "tube": _tube,
    "border": _border,
}


def _square(shape: tuple[int, ...], mark: Mark) -> tuple[int, np.ndarray]:
    side = max(24, round(mark.size * shape[0])) * FINER
    return side, np.zeros((side, side), np.float32)


def _bent(points: np.ndarray) -> np.ndarray:
    """Three points (x, y) -> the points of a parabola through the outer two, drawn towards the middle one."""
    t = np.linspace(0, 1, 24)[:, None]
    curve = (1 - t) ** 2 * points[0] + 2 * t * (1 - t) * points[1] + t**2 * points[2]
    return np.rint(curve).astype(np.int32)


def _turned(picture: np.ndarray, angle: float) -> np.ndarray:
    """Turned anticlockwise on a canvas that holds all of it, then shrunk by ``FINER``."""
    rows, columns = picture.shape
    turn = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), angle, 1.0)
    wide = int(np.ceil(abs(turn[0, 0]) * columns + abs(turn[0, 1]) * rows))
    high = int(np.ceil(abs(turn[0, 1]) * columns + abs(turn[0, 0]) * rows))
    turn[:, 2] += (wide - columns) / 2, (high - rows) / 2
    turned = cv2.warpAffine(picture, turn, (wide, high), flags=cv2.INTER_LINEAR)
    small = (max(1, round(wide / FINER)), max(1, round(high / FINER)))
    return np.clip(cv2.resize(turned, small, interpolation=cv2.INTER_AREA), 0, 1)
