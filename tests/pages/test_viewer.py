"""The film viewer in a real browser: which pixels are on the screen, and that moving a control never asks Python."""

import base64
import json
import math
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from by_hand import png
from playwright.sync_api import Page, expect
from viewer_script import known_film

from pages.shared.viewer.pack import pack, quantise, shrink

SCRIPT = Path(__file__).with_name("viewer_script.py")
CANVAS = "canvas[data-drawn]"
INFERNO_TOP = (252, 255, 164)
UNPACKED = "performance.getEntriesByName('film-or-map-unpacked').length"
READ_CANVAS = """canvas => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let text = "";
  for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
  return [canvas.height, canvas.width, btoa(text)];
}"""
NEXT_DRAWING = """(canvas, before) => new Promise((done) => {
  const look = () => canvas.dataset.drawn === before ? requestAnimationFrame(look) : done();
  look();
})"""
SLIDE = "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')); }"


@pytest.fixture(scope="module")
def address(serve: Callable[[Path], str]) -> str:
    return serve(SCRIPT)


@pytest.fixture
def viewer(page: Page, address: str) -> Page:
    """The test page with its 8-bit film on the canvas."""
    page.goto(address)
    page.wait_for_selector(CANVAS)
    return page


def act(page: Page, change: Callable[[], object]) -> None:
    """Do ``change`` and wait until the viewer has drawn again."""
    canvas = page.locator(CANVAS)
    before = canvas.get_attribute("data-drawn")
    change()
    canvas.evaluate(NEXT_DRAWING, before)


def slide(page: Page, name: str, value: float) -> None:
    act(page, lambda: page.locator(f"input.{name}").evaluate(SLIDE, value))


def film_pixels(page: Page) -> np.ndarray:
    """(200, 300, 3) uint8: what the canvas shows of the 200 x 300 film at one film pixel a screen pixel."""
    act(page, page.get_by_role("button", name="1:1").click)
    height, width, text = page.locator(CANVAS).evaluate(READ_CANVAS)
    shown = np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)
    top, left = math.floor(height / 2 - 100 + 0.5), math.floor(width / 2 - 150 + 0.5)
    return shown[top : top + 200, left : left + 300, :3]


def grey_of(bits: int) -> np.ndarray:
    """(200, 300) uint8: the known film as a screen must show it, as stored."""
    return np.rint(known_film(bits).pixels * 255).astype(np.uint8)


def test_the_film_fills_its_column_and_is_neither_cut_nor_stretched(viewer: Page):
    box = viewer.locator(CANVAS).bounding_box()
    assert box["width"] >= 0.6 * 1440
    assert box["width"] / box["height"] == pytest.approx(300 / 200, rel=0.005)


def test_every_pixel_of_an_8_bit_film_is_on_the_canvas(viewer: Page):
    shown = film_pixels(viewer)
    assert np.array_equal(shown[:, :, 0], grey_of(8))
    assert [shown[row, column, 1] for row in (0, -1) for column in (0, -1)] == [0, 85, 170, 255]


def test_a_16_bit_film_keeps_its_depth_through_a_narrow_window(viewer: Page):
    viewer.get_by_text("16", exact=True).click()
    viewer.wait_for_selector(f"canvas[data-film='{16:064d}']")
    assert np.abs(film_pixels(viewer)[:, :, 0].astype(int) - grey_of(16)).max() == 0
    slide(viewer, "window", 0.0625)
    share = np.clip((known_film(16).pixels - 0.5) / 0.0625 + 0.5, 0, 1)
    # An 8-bit copy of the film would show 17 greys within this window.
    assert len(np.unique(film_pixels(viewer))) == 256
    assert np.abs(film_pixels(viewer)[:, :, 0] - share * 255).max() <= 1


def test_window_level_and_invert_change_pixels_and_never_reach_python(viewer: Page):
    sent, canvas = [], viewer.locator(CANVAS)
    viewer.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    viewer.reload()
    viewer.wait_for_selector(CANVAS)
    viewer.get_by_text("Runs: 1").wait_for()
    before = len(sent)
    slide(viewer, "window", 0.5)
    slide(viewer, "level", 0.25)
    expected = np.clip((known_film(8).pixels - 0.25) / 0.5 + 0.5, 0, 1) * 255
    assert np.abs(film_pixels(viewer)[:, :, 2] - expected).max() <= 1
    act(viewer, viewer.get_by_role("button", name="Invert").click)
    assert np.abs(film_pixels(viewer)[:, :, 2] - (255 - expected)).max() <= 1
    canvas.press("r")
    canvas.press("i")
    assert np.array_equal(film_pixels(viewer)[:, :, 0], grey_of(8))
    viewer.get_by_text("Runs: 1").wait_for()
    assert len(sent) == before


def test_overlay_opacity_mixes_map_and_film(viewer: Page):
    act(viewer, viewer.get_by_role("button", name="1.0").click)
    viewer.locator(".legend").get_by_text("units").wait_for()
    slide(viewer, "opacity", 1)
    assert np.abs(film_pixels(viewer).astype(int) - INFERNO_TOP).max() <= 1
    slide(viewer, "opacity", 0)
    assert np.array_equal(film_pixels(viewer)[:, :, 0], grey_of(8))
    slide(viewer, "opacity", 0.5)
    mixed = (grey_of(8)[:, :, None] + np.array(INFERNO_TOP)) / 2
    assert np.abs(film_pixels(viewer) - mixed).max() <= 2


def test_where_a_map_is_zero_the_film_is_bare(viewer: Page):
    act(viewer, viewer.get_by_role("button", name="0.0").click)
    viewer.locator(".legend").get_by_text("units").wait_for()
    slide(viewer, "opacity", 1)
    assert np.array_equal(film_pixels(viewer)[:, :, 0], grey_of(8))


def test_contours_take_the_place_of_the_colours(viewer: Page):
    act(viewer, viewer.get_by_role("button", name="ramp").click)
    viewer.locator(".legend").get_by_text("units").wait_for()
    act(viewer, lambda: viewer.locator(CANVAS).press("c"))
    expect(viewer.locator(".levels")).to_have_text("lines at 0.5, 0.8")
    expect(viewer.locator(".ramp")).to_be_hidden()
    shown = film_pixels(viewer)[100].astype(int)
    coloured = np.flatnonzero(np.ptp(shown, axis=1) > 40)  # greys have three equal values
    assert np.abs(coloured[coloured < 195] - 150).max() <= 2
    assert np.abs(coloured[coloured >= 195] - 239).max() <= 2
    assert (coloured < 195).any() and (coloured >= 195).any()
    act(viewer, viewer.get_by_role("button", name="Contours").click)
    expect(viewer.locator(".ramp")).to_be_visible()
    assert np.ptp(film_pixels(viewer)[100, 290].astype(int)) > 40


def test_linked_viewers_look_at_the_same_place_with_the_same_greys(viewer: Page):
    viewer.get_by_text("Linked").click()
    both = viewer.locator(CANVAS)
    expect(both).to_have_count(2)
    one, other = viewer.locator(".viewer:not([hidden])").all()
    one.get_by_role("button", name="1:1").click()
    expect(other.locator(".zoom")).to_have_text("100 %")
    other.locator("canvas").press("+")
    expect(one.locator(".zoom")).to_have_text("125 %")
    other.get_by_role("button", name="Invert").click()
    expect(one.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "true")


def test_another_overlay_neither_sends_nor_unpacks_the_film_again(viewer: Page):
    assert viewer.evaluate(UNPACKED) == 1
    received = []
    viewer.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(frame)))
    viewer.reload()
    viewer.wait_for_selector(CANVAS)
    viewer.get_by_text("Runs: 1").wait_for()
    film = pack(quantise(known_film(8).pixels, 0, 1, 255), 255)[1]
    body = film[film.index(b"\n") + 1 :]
    assert sum(body in frame for frame in received if isinstance(frame, bytes)) == 1
    act(viewer, viewer.get_by_role("button", name="1.0").click)
    viewer.get_by_text("Runs: 2").wait_for()
    slide(viewer, "window", 0.5)
    assert viewer.evaluate(UNPACKED) == 2  # the film once, the map once
    assert sum(body in frame for frame in received if isinstance(frame, bytes)) == 1


def test_the_readout_names_the_film_pixel_under_the_pointer(viewer: Page):
    act(viewer, viewer.get_by_role("button", name="1:1").click)
    box = viewer.locator(CANVAS).bounding_box()
    viewer.mouse.move(box["x"] + box["width"] / 2 - 145, box["y"] + box["height"] / 2 + 95)
    readout = viewer.locator(".readout").inner_text()
    row, column, grey = (int("".join(filter(str.isdigit, part))) for part in readout.replace(",", "·").split("·"))
    assert (row, column) == (pytest.approx(195, abs=1), pytest.approx(5, abs=1))
    assert grey == 170  # the bottom left corner


def test_zooming_keeps_the_film_point_under_the_pointer(viewer: Page):
    box = viewer.locator(CANVAS).bounding_box()
    size = box["width"] / 300
    middle_of_pixel = (box["x"] + 90.5 * size, box["y"] + 120.5 * size)
    viewer.mouse.move(*middle_of_pixel)
    zoom, place = viewer.locator(".zoom").inner_text(), viewer.locator(".readout").inner_text()
    act(viewer, lambda: viewer.mouse.wheel(0, -60))
    viewer.mouse.move(middle_of_pixel[0], middle_of_pixel[1] + 0.01)
    assert viewer.locator(".zoom").inner_text() != zoom
    assert viewer.locator(".readout").inner_text() == place


def test_two_browsers_never_see_each_others_film(open_page: Callable[[], Page], server: str):
    first, second = open_page(), open_page()
    for page in (first, second):
        page.goto(server)
        page.get_by_text("No film is open").wait_for()
    mine = open_film(first, 8)
    second.reload()
    second.get_by_text("No film is open").wait_for()
    assert second.locator(CANVAS).count() == 0
    assert open_film(second, 16) != mine
    assert first.locator(CANVAS).get_attribute("data-film") == mine
    first.reload()  # a reload is a new session: nobody's film comes back
    first.get_by_text("No film is open").wait_for()


def open_film(page: Page, bits: int) -> str:
    """Upload the known film; returns the identity of the film then on the canvas."""
    film = png(grey_of(bits))
    page.locator("input[type=file]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": film})
    page.wait_for_selector(CANVAS)
    return page.locator(CANVAS).get_attribute("data-film")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_packed_values_are_the_values(dtype: type):
    grey = np.random.default_rng(0).integers(0, np.iinfo(dtype).max + 1, (7, 11)).astype(dtype)
    identity, data = pack(grey, int(np.iinfo(dtype).max), "abc")
    header, body = data.split(b"\n", 1)
    planes = np.frombuffer(zlib.decompress(body), np.uint8).reshape(-1, 7, 11).astype(dtype)
    steps = planes[0] if dtype is np.uint8 else (planes[0] << 8) | planes[1]
    assert identity == "abc"
    assert json.loads(header) == {"id": "abc", "width": 11, "height": 7, "levels": np.iinfo(dtype).max}
    assert np.array_equal(np.cumsum(steps, axis=1, dtype=dtype), grey)


def test_a_film_is_shrunk_but_never_enlarged():
    ramp = np.tile(np.arange(400, dtype=np.float32), (100, 1))
    assert shrink(ramp, 200).shape == (50, 200)
    assert shrink(ramp, 200)[0, :2].tolist() == [0.5, 2.5]  # areas are averaged
    assert shrink(ramp, 2048) is ramp


def test_quantising_clips_and_rounds():
    assert quantise(np.array([[-1.0, 0.0, 0.5, 1.0, 9.0]]), 0, 1, 255).tolist() == [[0, 0, 128, 255, 255]]
    assert quantise(np.array([[-2.0, 0.0, 2.0]]), -2, 2, 65535).tolist() == [[0, 32768, 65535]]
