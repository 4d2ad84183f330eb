"""A film with its map as a picture to keep: title, colours as on the page, legend with its unit, and what it is not."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cxr_models.types import Film
from pages.shared.frame import NOTICE
from pages.shared.map_words import CAUTION
from pages.shared.palette import SIGNED, UNSIGNED
from pages.shared.viewer import Overlay
from pages.shared.viewer.pack import shrink

LONGEST, LEAST_WIDTH = 1600, 900
OPACITY = 0.55
INK, QUIET, GROUND = "#e4e7ea", "#aeb7bf", "#000000"
FADE_FROM, FADE_OVER = 0.04, 0.36  # of the scale: see-through at the first, opaque after the second more (paint.js)


def png(film: Film, overlay: Overlay, title: str) -> bytes:
    """The film, at most 1600 pixels long, with the map over it; nothing in it comes from the film but its pixels."""
    picture = Image.fromarray(blended(film, overlay))
    text = max(18, picture.width // 55)
    width, head, foot = max(picture.width, LEAST_WIDTH), 2 * text, 6 * text
    sheet = Image.new("RGB", (width, head + picture.height + foot), GROUND)
    sheet.paste(picture, ((width - picture.width) // 2, head))
    draw = ImageDraw.Draw(sheet)
    draw.text((text, text // 2), title, INK, ImageFont.load_default(text))
    _legend(sheet, overlay, head + picture.height + text // 2, text)
    draw.text((text, sheet.height - 2 * text), f"{CAUTION} {NOTICE}", QUIET, ImageFont.load_default(0.8 * text))
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def blended(film: Film, overlay: Overlay) -> np.ndarray:
    """(h, w, 3) uint8: grey values as stored, and the map's colours over them as the viewer paints them."""
    grey = shrink(film.pixels, LONGEST)[..., None] * 255
    share = np.clip((shrink(overlay.values, LONGEST) - overlay.low) / (overlay.high - overlay.low), 0, 1)
    colours, alpha = coloured(share, overlay.signed)
    mixed = grey + OPACITY * alpha[..., None] * (colours - grey)
    return np.rint(mixed).astype(np.uint8)


def coloured(share: np.ndarray, signed: bool) -> tuple[np.ndarray, np.ndarray]:
    """Places on the colour scale, [0, 1] -> (..., 3) in [0, 255] and how opaque, [0, 1]."""
    stops = np.array([[int(code[at : at + 2], 16) for at in (1, 3, 5)] for code in (SIGNED if signed else UNSIGNED)])
    places = np.linspace(0, 1, len(stops))
    colours = np.stack([np.interp(share, places, channel) for channel in stops.T], axis=-1)
    amount = np.abs(2 * share - 1) if signed else share
    return colours, np.clip((amount - FADE_FROM) / FADE_OVER, 0, 1)


def _legend(sheet: Image.Image, overlay: Overlay, top: int, text: int) -> None:
    """Lowest value, scale, highest value; the unit below."""
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(text)
    low, high = f"{overlay.low:.2g}", f"{overlay.high:.2g}"
    left = 2 * text + round(draw.textlength(low, font))
    colours, alpha = coloured(np.linspace(0, 1, 16 * text), overlay.signed)
    ramp = np.rint(colours * alpha[:, None]).astype(np.uint8)
    sheet.paste(Image.fromarray(np.tile(ramp, (text, 1, 1))), (left, top))
    draw.text((text, top), low, INK, font)
    draw.text((left + 17 * text, top), high, INK, font)
    draw.text((text, top + round(1.5 * text)), overlay.unit, QUIET, ImageFont.load_default(0.8 * text))
