"""What every model says of every view of every film, and its features, kept as they come: what was broken off goes on.

Kept are probabilities and means of feature maps under the film's hash, in lines of JSON; no film is.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from inspect import getfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from ... import registry, shortcuts
from ...evaluation.maps.cases import Case
from ...evaluation.maps.kept import Kept, Record
from ...imaging import preprocess
from .. import bench, edit, fills, geometry, greys, lettering, looks, marks, parts
from . import views
from .plan import Plan

SEEN = [Path(getfile(part)) for part in (views, preprocess)]  # the code that features hang on
PARTS = (shortcuts, bench, edit, fills, geometry, greys, lettering, looks, marks, parts)
CHANGED = [Path(getfile(part)) for part in PARTS]  # the code that films are changed by


class Asked(NamedTuple):
    """said: (n, V, K) probabilities of the first films, in the order of ``views.views``; features: (N, F) of all films.
    NaN where the model did not read the film."""

    said: np.ndarray
    features: np.ndarray


class Shown(Case):
    """A film of the index; its views are made once, for the first model that needs them."""

    @cached_property
    def views(self) -> tuple[looks.Looks, list[bool]]:
        made = views.views(self.film, self.lungs)
        return looks.Looks([one for one in made if one]), [one is not None for one in made]

    def said(self, model_id: str) -> Record:
        return {"said": views.said(model_id, *self.views)}

    def features(self, model_id: str) -> Record:
        model = registry.load(model_id)
        lungs = self.lungs if model.spec.input.region == "lungs" else None
        return {"features": views.features(model, self.film, lungs)}


def ask(plan: Plan, rows: pd.DataFrame, root: Path, folder: Path) -> dict[str, Asked]:
    """Ask every model of the plan, film by film. rows: of ``Plan.rows``; folder: where answers are kept."""
    said, features = Kept(folder / "said.jsonl", SEEN + CHANGED), Kept(folder / "features.jsonl", SEEN)
    found: dict[str, tuple[list, list]] = {name: ([], []) for name in plan.models}
    for case, changed in _cases(plan, rows, root):
        for name in plan.models:
            if changed:
                found[name][0].append(said.get(case.name, name, "views", partial(case.said, name))["said"])
            kept = features.get(case.name, name, "features", partial(case.features, name))
            found[name][1].append(kept["features"])
    return {name: Asked(_said(name, first), _stacked(second)) for name, (first, second) in found.items()}


def _cases(plan: Plan, rows: pd.DataFrame, root: Path) -> Iterator[tuple[Shown, bool]]:
    """Each film, and whether it is to be shown changed."""
    for i, row in enumerate(tqdm(list(rows.itertuples()), "films asked about", mininterval=10)):
        yield Shown(root, row), i < plan.films and row.label != ""


def _said(model_id: str, films: Sequence[Sequence[list[float] | None]]) -> np.ndarray:
    blank = [np.nan] * len(registry.spec(model_id).classes)
    return np.array([[view or blank for view in film] for film in films], float)


def _stacked(films: Sequence[list[float] | None]) -> np.ndarray:
    width = max((len(one) for one in films if one), default=0)
    return np.array([one or [np.nan] * width for one in films], float)
