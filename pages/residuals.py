"""Residuals: what each autoencoder fails to rebuild of the film, and whether that is more than a copy would leave."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cxr_models.errors import CxrError
from cxr_models.imaging.preprocess import to_film_frame
from cxr_models.manifest import ModelSpec
from cxr_models.types import Film, Lungs, Residual, Residuals
from pages.shared import cached, figures, frame, made, map_words
from pages.shared.choices import one_of
from pages.shared.figures import GREY, Panel
from pages.shared.opened import opened
from pages.shared.viewer import Overlay, viewer

PURPOSE = "This page shows what autoencoders fail to rebuild of a film."
UNIT = "difference in grey value (black to white is 1)"
SCALED = f"{UNIT}, one scale for all; larger ones have its last colour"
LONGEST = 1024
NAMES = {
    "F_H": "Autoencoder of healthy films (F_H)",
    "F_P": "Autoencoder of pneumonia films (F_P)",
    "CAE": "Autoencoder (CAE)",
}
CHANNELS = ("Healthy autoencoder |x − F_H(x)|", "Pneumonia autoencoder |x − F_P(x)|", "Both |2x − F_H(x) − F_P(x)|")
SKIPS = (
    "The published net passes the film itself, and six of its inner layers, straight to its output. It can rebuild "
    "almost anything, so a bright spot here is not by itself an abnormality."
)
COLOURS = (
    "In the last picture, blue at half strength, grey means that both autoencoders err alike; red, that the one of "
    "healthy films errs more; green, that of pneumonia films; yellow, that they err in opposite directions."
)
METHOD = {
    "coronet": "CoroNet (Khobahi, Agarwal and Soltanalian, 2020), eq. 5-7. Two feature-pyramid autoencoders, one "
    "trained on healthy films only, one on pneumonia films only; a classifier reads the three difference maps.",
    "cae": "Convolutional autoencoder of the CAE paper (tables 1 and 2), trained to give the film back through a "
    "bottleneck of 7 by 7 cells: fine detail is lost everywhere, whatever the film shows.",
}


def main() -> None:
    frame.page("Residuals")
    here = opened(PURPOSE)
    if here is None:
        return
    with here.finding_side:
        spec = choice()
    if spec is None:
        return
    try:
        with here.film_side, st.spinner(f"{spec.title} is rebuilding the film"):
            found = made.residuals(here.case.film, spec.id)
    except CxrError as error:
        with here.film_side:
            viewer(here.case.film, key="residuals", lungs=here.reading.lungs)
        with here.finding_side:
            st.error(f"{spec.title} could not rebuild the film. {error}")
        return
    top = figures.scale_top(left_over(found))
    with here.finding_side:
        findings(spec, found, here.reading.lungs)
    with here.film_side:
        viewer(here.case.film, key="residuals", overlays=overlays(found, here.case.film, top), lungs=here.reading.lungs)
    details(found, here.case.film, top)


def choice() -> ModelSpec | None:
    """The model whose autoencoders are looked at."""
    specs = {name: spec for name, spec in cached.specs().items() if "residual" in made.methods(name)}
    if not specs:
        st.info("No model here has an autoencoder. Add one to the manifest, as CONTRIBUTING says.")
        return None
    first = next((name for name, spec in specs.items() if spec.architecture == "coronet"), next(iter(specs)))
    titles = {name: spec.title for name, spec in specs.items()}
    return specs[one_of("Model", titles, "residuals-of", first)]


def left_over(found: Residuals) -> list[np.ndarray]:
    """The maps that set the one scale; what a copy would leave is drawn on it too, and may lie above its top."""
    return [one.residual for one in found.autoencoders] + ([] if found.tensor is None else list(found.tensor))


def overlays(found: Residuals, film: Film, top: float) -> list[Overlay]:
    """The maps to lay on the film: one an autoencoder, then CoroNet's third channel."""
    maps = [(NAMES.get(one.name, one.name), one.residual) for one in found.autoencoders]
    if found.tensor is not None:
        maps.append((CHANNELS[2], found.tensor[2]))
    rows, columns = film.pixels.shape
    shrink = min(1.0, LONGEST / max(rows, columns))
    shape = max(1, round(rows * shrink)), max(1, round(columns * shrink))
    return [Overlay(label, to_film_frame(values, shape), False, "grey value", 0.0, top) for label, values in maps]


def findings(spec: ModelSpec, found: Residuals, lungs: Lungs | None) -> None:
    """Beside the film: which of the two the reader sees, and where the differences lie."""
    for one in found.autoencoders:
        st.markdown(f"**{NAMES.get(one.name, one.name)}**  \n{map_words.copying(one)}")
        if lungs is not None:
            within, without = map_words.inside_outside(one.residual, lungs)
            left, right = st.columns(2)
            mean(left, "Mean inside the lungs", within)
            mean(right, "Mean outside", without)
    st.caption(f"Means: {UNIT}.")
    if found.tensor is not None:
        st.info(SKIPS)
    with st.expander("Method and paper"):
        st.write(METHOD.get(spec.architecture, spec.paper))


def mean(where: DeltaGenerator, name: str, value: float | None) -> None:
    where.metric(name, "none" if value is None else f"{value:.3f}")


def details(found: Residuals, film: Film, top: float) -> None:
    """Below the film: every picture, large, in the film's proportions and on one scale."""
    proportion = film.pixels.shape[0] / film.pixels.shape[1]
    for one in found.autoencoders:
        st.subheader(NAMES.get(one.name, one.name))
        draw(autoencoder_panels(one), top, proportion, one.name)
    if found.tensor is not None:
        st.subheader("What CoroNet's classifier reads")
        panels = [Panel(title, values) for title, values in zip(CHANNELS, found.tensor, strict=True)]
        together = Panel("The three as red, green, blue", figures.composite(found.tensor, top))
        draw([*panels, together], top, proportion, "tensor")
        st.caption(COLOURS)


def autoencoder_panels(one: Residual) -> list[Panel]:
    return [
        Panel("The film, as the network gets it", one.input, GREY),
        Panel("As the network rebuilds it", one.reconstruction, GREY),
        Panel("Residual: what it fails to rebuild", one.residual),
        Panel("What a plain copy would leave", one.identity),
    ]


def draw(panels: list[Panel], top: float, proportion: float, key: str) -> None:
    figure = figures.pictures(panels, top, SCALED, proportion)
    st.plotly_chart(figure, theme=None, config=figures.CONFIG, key=f"pictures-{key}")


main()
