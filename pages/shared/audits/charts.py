"""Stored audits to plotly figures. Pure: no Streamlit, no files."""

from collections.abc import Sequence
from textwrap import wrap

import plotly.graph_objects as go

from cxr_models.audits import CHANGE, Audit
from cxr_models.audits.rows import Bar
from cxr_models.results import Measure
from pages.shared.figures import INK, LINE, SCALE, base
from pages.shared.palette import SIGNED

BLUE, ORANGE = "#56b4e9", "#d55e00"  # Okabe and Ito (2008)
ROW, BESIDE = 34, {"symbol": "diamond", "size": 13, "color": ORANGE, "line": {"color": "#fff", "width": 1}}
WIDE = 14  # letters of a model's name on a line
INTERVAL = "%{x:.2f} (%{customdata[0]:.2f} to %{customdata[1]:.2f}), n = %{customdata[2]}<extra></extra>"


def bars(rows: Sequence[Bar], beside: str) -> go.Figure:
    """Bars with 95 % intervals from 0 to 1, the first on top. beside: what the diamonds are."""
    names, measures = [row.label for row in rows], [row.found for row in rows]
    spread = {"array": [m.high - m.value for m in measures], "arrayminus": [m.value - m.low for m in measures]}
    figure = go.Figure(layout=base(100 + ROW * len(rows), legend={"orientation": "h", "y": 1, "yanchor": "bottom"}))
    figure.add_bar(
        x=[m.value for m in measures], y=names, orientation="h", marker={"color": BLUE}, name="here, 95 % interval",
        error_x={"type": "data", "symmetric": False, "thickness": 2, "width": 5, "color": INK, **spread},
        customdata=[[m.low, m.high, m.n] for m in measures], hovertemplate=INTERVAL,
        text=[f" {m.value:.2f}" for m in measures], textposition="inside", insidetextanchor="start",
        textfont={"color": "#0a0c0e", "size": 16},
    )  # fmt: skip
    held = [row for row in rows if row.beside is not None]
    figure.add_scatter(
        x=[row.beside for row in held], y=[row.label for row in held], mode="markers", marker=BESIDE, name=beside,
        hovertemplate=f"{beside} %{{x:.3f}}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1.03], tickvals=[0, 0.25, 0.5, 0.75, 1], gridcolor=LINE, zeroline=False)
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], automargin=True, ticksuffix="  ")
    return figure


def changes(found: Sequence[Audit], name: str) -> go.Figure:
    """A heat map, edits and marks by model. name: CHANGE, from -1 to 1, or FLIPS, a share of the films."""
    titles = [*found[0].edits, *found[0].marks]
    cells = [[one.measure(name, title) for one in found] for title in titles]
    signed = name == CHANGE
    figure = go.Figure(layout=base(140 + 27 * len(titles)))
    figure.add_heatmap(
        z=[[m and m.value for m in row] for row in cells],
        x=["<br>".join(wrap(one.title, WIDE)) for one in found], y=titles,
        text=[[_text(m, signed) for m in row] for row in cells], texttemplate="%{text}", textfont={"size": 15},
        customdata=[[_interval(m, signed) for m in row] for row in cells],
        hovertemplate="%{y}, %{x}<br>%{customdata}<extra></extra>", xgap=2, ygap=2,
        zmin=-1 if signed else 0, zmax=1, colorscale=list(SIGNED if signed else SCALE),
        colorbar={"thickness": 14, "tickformat": "+.1f" if signed else ".0%"},
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", automargin=True, showgrid=False, ticksuffix="  ")
    figure.update_xaxes(side="top", showgrid=False, tickangle=0)
    figure.add_hline(len(found[0].edits) - 0.5, line={"color": INK, "width": 2})
    return figure


def _text(m: Measure | None, signed: bool) -> str:
    if m is None:
        return "not read"
    return f"{m.value:+.2f}" if signed else f"{m.value:.0%}"


def _interval(m: Measure | None, signed: bool) -> str:
    if m is None:
        return "The model could not read the film so."
    return f"{_text(m, signed)} (95 % interval {m.low:.2f} to {m.high:.2f}), {m.n} films"
