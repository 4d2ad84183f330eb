"""DICOM to grey values, in the order of PS3.3 C.11: modality LUT or rescale, VOI LUT or window, MONOCHROME1 inversion.

pydicom parses and unpacks, with one named plugin a transfer syntax. Look-up tables and windows are applied here:
they must end in [0, 1], and pydicom 3.0 indexes an 8-bit LUT of more than 256 entries with wrapped 8-bit numbers.
"""

import re
import struct
import zlib
from io import BytesIO
from typing import NamedTuple

import numpy as np
import pydicom
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels import apply_color_lut, pixel_array
from pydicom.uid import UID
from scipy.special import expit

from cxr_models.errors import DamagedFilm, FilmError, FilmTooLarge, UnsupportedFilm
from cxr_models.imaging.raster import MAX_PIXELS, Decoded, check_frames, check_size, quiet, stretch, to_grey

_PLUGINS = {
    uid.RLELossless: "pydicom",
    uid.JPEGBaseline8Bit: "pillow",
    uid.JPEGExtended12Bit: "pillow",
    uid.JPEGLossless: "gdcm",
    uid.JPEGLosslessSV1: "gdcm",
    uid.JPEGLSLossless: "pyjpegls",
    uid.JPEGLSNearLossless: "pyjpegls",
    uid.JPEG2000Lossless: "pylibjpeg",
    uid.JPEG2000: "pylibjpeg",
    uid.HTJ2KLossless: "pylibjpeg",
    uid.HTJ2KLosslessRPCL: "pylibjpeg",
    uid.HTJ2K: "pylibjpeg",
}
_JPEG_SYNTAXES = {
    0xC0: uid.JPEGBaseline8Bit,
    0xC1: uid.JPEGExtended12Bit,
    0xC3: uid.JPEGLosslessSV1,
    0xF7: uid.JPEGLSLossless,
}
_SEGMENTS = {0xC4, 0xCC, 0xDB, 0xDD, 0xF8, 0xFE, *range(0xE0, 0xF0)}
"""Markers of tables, applications and comments, each followed by its length (ISO 10918-1 table B.1)."""

_NO_FILM = {
    "US": "an ultrasound",
    "IVUS": "an intravascular ultrasound",
    "ES": "an endoscopy",
    "XC": "a photograph",
    "GM": "a microscopy",
    "SM": "a microscopy",
    "OP": "an eye photograph",
    "OPT": "an eye tomography",
}
_OTHER_RADIOLOGY = {
    "CT": "computed tomography",
    "MR": "magnetic resonance",
    "PT": "positron emission tomography",
    "NM": "nuclear medicine",
    "MG": "mammography",
    "PX": "panoramic dental X-ray",
    "IO": "intra-oral X-ray",
    "BMD": "bone densitometry",
}
_PHOTOMETRIC = (
    *("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_ICT", "YBR_RCT"),
    *("YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_PARTIAL_422"),
)
_DAMAGED = "This DICOM file is cut short, damaged or coded in an unknown way. Export it again from the archive."


def is_dicom(data: bytes) -> bool:
    """True for a DICOM preamble, or for a bare data set that starts in group 2 or 8 and names its class or size."""
    if data[128:132] == b"DICM":
        return True
    if data[:2] not in (b"\x02\x00", b"\x08\x00", b"\x00\x08"):
        return False
    with quiet():
        try:
            dataset = pydicom.dcmread(BytesIO(data), force=True, stop_before_pixels=True)
            return any(keyword in dataset for keyword in ("SOPClassUID", "Rows", "Modality"))
        except Exception:  # not DICOM after all: pydicom raises nearly anything on foreign bytes
            return False


def decode(data: bytes) -> Decoded:
    """Decode one DICOM radiograph of 8 to 16 bits, with or without preamble and file meta information.

    Without VOI LUT or window the least and greatest value, padding left out, become 0 and 1.
    Raises DamagedFilm, UnsupportedFilm (no picture, several frames, ultrasound, colour, codec) or FilmTooLarge.
    """
    with quiet():
        try:
            return _decode(_parse(data))
        except FilmError:
            raise
        except Exception:  # on broken bytes pydicom and the codecs raise nearly anything, with texts that quote tags
            raise DamagedFilm(_DAMAGED) from None


def header(data: bytes) -> list[tuple[str, str]]:
    """Names and values of all tags, patient tags included, for the panel a reader opens on purpose; no binary values.

    Nested tags are named "Sequence > Tag". Raises DamagedFilm if the file cannot be parsed.
    """
    with quiet():
        try:
            dataset = _parse(data)
            return [*_tags(dataset.file_meta), *_tags(dataset)]
        except FilmError:
            raise
        except Exception:  # as in decode
            raise DamagedFilm(_DAMAGED) from None


def _tags(dataset: Dataset, above: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for tag in sorted(dataset.keys()):
        try:
            element = dataset[tag]
        except Exception:  # one value that cannot be converted must not hide the others
            found.append((f"{above}{tag}", "(unreadable)"))
            continue
        if element.VR == "SQ":
            for item in element.value:
                found += _tags(item, f"{above}{element.name} > ")
        elif not isinstance(element.value, bytes) and element.VM <= 64:
            found.append((above + element.name, str(element.value)))
    return found


def _parse(data: bytes) -> Dataset:
    _check_inflated_size(data)
    return pydicom.dcmread(BytesIO(data), force=True)


def _check_inflated_size(data: bytes) -> None:
    """A deflated data set is inflated whole by pydicom, so a bomb must be caught before (PS3.5 A.5)."""
    if data[128:136] != b"DICM\x02\x00\x00\x00":
        return
    start = 144 + struct.unpack("<I", data[140:144])[0]
    if uid.DeflatedExplicitVRLittleEndian.encode() not in data[:start]:
        return
    limit = 4 * MAX_PIXELS
    if len(zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[start:], limit + 1)) > limit:
        raise FilmTooLarge(
            f"The file would inflate to more than {limit // 10**6} megabytes. Export the film without compression."
        )


def _decode(dataset: Dataset) -> Decoded:
    _check_holds_one_film(dataset)
    photometric, notes = _photometric(dataset)
    dataset.PhotometricInterpretation = photometric
    notes += _modality_note(dataset)
    stored = _unpack(dataset)
    if photometric.startswith("MONOCHROME"):
        pixels, shown = _shown(stored, dataset, photometric)
    else:
        pixels, shown = _colour(stored, dataset, photometric)
    return Decoded(np.ascontiguousarray(pixels), int(dataset.BitsStored), notes + shown, _spacing(dataset))


def _check_holds_one_film(dataset: Dataset) -> None:
    modality = dataset.get("Modality")
    if modality in _NO_FILM:
        raise UnsupportedFilm(f"This DICOM file is {_NO_FILM[modality]}, not a radiograph. Upload a chest X-ray.")
    if not dataset.get("PixelData"):
        raise _without_pixels(dataset)
    for keyword in ("Rows", "Columns", "BitsAllocated", "BitsStored", "SamplesPerPixel", "PixelRepresentation"):
        if dataset.get(keyword) is None:
            raise DamagedFilm(f"The DICOM header lacks {keyword}. Export the film again from the archive.")
    check_size(dataset.Rows, dataset.Columns)
    check_frames(int(dataset.get("NumberOfFrames") or 1), "DICOM")
    if dataset.BitsAllocated not in (8, 16):
        raise UnsupportedFilm(
            f"The film has {dataset.BitsAllocated} bits allocated a pixel; only 8 and 16 are read. Export it so."
        )


def _without_pixels(dataset: Dataset) -> FilmError:
    storage = UID(str(dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID") or ""))
    if "Rows" in dataset or storage not in uid.UID_dictionary or "Image Storage" in storage.name:
        return DamagedFilm("The DICOM file holds no pixel data: it is incomplete. Export it again from the archive.")
    return UnsupportedFilm(
        f"This DICOM file holds no picture; it is of the class {storage.name}. Upload the film it belongs to."
    )


def _photometric(dataset: Dataset) -> tuple[str, tuple[str, ...]]:
    """Photometric Interpretation, spelling mended where only one meaning is possible."""
    stated = str(dataset.get("PhotometricInterpretation") or "").strip()
    if stated in _PHOTOMETRIC:
        return stated, ()
    letters = _letters(stated)
    meant = {_letters(known): known for known in _PHOTOMETRIC}.get(letters)
    if meant is None and re.fullmatch(r"MON[A-Z]*[12]", letters):
        meant = "MONOCHROME" + letters[-1]
    if meant:
        return meant, (f"Photometric Interpretation misspelt in the file: read as {meant}",)
    by_shape = {"IDENTITY": "MONOCHROME2", "INVERSE": "MONOCHROME1"}.get(str(dataset.get("PresentationLUTShape")))
    if by_shape and dataset.SamplesPerPixel == 1:
        return by_shape, (f"Photometric Interpretation unclear: {by_shape} by the Presentation LUT Shape",)
    raise UnsupportedFilm(
        "The DICOM header does not say whether high values are bright or dark (Photometric Interpretation is missing "
        "or unknown). Export the film again, or as PNG."
    )


def _letters(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _modality_note(dataset: Dataset) -> tuple[str, ...]:
    other = _OTHER_RADIOLOGY.get(str(dataset.get("Modality")))
    return (f"The file says it is {other}, not a plain radiograph",) if other else ()


def _unpack(dataset: Dataset) -> np.ndarray:
    """(H, W) or (H, W, 3) stored values, YBR already as RGB."""
    encapsulated = dataset["PixelData"].is_undefined_length
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if encapsulated:
        frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
        coded_as = _check_stream(frame, dataset, syntax)
        syntax = syntax or coded_as
    elif syntax is None:
        implicit, little = dataset.original_encoding
        explicit = uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian
        syntax = uid.ImplicitVRLittleEndian if implicit else explicit
    if UID(syntax).is_encapsulated and syntax not in _PLUGINS:
        known = UID(syntax).name if syntax in uid.UID_dictionary else "of a private kind"
        raise UnsupportedFilm(f"The film's compression ({known}) is not supported. Export it uncompressed or as PNG.")
    dataset.file_meta.TransferSyntaxUID = syntax
    plugin = _PLUGINS.get(syntax, "")
    if syntax == uid.JPEGExtended12Bit and dataset.BitsStored > 8:
        # gdcm goes by the stream and decodes 12 bits; pydicom's refusal goes by the name of the syntax.
        dataset.file_meta.TransferSyntaxUID, plugin = uid.JPEGLossless, "gdcm"
    return pixel_array(dataset, decoding_plugin=plugin)


class _Stream(NamedTuple):
    """What a compressed stream declares of itself."""

    syntax: str
    rows: int
    columns: int
    components: int
    precision: int


def _check_stream(frame: bytes, dataset: Dataset, syntax: str | None) -> str | None:
    """The syntax a JPEG family stream declares; its layout must be the header's, and its end must be there.

    Codecs allocate by the stream's size, fill in what is missing at its end without a word, and gdcm ends the whole
    process on a precision above the bits allocated or on broken markers: so all of it is checked before decoding.
    """
    if syntax == uid.RLELossless:
        return None
    coded = _jpeg_2000(frame) or _jpeg(frame)
    stated = (dataset.Rows, dataset.Columns, dataset.SamplesPerPixel)
    if (coded.rows, coded.columns, coded.components) != stated or not 2 <= coded.precision <= dataset.BitsAllocated:
        raise DamagedFilm(_DAMAGED)
    if b"\xff\xd9" not in frame[-16:]:
        raise DamagedFilm(_DAMAGED)
    return coded.syntax


def _jpeg_2000(frame: bytes) -> _Stream | None:
    """The SIZ marker segment of ISO 15444-1 A.5.1, also within a JP2 file."""
    start = frame[:512].find(b"\xff\x4f\xff\x51")
    if start < 0:
        return None
    width, height, left, top = struct.unpack(">4I", frame[start + 8 : start + 24])
    components, depth = struct.unpack(">HB", frame[start + 40 : start + 43])
    return _Stream(uid.JPEG2000, height - top, width - left, components, (depth & 0x7F) + 1)


def _jpeg(frame: bytes) -> _Stream:
    """The frame header of ISO 10918-1 B.2.2 (JPEG-LS: ISO 14495-1 C.2.2), all marker segments walked up to the scan."""
    at, frames = 2, []
    while frame[at : at + 2] != b"\xff\xda":
        lead, marker, length = struct.unpack(">BBH", frame[at : at + 4])
        if lead != 0xFF:
            raise ValueError("broken marker")
        if marker not in _SEGMENTS:
            precision, rows, columns, components = struct.unpack(">BHHB", frame[at + 4 : at + 10])
            frames.append(_Stream(_JPEG_SYNTAXES[marker], rows, columns, components, precision))
        at += 2 + length
    (only,) = frames
    return only


def _shown(stored: np.ndarray, dataset: Dataset, photometric: str) -> tuple[np.ndarray, tuple[str, ...]]:
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


def _colour(stored: np.ndarray, dataset: Dataset, photometric: str) -> tuple[np.ndarray, tuple[str, ...]]:
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


def _spacing(dataset: Dataset) -> tuple[float, float] | None:
    """(row, column) spacing in mm: calibrated Pixel Spacing, else at the detector; None if absent or zero."""
    for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
        try:
            row, column = (float(value) for value in dataset.get(keyword) or ())
        except (TypeError, ValueError):
            continue
        if 0 < row < np.inf and 0 < column < np.inf:
            return row, column
    return None
