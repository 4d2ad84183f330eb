"""A DICOM file to one film: what kind of file it is, whether it holds a radiograph, and what its header says of it.

Pixels are unpacked in ``dicom_stream`` and shown as the header asks in ``dicom_grey``.
"""

import re
import struct
import zlib
from io import BytesIO

import numpy as np
import pydicom
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.uid import UID

from cxr_models.errors import DamagedFilm, FilmError, FilmTooLarge, UnsupportedFilm
from cxr_models.imaging.dicom_grey import colour, grey_values
from cxr_models.imaging.dicom_stream import DAMAGED, unpack
from cxr_models.imaging.raster import MAX_PIXELS, Decoded, check_frames, check_size, quiet

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
            raise DamagedFilm(DAMAGED) from None


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
            raise DamagedFilm(DAMAGED) from None


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
    stored = unpack(dataset)
    if photometric.startswith("MONOCHROME"):
        pixels, shown = grey_values(stored, dataset, photometric)
    else:
        pixels, shown = colour(stored, dataset, photometric)
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
