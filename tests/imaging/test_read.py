"""What a file is, by content; every wrong file gets one sentence; nothing but FilmError ever comes out."""

import hashlib
import logging
import threading
import warnings

import numpy as np
import pytest
from films import compressed, dicom, pillow, png, ramp, tiff
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import uid

from cxr_models.errors import DamagedFilm, FilmError, NotAnImage, UnsupportedFilm
from cxr_models.imaging.read import read_film

GREY = ramp(8)
NOISE = np.random.default_rng(0).integers(0, 256, (48, 40), dtype=np.uint8)
REAL_ENCODINGS = {
    "PNG": pillow(NOISE, "PNG"),
    "PNG 16": png(ramp(16), 0),
    "JPEG": pillow(NOISE, "JPEG"),
    "TIFF": pillow(NOISE, "TIFF"),
    "TIFF LZW": pillow(NOISE, "TIFF", compression="tiff_lzw"),
    "TIFF 16": tiff(ramp(16)),
    "WebP": pillow(NOISE, "WebP", lossless=True),
    "DICOM": dicom(ramp(12)),
    "DICOM bare": dicom(ramp(12))[132:],
    "DICOM deflated": compressed(ramp(12), 12, uid.DeflatedExplicitVRLittleEndian),
    "DICOM RLE": compressed(ramp(12), 12, uid.RLELossless),
    "DICOM JPEG": compressed(ramp(8), 8, uid.JPEGBaseline8Bit),
    "DICOM JPEG lossless": compressed(ramp(12), 12, uid.JPEGLosslessSV1),
    "DICOM JPEG-LS": compressed(ramp(12), 12, uid.JPEGLSLossless),
    "DICOM JPEG 2000": compressed(ramp(12), 12, uid.JPEG2000Lossless),
}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WebP"])
def test_kind_hash_and_name(kind: str) -> None:
    data = pillow(GREY, kind)
    film = read_film(data, "film of Tuesday.dcm")
    assert (film.kind, film.name, film.bits, film.spacing_mm) == (kind, "film of Tuesday.dcm", 8, None)
    assert film.sha256 == hashlib.sha256(data).hexdigest()
    assert film.pixels.dtype == np.float32 and film.pixels.shape == GREY.shape and film.pixels.flags.c_contiguous


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", NotAnImage, "empty"),
        (b"%PDF-1.7\n%\xe2\xe3", NotAnImage, "PDF"),
        (b"\n%PDF-1.4", NotAnImage, "PDF"),
        (b"Patient: Jane Doe\nchest film", NotAnImage, "text"),
        ("Thoraxröntgen ä".encode(), NotAnImage, "text"),
        (b"PK\x03\x04abc", NotAnImage, "ZIP"),
        (b"\x00\x01\x02\x03\xfe\xff", NotAnImage, "unknown"),
        (b"\x89PN", NotAnImage, "unknown"),
        (pillow(GREY, "GIF"), UnsupportedFilm, "GIF"),
        (pillow(GREY, "BMP"), UnsupportedFilm, "BMP"),
        (pillow(GREY, "JPEG2000"), UnsupportedFilm, "JPEG 2000"),
        (b"\x00\x00\x00\x18ftypheic\0\0\0\0mif1heic", UnsupportedFilm, "HEIC"),
        (b"\x00\x00\x00\x18ftypavif", UnsupportedFilm, "AVIF"),
        (pillow(np.full((9, 9), 77, np.uint8), "PNG"), UnsupportedFilm, "no content"),
        (png(np.full((9, 9), 7777, np.uint16), 0), UnsupportedFilm, "no content"),
        (dicom(np.full((9, 9), 777, np.uint16)), UnsupportedFilm, "no content"),
    ],
)
def test_what_is_no_film_gets_one_clear_sentence(data: bytes, error: type[FilmError], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        read_film(data, "film.png")
    assert "Jane" not in str(caught.value) and len(str(caught.value)) < 200


@pytest.mark.parametrize("kind", REAL_ENCODINGS)
def test_a_film_cut_short_is_damaged(kind: str) -> None:
    data = REAL_ENCODINGS[kind]
    for share in (0.5, 0.9, 0.97):
        with pytest.raises(DamagedFilm) as caught:
            read_film(data[: int(len(data) * share)])
        assert "4711" not in str(caught.value) and caught.value.__cause__ is None


STARTS = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"RIFF1234WEBP", b"\x08\0", b"\x02\0"]
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6)


@settings(max_examples=80, deadline=None)
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=300))
def test_random_bytes_raise_only_film_errors(start: bytes, rest: bytes) -> None:
    with pytest.raises(FilmError):
        read_film(start + rest)


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(REAL_ENCODINGS)), cut=st.floats(0, 1), edits=EDITS)
def test_mutated_films_read_or_raise_film_errors(kind: str, cut: float, edits: list[tuple[float, int]]) -> None:
    data = bytearray(REAL_ENCODINGS[kind])
    for where, value in edits:
        data[int(where * (len(data) - 1))] = value
    try:
        film = read_film(bytes(data[: int(cut * len(data))] if cut < 0.5 else data))
    except FilmError as error:
        assert "4711" not in str(error) and "Doe" not in str(error)
    else:
        assert film.pixels.ndim == 2 and film.pixels.min() >= 0 and film.pixels.max() <= 1


def test_nothing_is_warned_or_logged(caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder) -> None:
    caplog.set_level(logging.DEBUG)
    warnings.simplefilter("always")
    odd = dicom(ramp(12), PatientBirthDate="19991231", PatientAge="077Y", WindowCenter="5", WindowWidth="7777")
    odd = odd.replace(b"19991231", b"not-date").replace(b"077Y", b"aged").replace(b"7777", b"wide")
    assert read_film(odd).notes[0].startswith("No usable window")
    for data in (odd, odd[132:], odd[:-50], REAL_ENCODINGS["TIFF LZW"][:-40]):
        try:
            read_film(data)
        except FilmError:
            continue
    assert not caplog.records and not recwarn.list


def test_readers_side_by_side_leave_the_warning_filters_alone() -> None:
    before, films = list(warnings.filters), []
    threads = [threading.Thread(target=lambda: films.append(read_film(REAL_ENCODINGS["DICOM"]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(films) == 8 and all(np.array_equal(film.pixels, films[0].pixels) for film in films)
    assert warnings.filters == before
