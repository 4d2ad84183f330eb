"""How much of a map's positive evidence lies in the lungs: in lungs drawn by hand, and by label in lungs as found.

The HRNet study (figures 9 and 12) holds that a network looks at the lungs once it is shown them alone. So the same
network of whole films is asked twice, with the film and with the lungs alone, and the network that was trained on the
lungs alone stands beside it. A share means something only between its floor, what an even map has, and its ceiling,
what a map of the same grain has that lies on the lungs alone.
"""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from ... import registry
from ...errors import RefusedFilm
from ...explain import Question, inside
from ...explain.checks.zones import ceiling
from ...explain.scene import shown_alone
from ...results import Measure
from ...results_maps import ALONE, BY_HAND, CEILING, FLOOR, FOUND, GAIN, INSIDE, WHOLE, about
from ...types import Map
from ..intervals import mean_of
from ..predictions import labelled
from .cases import Case, cases
from .kept import Kept, Record
from .plan import QUICK, Plan, drawn, maps_of

A_LABEL = 30


def by_hand(plan: Plan, kept: Kept, index: pd.DataFrame, root: Path) -> list[Measure]:
    """Shares in lungs drawn by hand, on all test films that have them: by what is shown, class, model and method."""
    rows = index[(index.split == "test") & (index["mask"] != "")].sample(frac=1, random_state=0)
    asked = plan.asked("Lungs drawn by hand", cases(root, rows), len(rows))
    found = [
        one | {"film": case.name, "group": case.row.group, "model": model_id, "method": method}
        for case, model_id, method in asked
        for one in kept.get(case.name, model_id, method, partial(shares_by_hand, case, model_id, method))["maps"]
    ]
    return hand_figures(pd.DataFrame(found)) if found else []


def shares_by_hand(case: Case, model_id: str, method: str) -> Record:
    """Of each class (methods that take long: the first) on the whole film and on the lungs alone."""
    spec = registry.spec(model_id)
    classes = spec.classes if method in QUICK else spec.classes[:1]
    found = []
    for shown in (WHOLE, ALONE) if spec.input.region == "film" else (ALONE,):
        film = case.alone if shown == ALONE and spec.input.region == "film" else case.film
        made = maps_of([Question(film, case.lungs, name) for name in classes], model_id, method)
        found += [
            {"shown": shown, "target": name} | share(one, case.drawn_lungs, shown_alone(case.lungs, spec.input))
            for name, one in zip(classes, made, strict=True)
        ]
    return {"maps": found}


def share(made: Map | None, lungs: np.ndarray, shown: np.ndarray | None = None) -> Record:
    """share of the positive evidence in the lungs, None where there is none; floor; ceiling at the map's grain.

    shown: as ``scene.shown_alone``.
    """
    if made is None:
        return {"share": None, "floor": float(lungs.mean()), "ceiling": None}
    return {"share": inside(made.values, lungs), "floor": float(lungs.mean()), "ceiling": ceiling(made, lungs, shown)}


def hand_figures(frame: pd.DataFrame) -> list[Measure]:
    """From one row a map: film, group, model, method, shown, target, share, floor, ceiling."""
    films = frame.drop_duplicates("film")
    found = mean_of(FLOOR, BY_HAND, films.floor.to_numpy(float), films.group.to_numpy())
    for (shown, target, model_id, method), part in frame.groupby(["shown", "target", "model", "method"], sort=False):
        where, groups = about(shown, target, model_id, method), part.group.to_numpy()
        found += mean_of(INSIDE, where, part.share.to_numpy(float), groups)
        found += mean_of(CEILING, where, part.ceiling.to_numpy(float), groups)
    for (target, model_id, method), part in frame.groupby(["target", "model", "method"], sort=False):
        sides = part.pivot(index=["film", "group"], columns="shown", values="share").astype(float)
        if {WHOLE, ALONE} <= set(sides):
            gain, groups = sides[ALONE] - sides[WHOLE], sides.index.get_level_values("group")
            found += mean_of(GAIN, about(target, model_id, method), gain.to_numpy(), groups.to_numpy())
    return found


def by_label(plan: Plan, kept: Kept, index: pd.DataFrame, root: Path) -> list[Measure]:
    """Shares in lungs as found, of the class that the model names, by the films' label, model and method."""
    films = labelled(index, "test")
    labels = films.label.nunique()
    rows = drawn(films, plan.number(A_LABEL) * labels)
    found = [
        kept.get(case.name, model_id, method, partial(share_as_found, case, model_id, method))
        | {"film": case.name, "group": case.row.group, "label": case.row.label, "model": model_id, "method": method}
        for case, model_id, method in plan.asked("Films by label", cases(root, rows), A_LABEL, labels)
    ]
    return label_figures(pd.DataFrame(found)) if found else []


def share_as_found(case: Case, model_id: str, method: str) -> Record:
    """Nothing where no lungs were found."""
    try:
        target = case.decided(model_id)
    except RefusedFilm:
        return share(None, case.lungs.mask)
    (made,) = maps_of([Question(case.film, case.lungs, target)], model_id, method)
    shown = shown_alone(case.lungs, registry.spec(model_id).input)
    return share(made if case.lungs.mask.any() else None, case.lungs.mask, shown)


def label_figures(frame: pd.DataFrame) -> list[Measure]:
    """From one row a map: film, group, label, model, method, share, floor, ceiling."""
    found: list[Measure] = []
    for label, part in frame.drop_duplicates("film").groupby("label", sort=False):
        found += mean_of(FLOOR, about(FOUND, label), part.floor.to_numpy(float), part.group.to_numpy())
    for (label, model_id, method), part in frame.groupby(["label", "model", "method"], sort=False):
        where, groups = about(FOUND, label, model_id, method), part.group.to_numpy()
        found += mean_of(INSIDE, where, part.share.to_numpy(float), groups)
        found += mean_of(CEILING, where, part.ceiling.to_numpy(float), groups)
    return found
