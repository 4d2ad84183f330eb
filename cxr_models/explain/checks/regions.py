"""Named parts of a film, drawn from its lungs, for a reader's words.

The film is taken to be frontal, upright and the right way round: the patient's right is the image's left. A mask cannot
tell a mirrored film, and there the sides come out exchanged. Every pixel is in one part.
"""

import cv2
import numpy as np

HEART, BELOW, BORDER, CORNERS = "heart and mediastinum", "below the diaphragm", "border", "corners"
REST, REST_OF_ONE = "chest wall and neck", "chest wall, neck, heart and the other side"
THIRDS = ("upper", "middle", "lower")
STRIP, SQUARE = 0.04, 0.10  # of the film's sides
WIDE = 0.5  # of the film's width; no single lung is wider


def partition(mask: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Lungs (H, W) bool, some of it True -> names, and (H, W) uint8 of indexes into them. Later ones lie on top."""
    right, left = sides(mask)
    level = max(_dome(lung) for lung in (right[:, ::-1], left) if lung.any())
    both = right.any() and left.any()
    drawn = {BELOW: _below(right, left, level)}
    drawn |= {HEART: _between(right, left, level)} if both else {}
    drawn |= {BORDER: _border(mask.shape), CORNERS: _corners(mask.shape)}
    drawn |= _thirds("right lung", right) | _thirds("left lung", left)
    labels = np.zeros(mask.shape, np.uint8)
    for index, where in enumerate(drawn.values(), start=1):
        labels[where] = index
    return (REST if both else REST_OF_ONE, *drawn), labels


def sides(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(H, W) bool -> the patient's right and left lung. Each region goes to one side whole; one too wide is cut."""
    parting = _parting(mask)
    _, regions, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    merged = stats[:, cv2.CC_STAT_WIDTH] > WIDE * mask.shape[1]
    on_right = np.where(merged[regions], np.arange(mask.shape[1]) < parting, (centres[:, 0] < parting)[regions])
    return mask & on_right, mask & ~on_right


def _parting(mask: np.ndarray) -> float:
    """The column with the least lung between two lungs; of a single lung, the middle of the film."""
    columns = np.flatnonzero(mask.any(0))
    third = (columns[-1] - columns[0]) // 3
    start = columns[0] + third
    counts = mask[:, start : columns[-1] - third + 1].sum(0)
    if counts.min() > 0 and columns[-1] - columns[0] < WIDE * mask.shape[1]:
        return mask.shape[1] / 2
    least = np.flatnonzero(counts == counts.min())
    return float(start + least[len(least) // 2])


def _thirds(name: str, lung: np.ndarray) -> dict[str, np.ndarray]:
    rows = np.flatnonzero(lung.any(1))
    if not rows.size:
        return {}
    third = (np.arange(len(lung)) - rows[0]) * 3 // (rows[-1] - rows[0] + 1)
    return {f"{name}, {which} third": lung & (third == i)[:, None] for i, which in enumerate(THIRDS)}


def _between(right: np.ndarray, left: np.ndarray, level: int) -> np.ndarray:
    """From the higher apex down to ``level``; where one lung has no row its inner edge is drawn on."""
    rows, columns = np.arange(len(left)), np.arange(left.shape[1])
    first, last = left.shape[1] - 1 - _inner(right[:, ::-1]), _inner(left)
    top = np.flatnonzero((right | left).any(1))[0]
    within = (columns > first[:, None]) & (columns < last[:, None])
    return within & ((rows >= top) & (rows <= level))[:, None]


def _below(right: np.ndarray, left: np.ndarray, level: int) -> np.ndarray:
    depth = np.maximum(_depth(right[:, ::-1], level)[::-1], _depth(left, level))
    return np.arange(len(left))[:, None] > depth


# The three below take a lung whose inner side is its left in the image; the other is mirrored for them.


def _inner(lung: np.ndarray) -> np.ndarray:
    """(H,) the innermost column of each row."""
    rows = np.flatnonzero(lung.any(1))
    return np.interp(np.arange(len(lung)), rows, lung[rows].argmax(1))


def _dome(lung: np.ndarray) -> int:
    """The lowest row of its inner half, about the height of the diaphragm's dome and of the heart's lower border."""
    columns = np.flatnonzero(lung.any(0))
    return int(_lowest(lung)[columns[: len(columns) // 2 + 1]].max())


def _depth(lung: np.ndarray, level: int) -> np.ndarray:
    """(W,) the last row above the diaphragm: ``level`` up to the lung, its lower edge, outwards its lowest row."""
    if not lung.any():
        return np.full(lung.shape[1], level)
    lowest = np.maximum(_lowest(lung), level)
    lowest[lowest.argmax() :] = lowest.max()
    return lowest


def _lowest(lung: np.ndarray) -> np.ndarray:
    """(W,) the lowest row of each column, -1 where there is none."""
    return np.where(lung.any(0), len(lung) - 1 - lung[::-1].argmax(0), -1)


def _border(shape: tuple[int, ...]) -> np.ndarray:
    near = [_ends(side, STRIP) for side in shape]
    return near[0][:, None] | near[1]


def _corners(shape: tuple[int, ...]) -> np.ndarray:
    near = [_ends(side, SQUARE) for side in shape]
    return near[0][:, None] & near[1]


def _ends(side: int, share: float) -> np.ndarray:
    """(side,) bool: the first and the last ``share`` of it."""
    width, at = round(share * side), np.arange(side)
    return (at < width) | (at >= side - width)
