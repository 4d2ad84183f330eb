"""One film in every way in which an audit shows it: as it came, after every edit, and with every mark."""

import numpy as np

from ...errors import RefusedFilm
from ...inference import Inputs
from ...registry import LoadedModel
from ...types import Film, Lungs
from .. import EDITS
from ..bench import on_the_bench
from ..edit import edited, remade
from ..looks import Looks, Shown
from ..marks import Mark, marked

MARKS = {
    "Letter L": Mark(text="L", row=0.08, column=0.9),
    "Letter R": Mark(text="R", row=0.08, column=0.1),
    "“PORTABLE”": Mark(text="PORTABLE", row=0.06, column=0.8, size=0.03),
    "“AP ERECT”": Mark(text="AP ERECT", row=0.06, column=0.2, size=0.03),
    "Date": Mark(text="21.03.2020", row=0.95, column=0.85, size=0.025),
    "ECG leads": Mark("leads", row=0.45, column=0.5, size=0.5),
    "Tube": Mark("tube", row=0.2, column=0.5, size=0.4),
    "Black border": Mark("border", size=0.06),
}
"""Title -> mark, one place each, where such marks lie on films; a reader may try any other on the bench."""


def titles() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the edits and of the marks, in the order of ``views``, which has the film itself before them."""
    return tuple(edit.title for edit in EDITS.values()), tuple(MARKS)


def views(film: Film, lungs: Lungs) -> list[Shown | None]:
    """As the bench shows them; None where an edit needs lungs and there are none."""
    film, found = on_the_bench(film, lungs)
    with_marks = [(remade(film, marked(film.pixels, mark)), found) for mark in MARKS.values()]
    return [(film, found), *(_after(name, film, found) for name in EDITS), *with_marks]


def said(model_id: str, looks: Looks, there: list[bool]) -> list[list[float] | None]:
    """Calibrated probabilities of each view, None where there is none or the model cannot read it.

    looks: the views that are there; there: of each view whether it is.
    """
    p = iter(looks.probabilities(model_id))
    return [_whole(next(p)) if one else None for one in there]


def features(model: LoadedModel, film: Film, lungs: Lungs | None) -> list[float] | None:
    """The means over each of the model's last feature maps, five digits of each; None for a film it does not read."""
    try:
        x = Inputs(film)(model.spec.input, lungs)
    except RefusedFilm:
        return None
    return [float(f"{value:.5g}") for value in model.maps(x).mean((2, 3))[0].tolist()]


def _after(name: str, film: Film, lungs: Lungs | None) -> Shown | None:
    try:
        found = edited(EDITS[name], film, lungs)
    except RefusedFilm:
        return None
    return found.film, found.lungs


def _whole(p: np.ndarray) -> list[float] | None:
    return [round(float(value), 6) for value in p] if np.isfinite(p).all() else None
