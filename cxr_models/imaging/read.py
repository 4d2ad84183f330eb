"""Bytes to Film: what a file is, is decided by its content and never by its name."""

from hashlib import sha256

from cxr_models.errors import NotAnImage, UnsupportedFilm
from cxr_models.imaging import dicom, raster
from cxr_models.types import Film

_READABLE = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"II+\x00": "TIFF",
    b"MM\x00+": "TIFF",
}
_OTHER_PICTURES = {
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"8BPS": "Photoshop",
    b"\x00\x00\x00\x0cjP  ": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"\x00\x00\x00\x0cJXL ": "JPEG XL",
    b"\xff\x0a": "JPEG XL",
    b"\x00\x00\x01\x00": "icon (ICO)",
    b"P2\n": "PGM",
    b"P5\n": "PGM",
    b"NRRD": "NRRD volume",
}
_OTHER_FILES = {
    b"PK\x03\x04": "a ZIP archive or an Office document",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"{\\rtf": "an RTF document",
    b"\xd0\xcf\x11\xe0": "an Office document",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
_HEIF_BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC", b"msf1": "HEIC"}
_REMEDY = "Upload the film as DICOM, PNG, JPEG, TIFF or WebP."


def read_film(data: bytes, name: str = "Film") -> Film:
    """Decode one radiograph: DICOM, PNG, JPEG, TIFF or WebP, told apart by content.

    data: the whole file. name: what the reader calls the film; passed through, never taken from the file.
    Returns pixels (H, W) float32 in [0, 1], bright = dense; ``notes`` say what reading changed.
    Raises NotAnImage, DamagedFilm, UnsupportedFilm or FilmTooLarge; no message holds a value of a patient tag.
    """
    kind = recognise(data)
    decoded = dicom.decode(data) if kind == "DICOM" else raster.decode(data, kind)
    pixels = decoded.pixels
    if pixels.min() == pixels.max():
        raise UnsupportedFilm(
            "The film has no content: all its pixels have the same grey value. Check the export and upload it again."
        )
    return Film(pixels, sha256(data).hexdigest(), name, kind, decoded.bits, decoded.notes, decoded.spacing_mm)


def recognise(data: bytes) -> str:
    """The kind, as in ``types.Film``. Raises NotAnImage or UnsupportedFilm, which name what the file is instead."""
    if not data:
        raise NotAnImage(f"The file is empty (0 bytes). {_REMEDY}")
    if dicom.is_dicom(data):
        return "DICOM"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    kind = _starting(data, _READABLE)
    if kind is None:
        raise _not_readable(data)
    return kind


def _starting(data: bytes, signatures: dict[bytes, str]) -> str | None:
    return next((kind for start, kind in signatures.items() if data.startswith(start)), None)


def _not_readable(data: bytes) -> NotAnImage | UnsupportedFilm:
    picture = _starting(data, _OTHER_PICTURES)
    if data[4:8] == b"ftyp":
        picture = _HEIF_BRANDS.get(data[8:12], "MP4 or QuickTime")
    if picture:
        return UnsupportedFilm(f"This is a {picture} file, which cannot be read here. Save the film as PNG or DICOM.")
    return NotAnImage(f"This is {_not_a_picture(data)}, not a picture. {_REMEDY}")


def _not_a_picture(data: bytes) -> str:
    if b"%PDF-" in data[:1024]:
        return "a PDF document"
    known = _starting(data, _OTHER_FILES)
    if known:
        return known
    start = data[:512]
    plain = all(byte in b"\t\n\r" or byte >= 32 for byte in start)
    cut_letter = 3 if len(start) == 512 else 0
    decodable = len(start.decode("utf-8", "ignore").encode()) >= len(start) - cut_letter
    return "a text file" if plain and decodable else "a file of unknown content"
