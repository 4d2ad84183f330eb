"""Every transfer syntax, the order of the grey-value steps by hand, wrong files, and the real films."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from films import compressed, dataset, dicom, pillow, ramp, with_frame, written
from numpy.testing import assert_allclose
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.pixels import apply_windowing

from cxr_models.errors import DamagedFilm, FilmTooLarge, UnsupportedFilm
from cxr_models.imaging import dicom as module
from cxr_models.imaging.read import read_film

LOSSLESS = [
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.RLELossless,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEG2000Lossless,
]
LOSSY = [uid.JPEGLSNearLossless, uid.JPEG2000]
FOUR = np.array([[0, 1], [2, 3]], np.uint16)


def unit(pixels: np.ndarray) -> np.ndarray:
    return (pixels.astype(float) - pixels.min()) / (float(pixels.max()) - float(pixels.min()))


def shown(pixels: np.ndarray, bits: int = 12, photometric: str = "MONOCHROME2", **tags: object) -> np.ndarray:
    return read_film(dicom(pixels, bits, photometric, **tags)).pixels


def look_up_table(entries: list[int], first: int, bits: int) -> list[Dataset]:
    item = Dataset()
    item.add_new("LUTDescriptor", "US" if first >= 0 else "SS", [len(entries), first, bits])
    item.add_new("LUTData", "US", entries)
    return [item]


@pytest.mark.parametrize("syntax", LOSSLESS + LOSSY, ids=lambda syntax: uid.UID(syntax).keyword)
@pytest.mark.parametrize("bits", [8, 10, -12, 15, 16, -16])
def test_transfer_syntaxes(syntax: str, bits: int) -> None:
    """Negative: signed pixels of so many bits."""
    pixels, bits = ramp(abs(bits), signed=bits < 0), abs(bits)
    film = read_film(compressed(pixels, bits, syntax))
    assert_allclose(film.pixels, unit(pixels), atol=0.01 if syntax in LOSSY else 1e-6)
    assert film.kind == "DICOM" and film.bits == bits


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_jpeg_baseline_and_extended(bits: int) -> None:
    for syntax in [uid.JPEGBaseline8Bit] * (bits == 8) + [uid.JPEGExtended12Bit]:
        assert_allclose(read_film(compressed(ramp(bits), bits, syntax)).pixels, unit(ramp(bits)), atol=2.5 / 2**bits)


def test_missing_preamble_and_file_meta() -> None:
    for syntax in (uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian):
        whole = compressed(ramp(12), 12, syntax)
        bare = whole[144 + struct.unpack("<I", whole[140:144])[0] :]
        for data in (whole[132:], bare):
            film = read_film(data)
            assert film.kind == "DICOM"
            assert_allclose(film.pixels, unit(ramp(12)), atol=1e-6)


@pytest.mark.parametrize("syntax", [uid.JPEGLosslessSV1, uid.JPEGLSLossless, uid.JPEG2000, uid.JPEGBaseline8Bit])
def test_compressed_without_file_meta_goes_by_the_stream(syntax: str) -> None:
    whole = compressed(ramp(8), 8, syntax)
    bare = whole[144 + struct.unpack("<I", whole[140:144])[0] :]
    assert_allclose(read_film(bare).pixels, unit(ramp(8)), atol=0.01)


def test_window_by_hand() -> None:
    """Centre 2, width 3: PS3.3 LINEAR runs from 0.5 to 2.5, LINEAR_EXACT from 0.5 to 3.5."""
    window = {"WindowCenter": [2, 9], "WindowWidth": [3, 9]}
    assert_allclose(shown(FOUR, **window), [[0, 0.25], [0.75, 1]], atol=1e-6)
    assert_allclose(shown(FOUR, VOILUTFunction="LINEAR_EXACT", **window), [[0, 1 / 6], [0.5, 5 / 6]], atol=1e-6)
    sigmoid = 1 / (1 + np.exp(-4 * (FOUR - 2.0) / 3))
    assert_allclose(shown(FOUR, VOILUTFunction="SIGMOID", **window), sigmoid, atol=1e-6)
    assert_allclose(shown(FOUR, WindowCenter=2, WindowWidth=1), [[0, 0], [1, 1]])


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_window_agrees_with_pydicom(function: str) -> None:
    made = dataset(ramp(12), 12, WindowCenter=1800, WindowWidth=2500, VOILUTFunction=function)
    assert_allclose(read_film(written(made)).pixels, apply_windowing(ramp(12), made) / 4095, atol=1e-5)


def test_order_rescale_window_inversion() -> None:
    """2 x value + 10 gives 10, 12, 14, 16; the window runs from 10 to 14; only then comes the inversion.

    Inverting the stored values first would give 1, 1, 0.5, 0; windowing before rescaling a blank film.
    """
    steps = {"RescaleSlope": 2, "RescaleIntercept": 10, "WindowCenter": 12.5, "WindowWidth": 5}
    assert_allclose(shown(FOUR, 12, **steps), [[0, 0.5], [1, 1]], atol=1e-6)
    assert_allclose(shown(FOUR, 12, "MONOCHROME1", **steps), [[1, 0.5], [0, 0]], atol=1e-6)


def test_order_with_look_up_tables() -> None:
    """Modality 0,1,2,3 -> 0,10,10,30; VOI at 10 to 12 -> 0,4,255; MONOCHROME1 last."""
    modality = look_up_table([0, 10, 10, 30], 0, 8)
    voi = look_up_table([0, 4, 255], 9, 8)  # 0 -> first entry, 10 -> 4, 30 -> last entry
    film = read_film(dicom(FOUR, 12, "MONOCHROME1", ModalityLUTSequence=modality, VOILUTSequence=voi, WindowCenter=1, WindowWidth=2))  # fmt: skip  # noqa: E501
    assert_allclose(film.pixels, [[1, 1 - 4 / 255], [1 - 4 / 255, 0]], atol=1e-6)
    assert [note.split()[0] for note in film.notes] == ["Modality", "VOI", "MONOCHROME1:"]


def test_long_eight_bit_look_up_table() -> None:
    """4096 entries of 8 bits: an index kept in 8 bits would wrap at 256."""
    voi = look_up_table([value >> 4 for value in range(4096)], 0, 8)
    assert_allclose(shown(ramp(12), 12, VOILUTSequence=voi), (ramp(12) >> 4) / 255, atol=1e-6)


def test_packed_look_up_tables() -> None:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [4, 0, 8])
    item.add_new("LUTData", "OW", bytes([0, 51, 102, 255]))
    assert_allclose(shown(FOUR, 12, VOILUTSequence=[item]), [[0, 0.2], [0.4, 1]], atol=1e-6)
    item.LUTDescriptor, item["LUTData"].value = [4, 0, 16], np.array([0, 13107, 26214, 65535], "<u2").tobytes()
    assert_allclose(shown(FOUR, 12, VOILUTSequence=[item]), [[0, 0.2], [0.4, 1]], atol=1e-6)


def test_padding_is_left_out_and_black() -> None:
    pixels = np.array([[4000, 10], [20, 30]], np.uint16)
    assert_allclose(shown(pixels, 12, PixelPaddingValue=4000), [[0, 0], [0.5, 1]], atol=1e-6)
    assert_allclose(shown(pixels, 12, "MONOCHROME1", PixelPaddingValue=4000), [[0, 1], [0.5, 0]], atol=1e-6)
    signed = np.array([[-2000, 10], [20, 30]], np.int16)
    assert_allclose(shown(signed, 16, PixelPaddingValue=-2000), [[0, 0], [0.5, 1]], atol=1e-6)


def test_a_window_that_shows_nothing_is_not_used() -> None:
    film = read_film(dicom(FOUR, 12, WindowCenter=3000, WindowWidth=10))
    assert_allclose(film.pixels, FOUR / 3, atol=1e-6)
    assert "No usable window" in film.notes[0]
    assert_allclose(shown(FOUR, WindowCenter=2, WindowWidth=0), FOUR / 3, atol=1e-6)


@pytest.mark.parametrize(
    ("stated", "inverted"),
    [("MONOCHROM1", True), ("MONOCROME2", False), ("Monochrome 2", False), ("MONOCHROME_1", True), ("MONO2", False)],
)
def test_misspelt_photometric_is_mended_where_unambiguous(stated: str, inverted: bool) -> None:
    film = read_film(dicom(FOUR).replace(b"MONOCHROME2 ", stated.encode().ljust(12)))
    assert_allclose(film.pixels, 1 - FOUR / 3 if inverted else FOUR / 3, atol=1e-6)
    assert "misspelt" in film.notes[0] and stated not in film.notes[0]


def test_unclear_photometric() -> None:
    with pytest.raises(UnsupportedFilm, match="bright or dark"):
        read_film(dicom(FOUR, 12, "MONOCHROME"))
    film = read_film(dicom(FOUR, 12, "MONOCHROME", PresentationLUTShape="INVERSE"))
    assert_allclose(film.pixels, 1 - FOUR / 3, atol=1e-6)


def test_colour_secondary_captures_follow_the_colour_rule() -> None:
    grey = np.dstack([ramp(8)] * 3)
    assert_allclose(shown(grey, 8, "RGB"), ramp(8) / 255, atol=1e-6)
    colourful = grey.copy()
    colourful[::2, :, 0], colourful[1::2, :, 2] = 255, 0
    with pytest.raises(UnsupportedFilm, match="colour"):
        shown(colourful, 8, "RGB")
    neutral = np.dstack([ramp(8), np.full_like(ramp(8), 128), np.full_like(ramp(8), 128)])
    assert_allclose(shown(neutral, 8, "YBR_FULL"), ramp(8) / 255, atol=2 / 255)
    jpeg = with_frame(dataset(grey, 8, "YBR_FULL_422"), uid.JPEGBaseline8Bit, pillow(grey, "JPEG", quality=98))
    assert_allclose(read_film(jpeg).pixels, ramp(8) / 255, atol=3 / 255)


def test_palette_colour() -> None:
    palette = {}
    for colour in ("Red", "Green", "Blue"):
        palette[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        palette[f"{colour}PaletteColorLookupTableData"] = (np.arange(256, dtype="<u2") * 257).tobytes()
    assert_allclose(shown(ramp(8), 8, "PALETTE COLOR", **palette), ramp(8) / 255, atol=1e-6)


def test_spacing() -> None:
    def spacing(**tags: object) -> tuple[float, float] | None:
        return read_film(dicom(FOUR, 12, **tags)).spacing_mm

    assert spacing() is None and spacing(PixelSpacing=[0, 0]) is None
    assert spacing(PixelSpacing=[0.2, 0.1], ImagerPixelSpacing=[1, 1]) == (0.2, 0.1)
    assert spacing(PixelSpacing=[0, 0], ImagerPixelSpacing=[0.3, 0.4]) == (0.3, 0.4)


def test_other_radiology_is_noted_and_ultrasound_refused() -> None:
    assert "computed tomography" in read_film(dicom(FOUR, 12, Modality="CT")).notes[0]
    with pytest.raises(UnsupportedFilm, match="ultrasound"):
        read_film(dicom(FOUR, 12, Modality="US"))


def without(keyword: str, **tags: object) -> bytes:
    made = dataset(FOUR, 12, **tags)
    del made[keyword]
    return written(made)


def report(storage: str) -> bytes:
    made = dataset(FOUR, 12, SOPClassUID=storage)
    made.file_meta.MediaStorageSOPClassUID = storage
    for keyword in ("PixelData", "Rows", "Columns"):
        del made[keyword]
    return written(made)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (without("PixelData"), DamagedFilm, "no pixel data"),
        (without("Rows"), DamagedFilm, "lacks Rows"),
        (without("BitsStored"), DamagedFilm, "lacks BitsStored"),
        (dicom(FOUR, 12, Rows=0), DamagedFilm, "has none"),
        (dicom(FOUR, 12, Rows=3), DamagedFilm, "cut short"),
        (dicom(FOUR, 12, BitsAllocated=32), UnsupportedFilm, "32 bits"),
        (dicom(FOUR, 12, Rows=20_000, Columns=20_000), FilmTooLarge, "400 million"),
        (dicom(np.stack([FOUR] * 5).reshape(10, 2), 12, Rows=2, NumberOfFrames=5), UnsupportedFilm, "holds 5 pictures"),
        (report(uid.BasicTextSRStorage), UnsupportedFilm, "Basic Text SR Storage"),
        (report(uid.EncapsulatedPDFStorage), UnsupportedFilm, "Encapsulated PDF Storage"),
        (with_frame(dataset(FOUR), uid.MPEG2MPML, b"\0" * 64), DamagedFilm, "unknown way"),
        (with_frame(dataset(ramp(8), 8), uid.JPEGBaseline8Bit, pillow(ramp(8, (9, 9)), "JPEG")), DamagedFilm, "cut"),
        (with_frame(dataset(ramp(8), 8), uid.JPEGBaseline8Bit, pillow(ramp(8), "JPEG")[:-2]), DamagedFilm, "cut"),
    ],
)
def test_wrong_files_get_one_sentence(data: bytes, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        read_film(data)
    assert "4711" not in str(caught.value) and "Doe" not in str(caught.value)


@pytest.mark.parametrize("syntax", [uid.JPEGLosslessSV1, uid.JPEGExtended12Bit])
@pytest.mark.parametrize("value", [0, 1, 17, 30, 255])
def test_streams_that_would_end_the_process_are_refused_before_decoding(syntax: str, value: int) -> None:
    """gdcm aborts or overruns its buffer on a precision above the bits allocated and on a broken marker."""
    data = bytearray(compressed(ramp(12), 12, syntax))
    frame_header = max(data.rfind(b"\xff\xc1\x00\x0b"), data.rfind(b"\xff\xc3\x00\x0b"))
    for place in (frame_header + 4, frame_header + 13):  # the precision; the first byte of the marker that follows
        broken = bytearray(data)
        broken[place] = value if place == frame_header + 4 else value // 2
        with pytest.raises(DamagedFilm):
            read_film(bytes(broken))


def test_deflate_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    data = compressed(np.zeros((600, 600), np.uint16), 12, uid.DeflatedExplicitVRLittleEndian)
    assert len(data) < 3000
    monkeypatch.setattr(module, "MAX_PIXELS", 100_000)
    monkeypatch.setattr(zlib, "decompress", None)  # pydicom inflates without a limit: it must not be reached
    with pytest.raises(FilmTooLarge, match="inflate"):
        module.decode(data)


def test_header_lists_names_and_values_but_no_binary() -> None:
    nested = Dataset()
    nested.CodeMeaning = "Chest"
    tags = dict(module.header(dicom(FOUR, 12, ViewCodeSequence=[nested])))
    assert tags["Patient ID"] == "SECRET-4711" and tags["Patient's Name"] == "Doe^Jane"
    assert tags["View Code Sequence > Code Meaning"] == "Chest" and tags["Rows"] == "2"
    assert "Transfer Syntax UID" in tags and "Pixel Data" not in tags
    with pytest.raises(DamagedFilm):
        module.header(compressed(ramp(8), 8, uid.DeflatedExplicitVRLittleEndian)[:-40])


@pytest.fixture
def real(films_root: Path) -> Path:
    return films_root.parent / "dicom"


@pytest.mark.parametrize("name", ["cr_chest_mono1_10bit_nometa", "cr_chest_mono1_j2k", "cr_chest_mono2_jpeg"])
def test_real_films_have_dark_lungs_and_a_bright_mediastinum(real: Path, name: str) -> None:
    pixels = read_film((real / f"{name}.dcm").read_bytes()).pixels
    height, width = pixels.shape
    middle = pixels[int(0.35 * height) : int(0.5 * height)]
    lung = np.median(middle[:, int(0.2 * width) : int(0.35 * width)])
    assert np.median(middle[:, int(0.45 * width) : int(0.52 * width)]) > lung + 0.1
    below = pixels[int(0.85 * height) :, int(0.2 * width) : int(0.35 * width)]
    assert np.median(below) > lung  # the liver below the lung: the right way up


def test_real_film_with_a_wrong_tag_says_what_was_done(real: Path) -> None:
    """Pixels of a MONOCHROME2 film tagged MONOCHROME1: the header is all one has, so the note must say so."""
    right = read_film((real / "cr_chest_mono2_jpeg.dcm").read_bytes())
    wrong = read_film((real / "cr_chest_photometric_misspelt.dcm").read_bytes())
    assert_allclose(wrong.pixels, 1 - right.pixels, atol=1e-6)
    assert any("MONOCHROME1" in note for note in wrong.notes)
