"""The losses of trainings as rows and a Vega-Lite figure of them. Pure: no Streamlit, no files.

Not plotly, as the other figures are: Streamlit puts a new plotly chart in the place of the old one whenever its data
change, so that a live curve would blink. A Vega-Lite chart of the same specification takes new rows as it stands.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import pandas as pd

from cxr_models.runs import Run
from cxr_models.runs.curves import Point, Stage
from pages.shared.figures import INK, LINE, QUIET

# Tol (2021), "muted": none is the colour of a class. With a shape each, as not everybody sees colours.
COLOURS = ("#44aa99", "#ddcc77", "#cc6677", "#88ccee", "#aa4499", "#999933")
SHAPES = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down")
LEARNED, NEW, BEGINS = "films it learns from", "films it never saw", "begins"
COLUMNS = ["run", "kind", "part", "step", "loss", "stage", "epoch"]
MOST_POINTS = 600  # a line: more are not seen on any screen
WIDE = 40.0  # largest loss to least from which the scale is logarithmic
HEIGHT, ROW = 400, 18  # pixels: of the figure with one run, and of a row of stages' names above it
TICKS = [digit * 10.0**power for power in range(-7, 5) for digit in (1, 2, 5)]
FONT = "Source Sans, sans-serif"


def colours(names: Sequence[str]) -> dict[str, str]:
    """name -> its colour, for as many as there are colours."""
    return dict(zip(names, COLOURS, strict=False))


def rows(runs: Sequence[Run]) -> pd.DataFrame:
    """``COLUMNS``: each measured loss at its step of the whole run, stages one after another, and where each begins.

    part: the line a point belongs to, one a stage. Of the beginnings only step and stage say something.
    """
    return pd.DataFrame([row for run in runs for row in _rows(run)], columns=COLUMNS)


def _rows(run: Run) -> Iterator[tuple]:
    for stage, begin in zip(run.stages, _begins(run.stages), strict=True):
        part = f"{run.name}/{stage.name}"
        if len(run.stages) > 1:
            yield run.name, BEGINS, part, begin, None, stage.name, 0
        for kind, name in ((LEARNED, "loss"), (NEW, "val_loss")):
            for point in _thinned([point for point in stage.points if getattr(point, name) is not None]):
                yield run.name, kind, part, begin + point.step, getattr(point, name), stage.name, point.epoch


def _begins(stages: Sequence[Stage]) -> list[int]:
    """The step of the whole run at which each stage begins."""
    return list(accumulate((stage.points[-1].step for stage in stages), initial=0))[: len(stages)]


def _thinned(points: list[Point]) -> list[Point]:
    """Evenly, the last point always."""
    every = -(-len(points) // MOST_POINTS) or 1
    return points[::-1][::every][::-1]


def logarithmic(runs: Sequence[Run]) -> bool:
    """Whether the losses are too far apart for one plain scale, as those of stages with different tasks are."""
    points = [point for run in runs for stage in run.stages for point in stage.points]
    values = [v for point in points for v in (point.loss, point.val_loss) if v is not None]
    return bool(values) and min(values) > 0 and max(values) / min(values) > WIDE


def figure(names: Sequence[str], log: bool) -> dict[str, Any]:
    """The specification for the ``rows`` of these runs: thin, films learned from; thick with marks, films never seen.

    A colour and a shape a run; light lines where a stage begins, the stages' names above, a row a run.
    """
    several = len(names) > 1
    named = [_stage_names(name, COLOURS[k] if several else INK, len(names) - 1 - k) for k, name in enumerate(names)]
    return {
        "height": HEIGHT + 2 * ROW * (len(names) - 1),
        "padding": {"left": 4, "right": 14, "top": 6, "bottom": 8},
        "encoding": {"x": _steps(), "color": _by_run(names, COLOURS, several)},
        "layer": [_begin_lines(), _learned(log), _new(names, log), *named],
        "config": _look(),
    }


def _only(kind: str) -> list[dict]:
    return [{"filter": {"field": "kind", "equal": kind}}]


def _steps() -> dict:
    axis = {"title": "Step (each on one batch of films)", "tickMinStep": 1, "tickCount": 10, "format": ",d"}
    return {"field": "step", "type": "quantitative", "axis": axis}


def _by_run(names: Sequence[str], values: Sequence[str], legend: bool) -> dict:
    scale = {"domain": list(names), "range": list(values[: len(names)])}
    place = {"title": None, "orient": "bottom", "columns": 3, "labelLimit": 400, "symbolSize": 110, "symbolOpacity": 1}
    return {"field": "run", "type": "nominal", "scale": scale, "legend": place if legend else None}


def _losses(log: bool) -> dict:
    scale = {"type": "log", "nice": False} if log else {"zero": True}
    ticks = {"values": TICKS} if log else {"tickCount": 6}
    return {"field": "loss", "type": "quantitative", "scale": scale, "axis": {"title": "Loss", "format": "~g", **ticks}}


def _learned(log: bool) -> dict:
    encoding = {"y": _losses(log), "detail": {"field": "part"}}
    return {
        "transform": _only(LEARNED),
        "mark": {"type": "line", "strokeWidth": 1.3, "opacity": 0.6},
        "encoding": encoding,
    }


def _new(names: Sequence[str], log: bool) -> dict:
    told = ("run", "stage", "epoch", "loss")
    tooltip = [{"field": field, **({"format": ".4g"} if field == "loss" else {})} for field in told]
    marks = {"shape": _by_run(names, SHAPES, len(names) > 1), "tooltip": tooltip}
    return {
        "transform": _only(NEW),
        "encoding": {"y": _losses(log), "detail": {"field": "part"}},
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 3}},
            {"mark": {"type": "point", "filled": True, "size": 75, "opacity": 1}, "encoding": marks},
        ],
    }


def _begin_lines() -> dict:
    later = [*_only(BEGINS), {"filter": "datum.step > 0"}]
    return {"transform": later, "mark": {"type": "rule", "strokeDash": [2, 3], "opacity": 0.7}}


def _stage_names(run: str, colour: str, row: int) -> dict:
    mark = {"type": "text", "align": "left", "baseline": "bottom", "fontSize": 13, "dx": 2, "clip": False}
    encoding = {"text": {"field": "stage"}, "y": {"value": -4 - ROW * row}, "color": {"value": colour}}
    its = [*_only(BEGINS), {"filter": {"field": "run", "equal": run}}]
    return {"transform": its, "mark": mark, "encoding": encoding}


def _look() -> dict:
    words = {"labelFontSize": 14, "titleFontSize": 15, "titleFontWeight": "normal", "titleColor": INK}
    lines = {"gridColor": LINE, "domainColor": LINE, "tickColor": LINE, "labelColor": QUIET}
    text = {"labelFontSize": 14, "labelColor": INK}
    return {"background": "transparent", "font": FONT, "view": {"stroke": None}, "axis": words | lines, "legend": text}
