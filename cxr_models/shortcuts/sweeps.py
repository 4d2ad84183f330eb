"""One mark at many strengths, or at many places: from when on, and where, does it move an answer?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from .. import inference, registry
from ..errors import RefusedFilm, UnknownMethod
from ..imaging.preprocess import to_film_frame
from ..types import Film, Lungs, Map
from .edit import remade
from .looks import Cancel, Looks, Progress, Shown, probabilities
from .marks import Mark, cover, laid

GRID = 14  # places along each side
OPACITIES = tuple(i / 10 for i in range(11))


@dataclass(frozen=True, eq=False)
class Dose:
    """opacities: (D,) in [0, 1]. probabilities: model -> (D, K), at each opacity, in the manifest's class order."""

    mark: Mark
    opacities: np.ndarray
    probabilities: dict[str, np.ndarray]


def dose(
    film: Film,
    lungs: Lungs | None,
    mark: Mark,
    model_ids: Sequence[str] | None = None,
    opacities: Sequence[float] = OPACITIES,
    progress: Progress = lambda share, doing: None,
    cancelled: Cancel = lambda: False,
) -> Dose:
    """Dose and response: the mark at every opacity, read by every model (all classifiers by default).

    Raises UnknownModel, WeightsError, Cancelled.
    """
    drawn = cover(film.pixels.shape, mark)
    films = [remade(film, laid(film.pixels, drawn, replace(mark, opacity=share))) for share in opacities]
    looks, found = Looks([(one, lungs) for one in films]), {}
    ids = inference.classifiers() if model_ids is None else model_ids
    for i, model_id in enumerate(ids):
        progress(i / len(ids), f"{registry.spec(model_id).title} reads {len(films)} films")
        found[model_id] = looks.probabilities(model_id, cancelled)
    return Dose(mark, np.asarray(opacities, float), found)


def placement(
    film: Film,
    lungs: Lungs | None,
    mark: Mark,
    model_id: str,
    target: str,
    grid: int = GRID,
    progress: Progress = lambda share, doing: None,
    cancelled: Cancel = lambda: False,
) -> Map:
    """Where would this mark raise the class most? Its centre is put at each of grid x grid places.

    values: (H, W), the change of the probability of ``target``, interpolated between the places; extra: "grid"
    (grid, grid), "places" (grid,), in shares of height and width, "before", the probability without the mark.
    Raises UnknownMethod for a class that the model does not have and for a border, which has no place; UnknownModel,
    RefusedFilm where it reads the lungs alone and there are none; WeightsError, Cancelled.
    """
    spec = registry.spec(model_id)
    if target not in spec.classes:
        raise UnknownMethod(f"{spec.title} has no class {target!r}. It has: {', '.join(spec.classes)}.")
    if mark.kind == "border":
        raise UnknownMethod("A border has no place to be moved to: choose letters, leads or a tube.")
    places, drawn = (np.arange(grid) + 0.5) / grid, cover(film.pixels.shape, mark)

    def shown() -> Iterator[Shown]:
        yield film, lungs
        for at, (row, column) in enumerate(product(places, places)):
            progress(at / grid**2, f"Place {at + 1} of {grid**2}")
            there = replace(mark, row=row, column=column)
            yield replace(film, pixels=laid(film.pixels, drawn, there)), lungs

    found = probabilities(model_id, shown(), cancelled)[:, spec.classes.index(target)]
    if np.isnan(found[0]):
        raise RefusedFilm(f"{spec.title} reads the lungs alone and none were found on this film: use another model.")
    change = (found[1:] - found[0]).reshape(grid, grid).astype(np.float32)
    return Map(
        values=to_film_frame(change, film.pixels.shape),
        model_id=model_id,
        method="placement",
        target=target,
        signed=True,
        unit="change of the probability with the mark centred there",
        extra={"grid": change, "places": places, "before": np.asarray(found[0])},
    )
