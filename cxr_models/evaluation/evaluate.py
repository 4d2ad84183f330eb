"""Measure models on films they never saw, through the same path the app uses; and calibrate on the validation films."""

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import softmax

from .. import manifest, registry
from ..errors import TrainingError
from ..results import FOLDER, TEST, Abstain, Conformal, Evaluation, Measure, evaluation, save
from ..types import COVID19
from . import calibration, conformal, lungs, measures, operating, ranking, sources
from .films import Films, own
from .intervals import Bootstrap
from .predictions import labelled, logits, truth_of

SAME_SOURCES = "All test films come from collections of the training films: figures on another hospital's are lower."
CONFOUNDED = (
    "Collection and class go together in public films (children only, or COVID-19 only, in several): a model that"
    " recognises the collection scores high here without seeing disease. 'source alone' says how far that gets."
)
COVERAGE = "Cuts and thresholds come from validation films of the training collections; they promise nothing elsewhere."
CARDS = ("macro-F1", "Dice", "ROC AUC", "accuracy")


def calibrate(model_id: str, index: pd.DataFrame, root: Path, runs: Path, file: Path) -> manifest.ModelSpec:
    """Temperature (least negative log-likelihood) and threshold (Youden) on the validation films, into the manifest."""
    spec = manifest.specs(file)[model_id]
    rows, z = answered(spec, labelled(index, "val"), root, runs)
    truth = truth_of(rows, spec.classes)
    temperature = calibration.fit_temperature(z, truth)
    threshold = operating.youden(truth == 0, softmax(z / temperature, 1)[:, 0])
    chosen = f"largest sensitivity + specificity - 1 on {len(rows)} validation films, after temperature scaling"
    thresholds = {COVID19: round(threshold, 4)}
    spec = replace(spec, temperature=round(temperature, 4), thresholds=thresholds, thresholds_chosen=chosen)
    manifest.update(file, spec)
    registry.clear()
    return spec


def evaluate(
    model_id: str, index: pd.DataFrame, root: Path, runs: Path, file: Path, films: Films | None = None
) -> Evaluation:
    """Measure a model and store the evaluation; on the test films of ``index``, also put its headlines on its card.

    index: the films that the model was trained and validated on; films: others to measure on instead.
    Raises TrainingError where there are none, or a label that the model has no class for.
    """
    spec, films = manifest.specs(file)[model_id], films or own(index)
    if spec.classes == ("lungs",):
        found = lungs.evaluate(spec.id, films, root)
    else:
        found = _classifier(spec, index, root, runs, films)
    save(found, FOLDER)
    if found.name == TEST:
        shown = tuple(_result(m, found) for m in found.measures if _on_card(m, found))
        manifest.update(file, replace(spec, results=shown))
    return found


def _on_card(m: Measure, found: Evaluation) -> bool:
    return m.name in CARDS and (m.about in ("", *found.classes) or m.about.startswith("collection "))


def _result(m: Measure, found: Evaluation) -> manifest.Result:
    name = f"{m.name}, {m.about}" if m.about else m.name
    return manifest.Result(name, m.value, m.low, m.high, m.n, found.data, found.command)


def answered(spec: manifest.ModelSpec, rows: pd.DataFrame, root: Path, runs: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows that the model reads, and its (N, K) logits of them. Raises TrainingError when there are none."""
    z = logits(spec.id, rows, root, runs) if len(rows) else np.empty((0, len(spec.classes)))
    read = ~np.isnan(z).any(1)
    if not read.any():
        raise TrainingError(f"{spec.id} has no films to answer: the split has none with a class, or no lungs.")
    return rows[read].reset_index(drop=True), z[read]


def _classifier(spec: manifest.ModelSpec, index: pd.DataFrame, root: Path, runs: Path, films: Films) -> Evaluation:
    asked = films.rows[films.rows.label != ""].reset_index(drop=True)
    rows, z = answered(spec, asked, root, runs)
    p, truth, classes = softmax(z / spec.temperature, 1), truth_of(rows, spec.classes), spec.classes
    bootstrap = Bootstrap(rows.group.to_numpy())
    names = np.array(classes)[truth]
    refused = sources.refusal(rows.source, names)
    cuts, band = _in_use(spec, index, root, runs, films)
    figures = measures.classification(truth, p, classes, bootstrap)
    figures = [m for m in figures if m.about or not refused]
    figures += _use(truth, p, spec, bootstrap, cuts, band)
    figures += calibration.figures(z, truth, spec.temperature, bootstrap)
    figures += sources.figures(rows.source, truth, p, classes, rows.group.to_numpy())
    figures += _source_alone(labelled(index, "train"), rows.source, truth, classes, bootstrap)
    return Evaluation(
        spec.id,
        classes,
        len(rows),
        films.data,
        str(datetime.date.today()),
        f"python -m cxr_models evaluate {spec.id}{films.options}",
        tuple(map(tuple, measures.counted(truth, p.argmax(1), len(classes)).tolist())),
        {name: ranking.roc(truth == k, p[:, k]) for k, name in _both_sides(truth, classes)},
        tuple(figures),
        _notes(rows, len(asked) - len(rows), index, refused),
        films.name,
        bootstrap.groups,
        sources.v(rows.source, names),
        refused,
        {name: ranking.precision_recall(truth == k, p[:, k]) for k, name in _both_sides(truth, classes)},
        calibration.curves(z, truth, spec.temperature, classes),
        spec.temperature,
        spec.threshold,
        cuts,
        band,
    )


def _in_use(
    spec: manifest.ModelSpec, index: pd.DataFrame, root: Path, runs: Path, films: Films
) -> tuple[Conformal | None, Abstain | None]:
    """Cuts and abstention from the validation films; on other films, those stored with the test films, unchanged."""
    if films.foreign:
        stored = evaluation(spec.id, FOLDER)
        return (stored.conformal, stored.abstain) if stored else (None, None)
    rows, z = answered(spec, labelled(index, "val"), root, runs)
    p, truth = softmax(z / spec.temperature, 1), truth_of(rows, spec.classes)
    return conformal.fit(truth, p, spec.classes), conformal.band(truth == 0, p[:, 0], spec.threshold)


def _use(
    truth: np.ndarray,
    p: np.ndarray,
    spec: manifest.ModelSpec,
    bootstrap: Bootstrap,
    cuts: Conformal | None,
    band: Abstain | None,
) -> list[Measure]:
    """Figures of the first class at the threshold, of abstaining, and of prediction sets."""
    name = spec.classes[0]
    found = operating.figures(truth == 0, p[:, 0], spec.threshold, name, bootstrap)
    found += operating.abstention(truth == 0, p[:, 0], band, name) if band else []
    return found + (conformal.checked(truth, p, spec.classes, cuts, bootstrap) if cuts else [])


def _source_alone(
    trained: pd.DataFrame, source: pd.Series, truth: np.ndarray, classes: tuple[str, ...], bootstrap: Bootstrap
) -> list[Measure]:
    if not len(trained):
        return []
    answer = sources.guess(trained.source, truth_of(trained, classes), source, len(classes))
    return sources.guessed(truth, answer, len(classes), bootstrap)


def _both_sides(truth: np.ndarray, classes: tuple[str, ...]) -> list[tuple[int, str]]:
    """Number and name of the classes that some films are of and some are not: the others have no curve."""
    return [(k, name) for k, name in enumerate(classes) if 0 < (truth == k).sum() < len(truth)]


def _notes(rows: pd.DataFrame, unread: int, index: pd.DataFrame, refused: str) -> tuple[str, ...]:
    trained = index[index.split.isin(["train", "val"])]
    new = sorted(set(rows.source) - set(trained.source))
    seen = int(rows.sha256.isin(set(trained.sha256)).sum())
    said = [
        refused,
        f"{seen} of these films were training or validation films: figures on them are no test." if seen else "",
        f"Not trained on: {', '.join(new)}." if new else SAME_SOURCES,
        CONFOUNDED,
        COVERAGE,
        f"{unread} more films were not read: no lungs were found." if unread else "",
    ]
    return tuple(filter(None, said))
