"""Containers, depths, orientation, alpha and colour of PNG, JPEG, TIFF and WebP, against values known beforehand."""

import numpy as np
import pytest
from films import pillow, png, ramp, tiff
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from cxr_models.errors import DamagedFilm, FilmTooLarge, UnsupportedFilm
from cxr_models.imaging.raster import coloured_share
from cxr_models.imaging.read import read_film

GREY = ramp(8)
DEEP = ramp(12) + np.uint16(100)  # 100 to 4195
UNIT = (DEEP - 100) / 4095


def rgb(array: np.ndarray, alpha: np.ndarray | None = None) -> np.ndarray:
    return np.dstack([array] * 3 + ([] if alpha is None else [alpha]))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WebP"])
def test_eight_bits_are_divided_by_255(kind: str) -> None:
    data = pillow(rgb(GREY), kind, **({"lossless": True} if kind == "WebP" else {}))
    film = read_film(data)
    assert_allclose(film.pixels, GREY / 255, atol=1e-6)
    assert film.notes == ()


def test_jpeg_grey_and_colour_containers_agree() -> None:
    for data in (pillow(GREY, "JPEG", quality=98), pillow(rgb(GREY), "JPEG", quality=98)):
        assert_allclose(read_film(data).pixels, GREY / 255, atol=3 / 255)


@pytest.mark.parametrize(
    "data",
    [
        png(DEEP, 0),
        png(rgb(DEEP), 2),
        png(rgb(DEEP, np.full_like(DEEP, 65535)), 6),
        png(np.dstack([DEEP, np.full_like(DEEP, 65535)]), 4),
        pillow(DEEP, "TIFF", compression="tiff_lzw"),
        pillow(DEEP, "TIFF", compression="tiff_deflate"),
        *(tiff(DEEP.astype(kind), order=order) for order in "<>" for kind in ("u2", "i2", "u4", "i4", "f4", "f8")),
        *(tiff(rgb(DEEP), 2, order) for order in "<>"),
        *(tiff(DEEP.max() + 100 - DEEP, 0, order) for order in "<>"),
    ],
)
def test_no_bit_of_a_deep_film_is_lost(data: bytes) -> None:
    film = read_film(data)
    assert_allclose(film.pixels, UNIT, atol=1e-6)
    assert film.bits in (16, 32, 64) and "scaled to 0 to 1" in film.notes[-1]


def test_white_is_zero_is_said() -> None:
    assert "inverted" in read_film(tiff(DEEP, 0)).notes[0]
    assert_allclose(read_film(tiff(GREY, 0)).pixels, 1 - GREY / 255, atol=1e-6)


def test_palette_bilevel_and_alpha() -> None:
    palette = Image.fromarray(GREY).convert("P")
    assert_allclose(read_film(pillow(palette, "PNG")).pixels, GREY / 255, atol=1e-6)
    bilevel = GREY > 128
    assert_array_equal(read_film(pillow(Image.fromarray(bilevel), "PNG")).pixels, bilevel)
    half = np.full_like(GREY, 51)  # opacity 0.2, on black
    for data in (pillow(np.dstack([GREY, half]), "PNG"), pillow(rgb(GREY, half), "TIFF")):
        assert_allclose(read_film(data).pixels, GREY / 255 * 0.2, atol=1e-6)


def test_transparent_deep_pixels_are_black() -> None:
    alpha = np.full_like(DEEP, 65535)
    alpha[:, :5] = 0
    pixels = read_film(png(np.dstack([DEEP, alpha]), 4)).pixels
    assert (pixels[:, :5] == 0).all() and pixels.max() == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_undone(orientation: int) -> None:
    upright = np.arange(6, dtype=np.uint8).reshape(2, 3) * 50
    stored = {  # EXIF: where row 0 and column 0 of the stored picture lie in the upright one
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: upright.T[::-1],
        7: upright.T[::-1, ::-1],
        8: upright.T[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(stored)
    for data in (pillow(stored, "PNG", exif=exif), pillow(stored, "WebP", exif=exif, lossless=True)):
        film = read_film(data)
        assert_allclose(film.pixels, upright / 255, atol=1e-6)
        assert bool(film.notes) == (orientation > 1)
    for depth in (np.uint8, np.uint16):
        pixels = read_film(tiff(stored.astype(depth), orientation=orientation)).pixels
        assert_allclose(pixels * 250, upright if depth == np.uint16 else upright / 255 * 250, atol=1e-4)


def test_orientation_of_a_jpeg() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    film = read_film(pillow(np.ascontiguousarray(np.rot90(GREY)), "JPEG", exif=exif, quality=98))
    assert_allclose(film.pixels, GREY / 255, atol=3 / 255)


@pytest.mark.parametrize("tint", [(1.0, 0.89, 0.69), (0.7, 0.85, 1.0)], ids=["sepia", "blue base"])
def test_a_tinted_film_becomes_its_luminance(tint: tuple[float, float, float]) -> None:
    toned = np.round(GREY[..., None] * np.array(tint)).astype(np.uint8)
    film = read_film(pillow(toned, "PNG"))
    assert_allclose(film.pixels, toned @ (0.299, 0.587, 0.114) / 255, atol=1e-5)
    assert "tint" in film.notes[0]


def test_coloured_letters_on_a_film_are_forgiven() -> None:
    marked = rgb(ramp(8, (100, 100)))
    marked[:4, :50] = (255, 0, 0)  # 2 % of the pixels
    assert coloured_share(marked / np.float32(255)) == pytest.approx(0.02, abs=0.002)
    assert read_film(pillow(marked, "PNG")).pixels.shape == (100, 100)


def test_a_colour_picture_is_refused_with_its_share() -> None:
    picture = rgb(ramp(8, (100, 100)))
    picture[:40, :, 2] //= 3  # 40 % of the rows lose most of their blue, 60 % do not
    picture[40:, :, 0] //= 3
    with pytest.raises(UnsupportedFilm, match=r"colour picture.*\d\d%"):
        read_film(pillow(picture, "PNG"))
    orange = np.round(GREY[..., None] * np.array([1.0, 0.45, 0.1])).astype(np.uint8)  # an eye's fundus: one hue
    with pytest.raises(UnsupportedFilm, match="colour picture"):
        read_film(pillow(orange, "PNG"))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WebP"])
def test_several_pictures_are_counted(kind: str) -> None:
    pages = [Image.fromarray(np.roll(GREY, 9 * n, 0)) for n in range(3)]
    data = pillow(pages[0], kind, save_all=True, append_images=pages[1:])
    with pytest.raises(UnsupportedFilm, match="holds 3 pictures"):
        read_film(data)


def test_bombs_are_refused_from_the_header() -> None:
    for size in ((10_001, 10_000), (60_000, 60_000)):
        with pytest.raises(FilmTooLarge, match="million"):
            read_film(png(GREY, 0, size))
    bomb = bytearray(tiff(DEEP))
    bomb[18:22] = (4_000_000).to_bytes(4, "little")  # image width, the first tag's value
    with pytest.raises(FilmTooLarge, match="160 million"):
        read_film(bytes(bomb))


def test_no_pixels_damage_and_odd_values() -> None:
    not_finite = DEEP.astype(np.float32)
    not_finite[3, 3] = np.nan
    flipped = bytearray(png(GREY, 0))
    flipped[60] ^= 1
    for data in (png(GREY, 0, (0, 8)), bytes(flipped), png(GREY, 0, (64, 64)), tiff(not_finite)):
        with pytest.raises(DamagedFilm):
            read_film(data)
