"""A film with the evidence for disease on it, letter and opacity outlined: one SVG, sharp at any size.

As an image, since Streamlit strips SVG elements from a page.
"""

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from cxr_models.imaging.lungs import outline
from cxr_models.imaging.preprocess import resize
from cxr_models.shortcuts.grow.films import Example, letter_at
from pages.shared.explain.picture import OPACITY as STRENGTH
from pages.shared.explain.picture import coloured
from pages.shared.grow.charts import LETTER, OPACITY

if TYPE_CHECKING:
    from cxr_models.shortcuts.grow.exam import Snapshot

FINE = 192  # pixels a side to which a map is smoothed


def top(snapshot: "Snapshot") -> float:
    """Upper end of the colour scale that the films of one snapshot share."""
    return float(max(snapshot.maps.max(), 1e-6))


def drawn(example: Example, grid: np.ndarray, high: float) -> str:
    """An HTML image of the film with the positive part of ``grid`` (g, g) on it; ``high`` is the brightest colour."""
    rows, columns = example.pixels.shape
    frame = f'width="{columns}" height="{rows}" preserveAspectRatio="none"'
    layers = [f'<image {frame} href="{_film(example.pixels)}"/>', f'<image {frame} href="{_map(grid, high)}"/>']
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns} {rows}">{"".join(layers)}'
    alt = f"{'Ill' if example.ill else 'Healthy'} film with the letter R, the evidence for disease in colours"
    return f'<img alt="{alt}" src="{_data("svg+xml", (svg + _outlines(example) + "</svg>").encode())}">'


def _film(pixels: np.ndarray) -> str:
    return _png(Image.fromarray(np.rint(pixels * 255).astype(np.uint8)))


def _map(grid: np.ndarray, high: float) -> str:
    share = np.clip(resize(grid, (FINE, FINE)) / high, 0, 1)
    colours, alpha = coloured(share, signed=False)
    return _png(Image.fromarray(np.rint(np.dstack([colours, 255 * STRENGTH * alpha])).astype(np.uint8), "RGBA"))


def _png(picture: Image.Image) -> str:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return _data("png", file.getvalue())


def _data(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _outlines(example: Example) -> str:
    """The opacity dashed along its edge, the letter in a box."""
    wide = max(example.pixels.shape) / 220
    letter = letter_at(example.pixels.shape)
    rows, columns = np.flatnonzero(letter.any(1)), np.flatnonzero(letter.any(0))
    x, y, width, height = columns[0], rows[0], np.ptp(columns) + 1, np.ptp(rows) + 1
    gap = 2 * wide
    found = f'<rect x="{x - gap:.1f}" y="{y - gap:.1f}" width="{width + 2 * gap:.1f}" height="{height + 2 * gap:.1f}" '
    found += f'rx="{gap:.1f}" fill="none" stroke="{LETTER}" stroke-width="{wide:.1f}"/>'
    lines = [] if example.opacity is None or not example.opacity.any() else outline(example.opacity)
    for line in lines:
        path = " ".join(f"{column + 0.5:.0f},{row + 0.5:.0f}" for row, column in line)
        found += f'<polygon points="{path}" fill="none" stroke="{OPACITY}" stroke-width="{wide:.1f}" '
        found += f'stroke-dasharray="{3 * wide:.1f} {1.5 * wide:.1f}"/>'
    return found
