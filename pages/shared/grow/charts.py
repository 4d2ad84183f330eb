"""Figures of a growth, epoch by epoch, as Vega-Lite: a live chart takes new rows as it stands and does not blink."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from pages.shared.figures import INK, LINE, QUIET
from pages.shared.grow.words import SET_NAMES

if TYPE_CHECKING:
    from cxr_models.shortcuts.grow.exam import Snapshot

LETTER, OPACITY = "#88ccee", "#44cc99"  # also of the outlines on the film
SET_COLOURS = {"aligned": "#44aa99", "clean": "#ddcc77", "conflicting": "#cc6677"}  # Tol (2021), muted
PLACES = {"letter": ("at the letter", LETTER), "opacity": ("in the opacity", OPACITY)}
SHAPES, WIDTHS, SIZES = ("circle", "square", "diamond"), (7, 4, 2), (150, 80, 40)
FONT = "Source Sans, sans-serif"


def accuracy_rows(snapshots: Sequence["Snapshot"]) -> pd.DataFrame:
    """epoch, line, share: right answers on each test set."""
    rows = [(s.epoch, SET_NAMES[name], s.right[name] / s.films) for s in snapshots for name in SET_NAMES]
    return pd.DataFrame(rows, columns=["epoch", "line", "share"])


def evidence_rows(snapshots: Sequence["Snapshot"]) -> pd.DataFrame:
    """epoch, line, share: of the evidence for disease, by place; nothing where the net had none."""
    found = [(s.epoch, PLACES[at][0], s.shares[at]) for s in snapshots if s.shares for at in s.shares if at in PLACES]
    return pd.DataFrame(found, columns=["epoch", "line", "share"])


def accuracy(epochs: int, at: int) -> dict[str, Any]:
    """Three lines over 0 to ``epochs``, with chance marked; a rule at the epoch looked at."""
    colours = {SET_NAMES[name]: colour for name, colour in SET_COLOURS.items()}
    return _figure(colours, epochs, at, "Right answers", 300, [_chance()])


def evidence(epochs: int, at: int) -> dict[str, Any]:
    """Where the evidence lies, over the epochs."""
    return _figure(dict(PLACES.values()), epochs, at, "Evidence", 262, [])


def _figure(colours: Mapping[str, str], epochs: int, at: int, title: str, height: int, more: list[dict]) -> dict:
    axis = {"title": "Rounds through the films", "tickMinStep": 1, "tickCount": epochs // 2, "format": "d"}
    return {
        "height": height,
        "padding": {"left": 4, "right": 10, "top": 6, "bottom": 4},
        "encoding": {
            "x": {"field": "epoch", "type": "quantitative", "scale": {"domain": [0, epochs]}, "axis": axis},
            "color": _by_line(colours, colours.values()),
        },
        "layer": [*more, _now(at), _lines(colours, title)],
        "config": _look(),
    }


def _lines(colours: Mapping[str, str], title: str) -> dict:
    """Each line thinner than the one before it, so that all are seen where they lie on each other."""
    share = {"axis": {"title": title, "format": ".0%", "tickCount": 5}, "scale": {"domain": [0, 1]}}
    told = [{"field": "line"}, {"field": "epoch", "title": "round"}, {"field": "share", "format": ".0%"}]
    shapes, widths, sizes = (_by_line(colours, looks) for looks in (SHAPES, WIDTHS, SIZES))
    return {
        "encoding": {"y": {"field": "share", "type": "quantitative", **share}},
        "layer": [
            {"mark": {"type": "line", "clip": True}, "encoding": {"strokeWidth": widths | {"legend": None}}},
            {
                "mark": {"type": "point", "filled": True, "opacity": 1},
                "encoding": {"shape": shapes, "size": sizes | {"legend": None}, "tooltip": told},
            },
        ],
    }


def _by_line(lines: Iterable[str], looks: Iterable) -> dict:
    """Line -> its look, with a legend above the figure."""
    names = list(lines)
    columns = 3 if len(names) > 2 else 1
    place = {"title": None, "orient": "top", "columns": columns, "labelLimit": 260, "symbolSize": 110}
    scale = {"domain": names, "range": list(looks)[: len(names)]}
    return {"field": "line", "type": "nominal", "scale": scale, "legend": place | {"symbolOpacity": 1}}


def _chance() -> dict:
    at = {"datum": 0.5, "type": "quantitative"}
    return {
        "data": {"values": [{"text": "a coin"}]},
        "encoding": {"y": at, "x": None, "color": None},
        "layer": [
            {"mark": {"type": "rule", "color": QUIET, "strokeDash": [4, 4]}},
            {
                "mark": {"type": "text", "color": QUIET, "align": "right", "dy": 11, "fontSize": 13, "x": "width"},
                "encoding": {"text": {"field": "text"}},
            },
        ],
    }


def _now(at: int) -> dict:
    here = {"datum": at, "type": "quantitative"}
    mark = {"type": "rule", "color": INK, "strokeWidth": 1, "opacity": 0.6}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": {"x": here, "color": None}}


def _look() -> dict:
    words = {"labelFontSize": 14, "titleFontSize": 15, "titleFontWeight": "normal", "titleColor": INK}
    lines = {"gridColor": LINE, "domainColor": LINE, "tickColor": LINE, "labelColor": QUIET}
    text = {"labelFontSize": 14, "labelColor": INK}
    return {"background": "transparent", "font": FONT, "view": {"stroke": None}, "axis": words | lines, "legend": text}
