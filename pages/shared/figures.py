"""Results to plotly figures. Pure: no Streamlit, no models, no files. Sizes are for a projector seen from the back."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas  # noqa: F401 - plotly looks for it, and fails where another thread is still importing it
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cxr_models.results import Evaluation, Measure
from cxr_models.types import COVID19
from pages.shared.palette import CLASS_COLOURS, UNSIGNED
from pages.shared.wording import CLASS_NAMES

CONFIG = {"displayModeBar": False, "scrollZoom": False}
INK, QUIET, LINE = "#e4e7ea", "#aeb7bf", "#2a3036"
# Streamlit replaces "#000004" in a figure by a colour of its theme; written otherwise it is left alone.
SCALE = ("rgb(0,0,4)", *UNSIGNED[1:])
GREY, AMOUNT = "grey", "amount"
PER_ROW = 4


class Panel(NamedTuple):
    """One square picture (S, S): a film in grey, [0, 1], an amount on the shared colour scale, or (S, S, 3) uint8."""

    title: str
    values: np.ndarray
    kind: str = AMOUNT


def base(height: int, **layout: object) -> go.Layout:
    """Dark, quiet, legible: what every figure has in common."""
    return go.Layout(
        template="plotly_dark",
        height=height,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": 15, "color": INK},
        margin={"l": 8, "r": 8, "t": 34, "b": 8},
        hoverlabel={"font_size": 15},
        **layout,
    )


def scale_top(maps: Sequence[np.ndarray]) -> float:
    """The common upper end of several maps' scale: their largest 99.5th percentile, at least 0.01, two digits up."""
    top = max((float(np.percentile(values, 99.5)) for values in maps), default=0.0)
    return float(np.ceil(max(top, 0.01) * 100) / 100)


def pictures(panels: Sequence[Panel], top: float, unit: str, proportion: float = 1.0) -> go.Figure:
    """A row of pictures that zoom together. top: upper end of the one colour scale. proportion: height by width."""
    figure = make_subplots(1, PER_ROW, horizontal_spacing=0.012, shared_yaxes=True)
    for column, panel in enumerate(panels, 1):
        figure.add_trace(_picture(panel, top), 1, column)
    figure.layout.annotations = [_title(panel.title, at) for at, panel in enumerate(panels)]
    figure.update_layout(base(480))
    figure.update_layout(margin_t=96)
    figure.update_xaxes(visible=False, matches="x", constrain="domain")
    figure.update_yaxes(visible=False, autorange="reversed", matches="y", constrain="domain", constraintoward="top")
    for at in range(1, PER_ROW + 1):
        figure.update_yaxes(scaleanchor=f"x{at if at > 1 else ''}", scaleratio=proportion, col=at)
    if any(panel.kind == AMOUNT for panel in panels):
        figure.update_layout(coloraxis=_scale(top, unit))
    return figure


def _picture(panel: Panel, top: float) -> go.Heatmap | go.Image:
    if panel.values.ndim == 3:
        return go.Image(z=panel.values, hoverinfo="skip")
    hover = f"{panel.title}<br>%{{z:.3f}}<extra></extra>"
    if panel.kind == GREY:
        return go.Heatmap(z=panel.values, zmin=0, zmax=1, colorscale="gray", showscale=False, hovertemplate=hover)
    return go.Heatmap(z=panel.values, coloraxis="coloraxis", hovertemplate=hover)


def _title(text: str, at: int) -> dict:
    axis = at + 1 if at else ""
    where = {"x": 0.5, "xref": f"x{axis} domain", "xanchor": "center", "y": 1.0, "yref": "paper", "yanchor": "bottom"}
    return {"text": text, "showarrow": False, "font": {"size": 15, "color": INK}, **where}


def _scale(top: float, unit: str) -> dict:
    # Above the pictures, as these shrink towards the top on a narrow screen.
    place = {"orientation": "h", "yref": "container", "y": 1, "yanchor": "top", "thickness": 12, "len": 0.5, "ypad": 0}
    look = {"nticks": 6, "tickformat": ".2f", "outlinecolor": QUIET, "outlinewidth": 1}
    bar = place | look | {"title": {"text": unit, "side": "top", "font": {"size": 14}}}
    return {"cmin": 0, "cmax": top, "colorscale": list(SCALE), "colorbar": bar}


def composite(tensor: np.ndarray, top: float) -> np.ndarray:
    """(3, S, S) -> (S, S, 3) uint8: the maps as red, green and blue; the third, of two nets, at half strength."""
    share = np.moveaxis(tensor, 0, -1) / (top, top, 2 * top)
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)


def curve(probability: np.ndarray, target: str, threshold: float | None = None) -> go.Figure:
    """(n,) probability of ``target`` at each step of taking evidence away, and the model's threshold if it has one."""
    figure = go.Figure(layout=base(330, showlegend=False))
    colour = CLASS_COLOURS[target]
    figure.add_scatter(y=probability, mode="lines", line={"color": colour, "width": 3}, hovertemplate="%{y:.2f}")
    if threshold is not None:
        note = {"annotation_text": f"threshold {threshold:.2f}", "annotation_position": "top right"}
        figure.add_hline(threshold, line={"color": INK, "dash": "dot", "width": 1}, **note)
    figure.update_xaxes(title="Step", gridcolor=LINE, rangemode="tozero")
    figure.update_yaxes(title=f"Probability of {CLASS_NAMES[target]}", range=[0, 1.02], gridcolor=LINE)
    return figure


def confusion(result: Evaluation) -> go.Figure:
    """What the films are against what the model says: films counted, shaded by their share of the row."""
    counts = np.array(result.confusion)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    pairs = zip(counts, share, strict=True)
    text = [[f"<b>{n}</b><br>{s:.0%}" for n, s in zip(row, part, strict=True)] for row, part in pairs]
    names = [CLASS_NAMES[name] for name in result.classes]
    rows = [f"{name}<br>({total} films)" for name, total in zip(names, counts.sum(axis=1), strict=True)]
    figure = go.Figure(layout=base(140 + 95 * len(names)))
    figure.add_heatmap(
        z=share, x=names, y=rows, text=text, texttemplate="%{text}", textfont={"size": 17}, xgap=2, ygap=2,
        zmin=0, zmax=1, colorscale=[[0, "#14181c"], [1, "#2a6f9e"]], showscale=False, hoverinfo="skip",
    )  # fmt: skip
    figure.update_yaxes(title="The film is", autorange="reversed", showgrid=False)
    figure.update_xaxes(title="The model says", side="bottom", showgrid=False)
    return figure


def roc(result: Evaluation) -> go.Figure:
    """One curve a class, its area and interval in the legend; the dot is COVID-19 at the model's threshold."""
    figure = go.Figure(layout=base(440, legend={"x": 1, "y": 0.02, "xanchor": "right", "yanchor": "bottom"}))
    diagonal = {"color": QUIET, "dash": "dot", "width": 1}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=diagonal, name="by chance", hoverinfo="skip")
    for name, line in result.roc.items():
        style = {"color": CLASS_COLOURS[name], "width": 3}
        label = _area_label(name, result.measure("ROC AUC", name))
        figure.add_scatter(x=line["fpr"], y=line["tpr"], mode="lines", line=style, name=label, hoverinfo="skip")
    found = result.measure("sensitivity at threshold", COVID19)
    spared = result.measure("specificity at threshold", COVID19)
    if found and spared:
        figure.add_trace(_operating_point(1 - spared.value, found.value))
    figure.update_xaxes(title="1 − specificity", range=[-0.01, 1.01], gridcolor=LINE)
    figure.update_yaxes(title="Sensitivity", range=[-0.01, 1.01], gridcolor=LINE, scaleanchor="x", constrain="domain")
    figure.update_xaxes(constrain="domain")
    return figure


def reliability(result: Evaluation) -> go.Figure:
    """Of the films given a probability, the share that shows the class: on the diagonal the probability is true.

    Lines with 95 % intervals after temperature scaling; dotted without, as the network left its training.
    """
    figure = go.Figure(layout=base(440, legend={"x": 0.02, "y": 0.98, "yanchor": "top"}))
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": QUIET, "width": 1}, name="true shares")
    for name, line in result.reliability["before"].items():
        style = {"color": CLASS_COLOURS[name], "width": 1, "dash": "dot"}
        figure.add_scatter(x=line["predicted"], y=line["observed"], mode="lines", line=style, showlegend=False)
    for name, line in result.reliability["after"].items():
        figure.add_trace(_reliable(name, line))
    figure.update_xaxes(title="Probability given", range=[-0.01, 1.01], gridcolor=LINE, constrain="domain")
    figure.update_yaxes(title="Share that shows it", range=[-0.01, 1.01], gridcolor=LINE, scaleanchor="x")
    figure.update_yaxes(constrain="domain")
    return figure


def _reliable(name: str, line: dict[str, list[float]]) -> go.Scatter:
    up = np.subtract(line["high"], line["observed"])
    down = np.subtract(line["observed"], line["low"])
    spread = {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1.5, "width": 4}
    style = {"color": CLASS_COLOURS[name]}
    return go.Scatter(
        x=line["predicted"], y=line["observed"], mode="lines+markers", line=style | {"width": 2.5}, marker=style,
        error_y=spread, name=CLASS_NAMES[name], customdata=line["n"],
        hovertemplate="given %{x:.2f}, shows it %{y:.2f}, %{customdata} films<extra></extra>",
    )  # fmt: skip


def _operating_point(fpr: float, tpr: float) -> go.Scatter:
    dot = {"size": 13, "color": CLASS_COLOURS[COVID19], "line": {"color": "#fff", "width": 2}}
    name = "COVID-19 at the model's threshold"
    return go.Scatter(x=[fpr], y=[tpr], mode="markers", marker=dot, name=name, hoverinfo="skip")


def _area_label(name: str, area: Measure | None) -> str:
    figures = f": {area.value:.3f} ({area.low:.3f} to {area.high:.3f})" if area else ""
    return f"{CLASS_NAMES[name]}, area{figures}"


def whiskers(measured: Mapping[str, Sequence[Measure]], names: Sequence[str], colour: str) -> go.Figure:
    """Dots with 95 % intervals: a row a model (title -> its measures), a field for each of the measures ``names``."""
    titles = list(measured)
    headings = [name[0].upper() + name[1:] for name in names]
    figure = make_subplots(1, len(names), subplot_titles=headings, shared_yaxes=True, horizontal_spacing=0.025)
    for column, name in enumerate(names, 1):
        rows = [(title, m) for title in titles for m in measured[title] if m.name == name]
        figure.add_trace(_dots(rows, colour), 1, column)
    figure.update_layout(base(110 + 58 * len(titles), showlegend=False))
    figure.update_xaxes(range=[-0.03, 1.06], tickvals=[0, 0.5, 1], gridcolor=LINE, zeroline=False)
    figure.update_yaxes(categoryorder="array", categoryarray=titles[::-1], gridcolor=LINE, automargin=True)
    figure.update_yaxes(range=[-0.5, len(titles) - 0.3])
    figure.update_annotations(font={"size": 16, "color": INK})
    return figure


def _dots(rows: Sequence[tuple[str, Measure]], colour: str) -> go.Scatter:
    measures = [m for _, m in rows]
    spread = {"array": [m.high - m.value for m in measures], "arrayminus": [m.value - m.low for m in measures]}
    return go.Scatter(
        x=[m.value for m in measures],
        y=[title for title, _ in rows],
        mode="markers+text",
        text=[f"{m.value:.2f}" for m in measures],
        textposition=["top left" if m.value > 0.7 else "top center" for m in measures],
        marker={"size": 11, "color": colour},
        error_x={"type": "data", "symmetric": False, "thickness": 2, "width": 6, **spread},
        customdata=[[m.low, m.high, m.n] for m in measures],
        hovertemplate="%{x:.3f} (%{customdata[0]:.3f} to %{customdata[1]:.3f}), n = %{customdata[2]}<extra></extra>",
    )
