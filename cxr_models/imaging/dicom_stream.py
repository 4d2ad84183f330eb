"""Pixel data of a DICOM file, unpacked by pydicom with one named plugin a transfer syntax.

What a compressed stream declares of itself is checked before any codec sees it.
"""

import struct
from typing import NamedTuple

import numpy as np
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels import pixel_array
from pydicom.uid import UID

from cxr_models.errors import DamagedFilm, UnsupportedFilm

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
DAMAGED = "This DICOM file is cut short, damaged or coded in an unknown way. Export it again from the archive."


def unpack(dataset: Dataset) -> np.ndarray:
    """(H, W) or (H, W, 3) stored values, YBR already as RGB. Raises DamagedFilm, UnsupportedFilm."""
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
        raise DamagedFilm(DAMAGED)
    if b"\xff\xd9" not in frame[-16:]:
        raise DamagedFilm(DAMAGED)
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
