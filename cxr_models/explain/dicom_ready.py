"""A map as the pixel module of a DICOM image: 16-bit values that a slope and an intercept turn back into the map's.

Nothing here comes from the film but its size and the size of its pixels: no tag of a patient, no name of a file.
"""

import io

import numpy as np

from .. import registry
from ..errors import MapError
from ..types import Film, Map
from . import NAMES

LEVELS = 65535
LONG_STRING, SHORT_TEXT = 64, 1024  # characters of the value representations LO and ST (DICOM PS3.5, table 6.2-1)


def pixel_module(made: Map, film: Film, less: str = "") -> dict[str, np.ndarray]:
    """Keyword of the DICOM attribute -> its value, and "pixel_array" (H, W) uint16.

    ``pixel_array * RescaleSlope + RescaleIntercept`` is the map within half a slope. PixelSpacing (row, column) in mm
    is there where the film states it. RescaleType "US" means a unit of our own; DerivationDescription says which.
    less: the class whose map was taken from that of ``made.target``, for a difference of two.
    Raises MapError for a map with values that are no numbers, UnknownModel.
    """
    array, slope, intercept = stored(made.values)
    rows, columns = array.shape
    facts: dict[str, object] = {
        "pixel_array": array,
        "Rows": rows,
        "Columns": columns,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
        "RescaleSlope": slope,
        "RescaleIntercept": intercept,
        "RescaleType": "US",
        "SeriesDescription": described(made, less),
        "DerivationDescription": made.unit[:SHORT_TEXT],
    }
    if film.spacing_mm is not None:
        facts["PixelSpacing"] = film.spacing_mm
    return {name: np.asarray(value) for name, value in facts.items()}


def npz(made: Map, film: Film, less: str = "") -> bytes:
    """The pixel module as a compressed NPZ file. Raises as ``pixel_module``."""
    file = io.BytesIO()
    np.savez_compressed(file, **pixel_module(made, film, less))  # type: ignore[arg-type]
    return file.getvalue()


def stored(values: np.ndarray) -> tuple[np.ndarray, float, float]:
    """(H, W) -> (H, W) uint16, slope and intercept, both short enough for a decimal string of DICOM (16 characters)."""
    values = np.asarray(values, np.float64)
    if not np.isfinite(values).all():
        raise MapError("The map holds values that are no numbers, which DICOM cannot store: make it again.")
    intercept = _decimal(values.min())
    slope = _decimal((values.max() - intercept) / LEVELS) or 1.0
    return np.rint((values - intercept) / slope).clip(0, LEVELS).astype(np.uint16), slope, intercept


def described(made: Map, less: str = "") -> str:
    """Method, model and class, or two classes, at most 64 characters. Raises UnknownModel."""
    answer = f"{made.target} less {less}" if less else made.target
    return f"{NAMES[made.method]}, {registry.spec(made.model_id).title}, {answer}"[:LONG_STRING]


def _decimal(number: float) -> float:
    return float(f"{number:.9e}")
