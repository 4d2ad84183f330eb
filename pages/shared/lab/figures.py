"""The lab's figures. Pure: no Streamlit, no models, no files."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
import plotly.graph_objects as go

from pages.shared.figures import INK, LINE, QUIET, base
from pages.shared.lab.words import signed
from pages.shared.palette import SIGNED

ROW, HEAD = 22, 48  # pixels of a row and of the heading of the heat map
MODEL_COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#b8bec6", "#0072b2")


def heat_map(
    rows: Sequence[str],
    columns: Sequence[str],
    before: np.ndarray,
    after: np.ndarray,
    chosen: tuple[int, int],
) -> go.Figure:
    """Change of a probability, edit by model. before: (M,); after: (E, M), NaN where a film was not read; chosen: row
    and column of the cell that is framed. A click on a cell selects the point in it."""
    change = after - before
    text = [[signed(value) for value in line] for line in change]
    names = [f"<b>{name}</b><br>{_probability(p)}" for name, p in zip(columns, before, strict=True)]
    figure = go.Figure(layout=base(HEAD + ROW * len(rows), showlegend=False))
    stops = [[i / (len(SIGNED) - 1), colour] for i, colour in enumerate(SIGNED)]
    figure.add_heatmap(
        z=change, text=text, texttemplate="%{text}", textfont={"size": 13, "color": "#fff"}, xgap=2, ygap=1,
        zmin=-1, zmax=1, colorscale=stops, showscale=False, hoverinfo="skip",
    )  # fmt: skip
    across, down = np.meshgrid(np.arange(len(columns)), np.arange(len(rows)))
    figure.add_scatter(
        x=across.ravel(), y=down.ravel(), mode="markers",
        marker={"size": ROW, "symbol": "square", "opacity": 0},
        customdata=np.stack([after.ravel(), np.broadcast_to(before, after.shape).ravel()], 1),
        hovertemplate="%{customdata[1]:.2f} → %{customdata[0]:.2f}<extra></extra>",
    )  # fmt: skip
    row, column = chosen
    figure.add_shape(
        type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5, line={"color": INK, "width": 2}
    )
    figure.update_xaxes(
        tickvals=list(range(len(columns))), ticktext=names, side="top", tickangle=0, showgrid=False, zeroline=False
    )
    figure.update_yaxes(tickvals=list(range(len(rows))), ticktext=list(rows), showgrid=False, zeroline=False)
    figure.update_yaxes(range=[len(rows) - 0.5, -0.5], tickfont={"size": 13}, automargin=True, fixedrange=True)
    figure.update_xaxes(range=[-0.5, len(columns) - 0.5], tickfont={"size": 13}, fixedrange=True)
    figure.update_layout(margin={"l": 4, "r": 4, "t": 44, "b": 4}, dragmode=False, clickmode="event+select")
    return figure


def dose_curves(opacities: np.ndarray, probabilities: Mapping[str, np.ndarray], class_name: str) -> go.Figure:
    """Probability of a class over the opacity of the mark: one line a model (title -> (D,))."""
    figure = go.Figure(layout=base(320, legend={"orientation": "h", "y": -0.3}))
    for colour, (title, values) in zip(cycle(MODEL_COLOURS), probabilities.items(), strict=False):
        figure.add_scatter(
            x=opacities, y=values, mode="lines+markers", name=title, line={"color": colour, "width": 3},
            hovertemplate=f"{title}: %{{y:.2f}} at opacity %{{x:.1f}}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="Opacity of the mark", range=[-0.02, 1.02], gridcolor=LINE)
    figure.update_yaxes(range=[-0.02, 1.04], gridcolor=LINE, color=QUIET, automargin=True)
    figure.update_layout(title={"text": f"Probability of {class_name}", "font": {"size": 15}, "x": 0.02, "y": 0.98})
    return figure


def _probability(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"
