"""A grid of features laid over the film: every cell on the place that it was computed from.

To stretch a grid evenly over the film, as is usual, is wrong for networks that halve with padded, strided convolutions:
of a ResNet that reads 224 pixels, cell i is centred on pixel 32 i and not on 32 i + 15.5, a fifteenth of the film away.
"""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from ..architectures.classifier import Cells
from ..imaging.preprocess import to_film_frame


def laid(parts: Tensor, cells: Sequence[Cells], size: int, shape: tuple[int, int]) -> np.ndarray:
    """(c, h, w), what each channel adds to a map -> their sum (H, W) float32 in the film frame, bilinear.

    cells: ``Classifier.cells``; none: the grid is spread evenly. size: side in pixels of what the network reads. shape:
    (H, W). Beyond the outermost centres the outermost cell goes on.
    """
    if not cells:
        return to_film_frame(parts.sum(0).numpy(), shape)
    found = np.zeros(shape, np.float32)
    for some in cells:
        grid = parts[some.channels].sum(0).numpy()
        rows, columns = (weights(pixels, n, some, size) for pixels, n in zip(shape, grid.shape, strict=True))
        found += rows @ grid @ columns.T
    return found


def weights(pixels: int, count: int, cells: Cells, size: int) -> np.ndarray:
    """(pixels, count) float32: of each of ``count`` cells at each pixel of a side of the film; rows sum to 1."""
    place = (np.arange(pixels) + 0.5) * size / pixels - 0.5
    at = (place - cells.first) / cells.step
    return np.stack([np.interp(at, np.arange(count), row) for row in np.eye(count)], axis=1).astype(np.float32)
