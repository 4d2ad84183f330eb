"""The audit of models over a set of test films: what their answers follow, and what their features give away.

Every film is shown as the bench shows it, by the same path. All that is heavy or knows collections stays in this
package: what it finds is stored as an ``audits.Audit``, which pages read.
"""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from ... import registry
from ...audits import COMMAND, Audit, save
from ...data.index import cache_of, read
from ...errors import TrainingError
from ...evaluation.predictions import truth_of
from ...evaluation.sources import v
from ...results import FOLDER
from . import views
from .asked import Asked, ask
from .changes import changes, scores
from .named import probes
from .plan import FILMS, Plan
from .sources import matrix
from .tiles import Tiles

__all__ = ["FILMS", "Plan", "audit"]
NOTES = (
    "Test films only, one of each patient or group of copies, the classes in turn and, within a class, its collections"
    " in turn: macro-F1 here is not that of all test films.",
    "An answer is changed where another class is the most probable one.",
    "An erased lung is widened by 2 % of the film, and its place still shows: read the range over the four fills.",
    "Probes are logistic regressions on the means of the model's last feature maps, fitted and asked on test films in"
    " five folds that keep groups whole; what features give away, the model need not use.",
    "The matrix tells normal from not normal, which is COVID-19 in one collection and another pneumonia in another.",
    "The 8 × 8 tiles are read by a regression of their own, fitted on training films.",
)
LUNGS_ALONE = "This model is shown nothing but the lungs: an edit outside them does not reach it."


def audit(plan: Plan, file: Path, root: Path, options: str = "") -> list[Audit]:
    """Audit the models of the plan and store what is found in ``weights/results``; options: of the command.

    file: the index of the films below ``root``; answers are kept in a folder beside it, so that an audit that was
    broken off goes on. Raises TrainingError for films that are missing or changed, UnknownModel, WeightsError.
    """
    if not root.is_dir():
        raise TrainingError(f"There is no folder {root}: name that of the collections with --root or CXR_FILMS.")
    index = read(file)
    rows = plan.rows(index)
    asked = ask(plan, rows, root, file.parent / "audit")
    tiles = Tiles(index, rows[: _changed(plan, rows)], root, cache_of(file))
    found = [_found(name, one, rows, tiles, options) for name, one in asked.items()]
    for one in found:
        save(one, FOLDER)
    return found


def _found(model_id: str, asked: Asked, rows: pd.DataFrame, tiles: Tiles, options: str) -> Audit:
    spec, shown = registry.spec(model_id), rows[: len(asked.said)]
    groups, (edits, marks) = shown.group.to_numpy(), views.titles()
    truth = truth_of(shown, spec.classes)
    read = np.isfinite(asked.features).all(1)
    seen, features = rows[read].reset_index(drop=True), asked.features[read]
    labelled = (seen.label != "").to_numpy()
    return Audit(
        model_id=model_id,
        title=spec.title,
        region=spec.input.region,
        classes=spec.classes,
        n=len(shown),
        films={name: part.label.value_counts().sort_index().to_dict() for name, part in shown.groupby("source")},
        cramers_v=v(shown.source, shown.label.to_numpy()),
        edits=edits,
        marks=marks,
        measures=tuple(
            changes(asked.said, (*edits, *marks), groups)
            + scores(asked.said, edits, tiles.answers(spec.classes), truth, groups)
        ),
        probed=len(seen),
        probes=probes(features, seen),
        matrix=matrix(features[labelled], seen[labelled].reset_index(drop=True)),
        date=str(datetime.date.today()),
        command=COMMAND + options,
        notes=(*NOTES, LUNGS_ALONE) if spec.input.region == "lungs" else NOTES,
    )


def _changed(plan: Plan, rows: pd.DataFrame) -> int:
    """How many of the films, which come first, are shown changed."""
    return min(plan.films, int((rows.label != "").sum()))
