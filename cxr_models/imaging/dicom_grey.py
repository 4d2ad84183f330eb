"""Stored values to grey values, in the order of PS3.3 C.11: modality LUT or rescale, VOI LUT or window, inversion.

Look-up tables and windows are applied here, not by pydicom: they must end in [0, 1], and pydicom 3.0 indexes an 8-bit
LUT of more than 256 entries with wrapped 8-bit numbers.
"""

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.pixels import apply_color_lut
from scipy.special import expit

from cxr_models.imaging.raster import stretch, to_grey


def grey_values(stored: np.ndarray, dataset: Dataset, photometric: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Stored grey values to (H, W) float32 in [0, 1], bright = dense. Padding becomes black."""
    padding = _padding(stored, dataset)
    values, notes = _modality(stored, dataset)
    pixels, voi = _voi(values, dataset)
    if pixels is None or pixels.min() == pixels.max():
        inside = values if padding is None or padding.all() else values[~padding]
        low, high = float(inside.min()), float(inside.max())
        pixels, voi = stretch(values, low, high), f"No usable window in the file: {low:g} to {high:g} scaled to 0 to 1"
    notes += (voi,)
    if photometric == "MONOCHROME1":
        pixels, notes = 1 - pixels, (*notes, "MONOCHROME1: grey values inverted, as the header asks")
    if padding is not None:
        pixels, notes = np.where(padding, np.float32(0), pixels), (*notes, "Padding shown black")
    return pixels, notes


def _padding(stored: np.ndarray, dataset: Dataset) -> np.ndarray | None:
    """(H, W) bool, None without padding. The tag's sign may differ from the pixels' (US or SS): the bits count."""
    value = dataset.get("PixelPaddingValue")
    if value is None:
        return None
    ends = np.array([value, dataset.get("PixelPaddingRangeLimit", value)], np.int64).astype(stored.dtype)
    mask = (stored >= ends.min()) & (stored <= ends.max())
    return mask if mask.any() else None


def _modality(stored: np.ndarray, dataset: Dataset) -> tuple[np.ndarray, tuple[str, ...]]:
    if dataset.get("ModalityLUTSequence"):
        return _look_up(stored, dataset.ModalityLUTSequence[0])[0], ("Modality look-up table applied",)
    slope, intercept = _number(dataset, "RescaleSlope"), _number(dataset, "RescaleIntercept")
    if slope in (None, 0.0) or (slope, intercept) == (1.0, 0.0):
        return stored, ()
    return stored * np.float64(slope) + (intercept or 0.0), (f"Rescaled: {slope:g} x value + {intercept or 0.0:g}",)


def _voi(values: np.ndarray, dataset: Dataset) -> tuple[np.ndarray | None, str]:
    """First VOI LUT, else first window, to [0, 1]; None without a usable one."""
    if dataset.get("VOILUTSequence"):
        shown, top = _look_up(np.rint(values), dataset.VOILUTSequence[0])
        return stretch(shown, 0, top), "VOI look-up table applied"
    centre, width = _number(dataset, "WindowCenter"), _number(dataset, "WindowWidth")
    function = str(dataset.get("VOILUTFunction") or "LINEAR")
    if centre is None or width is None or width < (1 if function == "LINEAR" else 1e-6):
        return None, ""
    shown = _window(values, centre, width, function)
    return shown, f"Window {centre:g}, width {width:g} applied"


def _window(values: np.ndarray, centre: float, width: float, function: str) -> np.ndarray:
    """PS3.3 C.11.2.1.2.1 (LINEAR) and C.11.2.1.3 (SIGMOID, LINEAR_EXACT), output 0 to 1."""
    if function == "SIGMOID":
        return expit(4 * (values - centre) / width).astype(np.float32)
    if function == "LINEAR_EXACT":
        return stretch(values, centre - width / 2, centre + width / 2)
    if width == 1:
        return (values > centre - 0.5).astype(np.float32)
    return stretch(values, centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2)


def _look_up(values: np.ndarray, item: Dataset) -> tuple[np.ndarray, float]:
    """Values through a LUT of PS3.3 C.11.1.1, ends continued; and its full scale, 2 ** bits - 1."""
    entries, first, bits = (int(number) for number in item.LUTDescriptor)
    data = item.LUTData
    if isinstance(data, bytes):
        data = np.frombuffer(data, np.uint8 if len(data) < 2 * (entries or 65536) else "<u2")
    table = np.asarray(data, np.float32)[: entries or 65536]
    index = np.clip(values.astype(np.int64) - first, 0, len(table) - 1)
    return table[index], max(2.0**bits - 1, float(table.max()))


def colour(stored: np.ndarray, dataset: Dataset, photometric: str) -> tuple[np.ndarray, tuple[str, ...]]:
    top = 2.0**dataset.BitsStored - 1
    if photometric == "PALETTE COLOR":
        stored = apply_color_lut(stored, dataset)
        top = float(np.iinfo(stored.dtype).max)
    return to_grey(stretch(stored[..., :3], 0, top))


def _number(dataset: Dataset, keyword: str) -> float | None:
    """First value of a numeric tag; None if it is absent, empty or no finite number."""
    try:
        value = dataset.get(keyword)
        number = float(value[0] if isinstance(value, list | tuple | pydicom.multival.MultiValue) else value)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    return number if np.isfinite(number) else None
