"""The film with the map's places taken away, as far as a slider says, and what the probability does meanwhile."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from cxr_models.types import Evidence, Map
from pages.shared import figures, made, wording
from pages.shared.explain.asked import Asked
from pages.shared.figures import INK
from pages.shared.viewer import viewer

HEIGHT = 230  # CSS pixels
BLURRED, SHOWN = "map's places blurred first", "map's places shown first"
CURVES = (
    "A map that holds: blurring its places first takes the probability away soon, showing them first in the blurred "
    "film brings it back soon."
)


@st.fragment
def removal(asked: Asked, result: Map, evidence: Evidence) -> None:
    """A slider that draws nothing anew but what is here: the film, the probability, and the point of the curve."""
    steps = len(evidence.deletion) - 1
    shown = "lungs" if asked.spec.input.region == "lungs" else "film"
    at = st.select_slider(
        f"How much of the {shown} to blur, the map's strongest places first",
        range(steps + 1),
        value=steps // 5,
        format_func=lambda step: f"{step / steps:.0%}",
        key=f"explain-removed-{'-'.join(asked.ticket('removed'))}",
    )
    answer, before, after = wording.CLASS_NAMES[result.target], evidence.deletion[0], evidence.deletion[at]
    st.markdown(f"**Probability of {answer}: {before:.2f} on the film, {after:.2f} with {at / steps:.0%} blurred**")
    film_side, curve_side = st.columns(2, gap="small")
    with film_side:
        film = made.removed(asked.case.film, asked.lungs, result, at / steps)
        viewer(film, key="explain-removed-film", height=HEIGHT, controls=False)
    with curve_side:
        chart = curves(evidence, at, result.target, asked.spec.thresholds.get(result.target))
        st.plotly_chart(chart, theme=None, config=figures.CONFIG, key="explain-removed-curve")
    st.caption(CURVES)


def curves(evidence: Evidence, at: int, target: str, threshold: float | None) -> go.Figure:
    """Probabilities as places are blurred, and as they are shown in the blurred film, evenly from none to all, with
    the slider's point ``at`` marked."""
    figure = figures.curve(evidence.deletion, target, threshold)
    share = np.linspace(0, 100, len(evidence.deletion))
    blurred = figure.data[0]
    blurred.update(x=share, name=BLURRED, showlegend=True)
    figure.add_scatter(
        x=share, y=evidence.insertion, name=SHOWN, mode="lines", line={"color": INK, "width": 2, "dash": "dash"},
        hovertemplate="%{y:.2f}", showlegend=True,
    )  # fmt: skip
    dot = {"size": 14, "color": "#fff", "line": {"color": blurred.line.color, "width": 4}}
    figure.add_scatter(
        x=[share[at]], y=[evidence.deletion[at]], mode="markers", marker=dot, hoverinfo="skip", showlegend=False
    )
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font_size": 12}
    figure.update_layout(height=HEIGHT + 30, margin_t=8, font_size=13, showlegend=True, legend=legend)
    figure.update_xaxes(title="places blurred or shown, %", range=[-4, 104])
    return figure
