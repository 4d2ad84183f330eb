"""PNG, JPEG, TIFF and WebP to grey values, and the colour rule that DICOM shares.

Pillow decodes up to 8 bits a sample. Deeper files go through OpenCV: Pillow keeps only the high byte of 16-bit
colour, and knows no 64-bit float TIFF.
"""

import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, TiffImagePlugin

from cxr_models.errors import DamagedFilm, FilmError, FilmTooLarge, UnsupportedFilm

MAX_PIXELS = 100_000_000
"""More is refused from the header alone; the largest X-ray detectors have about 20 million pixels."""

CHROMA_LIMIT = 0.08
"""Distance of a channel from the film's tint, in [0, 1], above which a pixel counts as coloured."""

TINT_LIMIT = 0.2
"""Strongest tint, as the chroma of a channel, that film bases and toned prints have (sepia: 0.13, blue base: 0.16)."""

COLOURED_SHARE_LIMIT = 0.05
"""Share of coloured pixels above which a picture is a colour photograph; arrows and letters on a film stay below."""

# These libraries log the tags they read, EXIF and patient tags included, and ours must never reach a log.
for _name in ("PIL", "pydicom", "pylibjpeg", "openjpeg"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

_one_at_a_time = threading.RLock()


class Decoded(NamedTuple):
    """pixels: (H, W) float32 in [0, 1], bright = dense; the rest as in ``types.Film``."""

    pixels: np.ndarray
    bits: int
    notes: tuple[str, ...]
    spacing_mm: tuple[float, float] | None = None


@contextmanager
def quiet() -> Iterator[None]:
    """Silence decoders, whose warnings quote the file. One film at a time: warning filters belong to the process.

    The lock also bounds memory to one decoding, whatever the number of readers.
    """
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        try:
            yield
        finally:
            cv2.utils.logging.setLogLevel(level)


def decode(data: bytes, kind: str) -> Decoded:
    """Decode a file of ``kind`` "PNG", "JPEG", "TIFF" or "WebP"; alpha is composited on black.

    Up to 8 bits, 0..255 becomes 0..1. Deeper files rarely use their range: theirs is stretched to 0..1 and noted.
    Raises DamagedFilm, UnsupportedFilm (several frames, colour) or FilmTooLarge.
    """
    with quiet():
        try:
            return _decode_tiff(data) if kind == "TIFF" else _decode_plain(data, kind)
        except FilmError:
            raise
        except Image.DecompressionBombError:
            raise FilmTooLarge(_too_large(None)) from None
        except Exception:  # on broken bytes decoders raise nearly anything, with texts that quote the file
            raise DamagedFilm(
                f"This {kind} file is cut short, damaged or coded in a way that cannot be read. "
                "Copy or export it again, as PNG if possible."
            ) from None


def check_size(rows: int, columns: int) -> None:
    """Raises FilmTooLarge above MAX_PIXELS and DamagedFilm for a picture without pixels."""
    if rows * columns > MAX_PIXELS:
        raise FilmTooLarge(_too_large(rows * columns))
    if rows < 1 or columns < 1:
        raise DamagedFilm(f"The picture is {columns} x {rows} pixels large: it has none. Export the film again.")


def check_frames(count: int, kind: str) -> None:
    """Raises UnsupportedFilm, naming the count, unless there is exactly one frame."""
    if count != 1:
        raise UnsupportedFilm(
            f"This {kind} file holds {count} pictures, and only single films are read. Save the one you mean by itself."
        )


def stretch(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """``low``..``high`` to 0..1, clipped, float32; all zeros where ``high`` is not above ``low``."""
    if not high > low:
        return np.zeros(values.shape, np.float32)
    scaled = values.astype(np.promote_types(values.dtype, np.float32))
    scaled -= low
    scaled /= high - low
    return np.clip(scaled, 0, 1, out=scaled).astype(np.float32, copy=False)


def to_grey(rgb: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """The colour rule. rgb: (H, W, 3) float32 in [0, 1]. Returns (H, W) float32 in [0, 1], and notes.

    Equal channels are a grey film. A film in one tint (toned scan, coloured letters) becomes its luminance
    (ITU-R BT.601). Raises UnsupportedFilm with the coloured share of pixels for a colour photograph.
    """
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return np.ascontiguousarray(red), ()
    share = coloured_share(rgb)
    if share > COLOURED_SHARE_LIMIT:
        raise UnsupportedFilm(
            f"This is a colour picture, not a grey film: {share:.0%} of its pixels differ in hue "
            f"(at most {COLOURED_SHARE_LIMIT:.0%} may). Upload the X-ray itself, without a colour map or overlay."
        )
    grey = np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue
    return np.clip(grey, 0, 1, out=grey), ("Colour tint removed: the film is shown by its luminance",)


def coloured_share(rgb: np.ndarray) -> float:
    """Share of pixels, in [0, 1], whose colour is not the film's own tint at their brightness.

    The tint is the median chroma (channel minus mean of channels) at each of 16 grey levels, so that a toning that
    changes from shadow to light is still one tint, and letters do not shift it; at most TINT_LIMIT of it is
    forgiven. Measured on a grid of about a million pixels.
    """
    step = max(1, int(np.sqrt(rgb.shape[0] * rgb.shape[1] / 1_000_000)))
    sample = rgb[::step, ::step].reshape(-1, 3)
    grey = sample.mean(axis=1)
    level = np.minimum((grey * 16).astype(np.intp), 15)
    chroma = sample - grey[:, None]
    tint = np.zeros((16, 3), np.float32)
    for present in np.unique(level):
        tint[present] = np.median(chroma[level == present], axis=0).clip(-TINT_LIMIT, TINT_LIMIT)
    return float((np.abs(chroma - tint[level]).max(axis=1) > CHROMA_LIMIT).mean())


def _decode_plain(data: bytes, kind: str) -> Decoded:
    """PNG, JPEG and WebP. Pillow reads the header; checksums are verified first, for zlib alone misses many errors."""
    image = Image.open(BytesIO(data), formats=[kind])
    check_size(image.height, image.width)
    check_frames(getattr(image, "n_frames", 1), kind)
    bits = data[24] if kind == "PNG" else 8
    if kind == "PNG":
        image.verify()
        image = Image.open(BytesIO(data), formats=[kind])
    stored = _deep(data) if bits > 8 else _shallow(image)
    upright, notes = _upright(stored, image.getexif().get(0x0112, 1))
    return _finish(upright, bits, notes)


def _decode_tiff(data: bytes) -> Decoded:
    """Both decoders turn a TIFF upright by its orientation tag, but leave deep white-is-zero files inverted."""
    first, pages = _tiff_pages(data)
    check_size(first[TiffImagePlugin.IMAGELENGTH], first[TiffImagePlugin.IMAGEWIDTH])
    check_frames(pages, "TIFF")
    bits = max(first.get(TiffImagePlugin.BITSPERSAMPLE, (1,)))
    if bits <= 8:
        return _finish(_shallow(Image.open(BytesIO(data), formats=["TIFF"])), bits, ())
    stored = _deep(data)
    if first.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0:
        return _finish(stored.max() - stored, bits, ("TIFF stored white as zero: grey values inverted",))
    return _finish(stored, bits, ())


def _tiff_pages(data: bytes) -> tuple[TiffImagePlugin.ImageFileDirectory_v2, int]:
    """Tags of the first page, and the number of pages (TIFF 6.0 section 2; BigTIFF's header is 16 bytes long)."""
    start = data[: 16 if data[2] == 43 else 8]
    stream, seen = BytesIO(data), set[int]()
    first = page = TiffImagePlugin.ImageFileDirectory_v2(start)
    while page.next and page.next not in seen:
        stream.seek(page.next)
        seen.add(page.next)
        page = first if len(seen) == 1 else TiffImagePlugin.ImageFileDirectory_v2(start)
        page.load(stream)
    return first, len(seen)


def _shallow(image: Image.Image) -> np.ndarray:
    """(H, W), (H, W, 3) or (H, W, 4) uint8; Pillow raises on truncated data."""
    if image.has_transparency_data:
        return np.asarray(image.convert("RGBA"))
    return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))


def _deep(data: bytes) -> np.ndarray:
    """(H, W), (H, W, 3) or (H, W, 4), 16 bits or float, channels as red, green, blue, alpha."""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None:
        raise ValueError("OpenCV could not decode it")
    stored = np.asarray(decoded)
    if stored.ndim == 3:
        stored = stored[..., [2, 1, 0, 3][: stored.shape[2]]]
    if not np.isfinite(stored).all():
        raise DamagedFilm("The film holds values that are not numbers. Export it again.")
    return stored


_TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: np.rot90,
}
"""EXIF 2.32, tag 0x0112: what brings a stored picture upright."""


def _upright(stored: np.ndarray, orientation: object) -> tuple[np.ndarray, tuple[str, ...]]:
    if orientation not in _TURNS:
        return stored, ()
    return _TURNS[orientation](stored), ("Turned upright as the file's EXIF orientation says",)


def _finish(stored: np.ndarray, bits: int, notes: tuple[str, ...]) -> Decoded:
    """Alpha on black, then [0, 1], then the colour rule."""
    if stored.ndim == 3 and stored.shape[2] == 4:
        stored = _on_black(stored)
    low, high = (0.0, 255.0) if bits <= 8 else (float(stored.min()), float(stored.max()))
    if bits > 8:
        notes += (f"{bits}-bit file: grey values {low:g} to {high:g} scaled to 0 to 1",)
    pixels = stretch(stored, low, high)
    if pixels.ndim == 3:
        pixels, tint = to_grey(pixels)
        notes += tint
    return Decoded(np.ascontiguousarray(pixels), bits, notes)


def _on_black(rgba: np.ndarray) -> np.ndarray:
    opaque = np.iinfo(rgba.dtype).max if rgba.dtype.kind == "u" else 1.0
    return rgba[..., :3] * (rgba[..., 3:] / np.float32(opaque))


def _too_large(pixels: int | None) -> str:
    size = f"{pixels / 1e6:.0f} million" if pixels else "too many"
    return (
        f"The picture would unpack to {size} pixels, and at most {MAX_PIXELS // 10**6} million are read. "
        "Save the film at a smaller size."
    )
