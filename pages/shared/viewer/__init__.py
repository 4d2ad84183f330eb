"""The film viewer: a film on a canvas, with what belongs on it. Windowing, zoom and overlays live in the browser."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st

from cxr_models.imaging.lungs import outline
from cxr_models.types import Film, Lungs, Map
from pages.shared.palette import SIGNED, UNSIGNED
from pages.shared.viewer.pack import LONGEST_FILM, LONGEST_MAP, pack, quantise, shrink

HERE = Path(__file__).parent
SCRIPTS = ("pixels.js", "camera.js", "paint.js", "contours.js", "gestures.js", "main.js")


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


# Two components of one script share one store of pixels in the browser: the courier brings pixels and shows nothing.
_script = "\n".join(map(_read, SCRIPTS))
_courier = st.components.v2.component("film_courier", js=_script)
_viewer = st.components.v2.component("film_viewer", html=_read("viewer.html"), css=_read("viewer.css"), js=_script)

# Keyed on the film object itself, which lives in one session: never shared, and gone with the film.
_packed: WeakKeyDictionary[Film, bytes] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Overlay:
    """A map to lay over the film.

    values: (H, W) float32 over the whole film (any resolution of the same proportions). unit: what one unit means,
    in words. low, high: values at the ends of the colour scale; a signed map's scale is symmetric about 0.
    """

    label: str
    values: np.ndarray
    signed: bool
    unit: str
    low: float
    high: float

    @classmethod
    def of(cls, result: Map, label: str) -> "Overlay":
        """The overlay of an explanation, its colour scale from 0 (or minus the largest) to the largest value."""
        top = float(np.abs(result.values).max() if result.signed else result.values.max()) or 1.0
        return cls(label, result.values, result.signed, result.unit, -top if result.signed else 0.0, max(top, 1e-9))


@dataclass(frozen=True)
class Box:
    """A rectangle to draw on the film, in film pixels: rows top..bottom and columns left..right."""

    label: str
    top: float
    left: float
    bottom: float
    right: float


def viewer(
    film: Film,
    *,
    key: str,
    overlays: Sequence[Overlay] = (),
    lungs: Lungs | None = None,
    boxes: Sequence[Box] = (),
    height: int | None = None,
    controls: bool = True,
    link: str = "",
    pose: str = "",
    on_pick: Callable[[float, float], None] | None = None,
) -> None:
    """Draw ``film``, as large as the column allows, with ``overlays`` to choose from (the first is shown).

    lungs: drawn as an outline. height: of the film's stage, in CSS pixels; by default the film fills the width.
    controls: False leaves the film, the legend and the read-out only, for a small picture beside others.
    link: viewers of one link look at the same place of the film with the same greys.
    pose: films of one pose are shown at the same place with the same greys, one after the other; by default each has
    its own. on_pick: called with (row, column), in shares of the film, [0, 1], when the reader clicks on it.
    The film's bytes travel in a message of their own, so that a changed overlay does not send the film again.
    """
    layers = [_layer(overlay) for overlay in overlays]
    scene = _scene(film, [about for about, _ in layers], lungs, boxes, height, controls, link)
    scene |= {"pose": pose or film.sha256, "pick": on_pick is not None}

    def picked() -> None:
        if on_pick is not None and (place := st.session_state[key].get("picked")):
            on_pick(*place)

    with st.container(key=f"viewer-{key}", gap=None):  # what may come and go stands last, so that nothing is rebuilt
        _viewer(key=key, data=scene, on_picked_change=picked)
        _courier(key=f"{key}-film", data=_film_bytes(film))
        for at, (_, data) in enumerate(layers):
            _courier(key=f"{key}-overlay-{at}", data=data)


def _film_bytes(film: Film) -> bytes:
    if film not in _packed:
        levels = 255 if film.bits <= 8 else 65535
        grey = quantise(shrink(film.pixels, LONGEST_FILM), 0, 1, levels)
        _packed[film] = pack(grey, levels, film.sha256)[1]
    return _packed[film]


def _layer(overlay: Overlay) -> tuple[dict, bytes]:
    """What the viewer must know of an overlay, and its values for the courier."""
    small = shrink(np.asarray(overlay.values, np.float32), LONGEST_MAP)
    identity, data = pack(quantise(small, overlay.low, overlay.high, 65535), 65535)
    colours = SIGNED if overlay.signed else UNSIGNED
    scale = {"low": overlay.low, "high": overlay.high, "unit": overlay.unit, "signed": overlay.signed}
    return {"id": identity, "label": overlay.label, "colours": colours, **scale}, data


def _scene(
    film: Film,
    layers: list[dict],
    lungs: Lungs | None,
    boxes: Sequence[Box],
    height: int | None,
    controls: bool,
    link: str,
) -> dict:
    rows, columns = film.pixels.shape
    return {
        "film": {"id": film.sha256, "rows": rows, "columns": columns, "bits": film.bits},
        "alt": f"Chest film, {columns} by {rows} pixels" + (", lungs outlined" if lungs else ""),
        "overlays": layers,
        "lungs": [] if lungs is None else [np.round(line[:, ::-1] + 0.5, 1).tolist() for line in outline(lungs.mask)],
        "boxes": [[box.label, box.left, box.top, box.right, box.bottom] for box in boxes],
        "height": height,
        "controls": controls,
        "link": link,
    }
