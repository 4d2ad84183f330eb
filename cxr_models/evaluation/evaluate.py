"""Figures on the untouched test films, through the same path the app uses; and calibration on the validation films."""

import datetime
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.metrics import confusion_matrix, roc_curve

from .. import inference, manifest, registry
from ..data.masks import known_mask
from ..imaging.preprocess import resize
from ..imaging.read import read_film
from ..results import FOLDER, Evaluation, Measure
from ..types import COVID19
from . import measures
from .predictions import labelled, logits, truth_of

SAME_SOURCES = (
    "Test films come from the same collections as the training films: figures on another hospital's films are lower.",
    "Collection and class are confounded in these public films (children only, or COVID-19 only, in several): a model"
    " that recognises the collection scores high here without seeing disease.",
)


def calibrate(model_id: str, index: pd.DataFrame, root: Path, runs: Path, file: Path) -> manifest.ModelSpec:
    """Temperature (least negative log-likelihood) and threshold (Youden) on the validation films, into the manifest."""
    spec = manifest.specs(file)[model_id]
    rows, z = answered(spec, labelled(index, "val"), root, runs)
    truth = truth_of(rows, spec.classes)

    def loss(log_t: float) -> float:
        return -float(log_softmax(z / np.exp(log_t), 1)[np.arange(len(z)), truth].mean())

    temperature = float(np.exp(minimize_scalar(loss, bounds=(-2, 3), method="bounded").x))
    fpr, tpr, cuts = roc_curve(truth == 0, softmax(z / temperature, 1)[:, 0])
    threshold = float(np.clip(cuts[np.argmax(tpr - fpr)], 0.01, 0.99))
    chosen = f"largest sensitivity + specificity - 1 on {len(rows)} validation films, after temperature scaling"
    thresholds = {COVID19: round(threshold, 4)}
    spec = replace(spec, temperature=round(temperature, 4), thresholds=thresholds, thresholds_chosen=chosen)
    manifest.update(file, spec)
    registry.clear()
    return spec


def evaluate(model_id: str, index: pd.DataFrame, root: Path, runs: Path, file: Path) -> Evaluation:
    """Measure a model on the test films, store the evaluation and put its headline figures into the manifest."""
    spec = manifest.specs(file)[model_id]
    found = _lungs(index, root) if spec.classes == ("lungs",) else _classifier(spec, index, root, runs)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{model_id}.json").write_text(json.dumps(asdict(found), indent=1) + "\n")
    headline = [m for m in found.measures if m.name in ("macro-F1", "Dice", "ROC AUC", "accuracy")]
    results = tuple(_result(m, found) for m in headline)
    manifest.update(file, replace(spec, results=results))
    return found


def _result(m: Measure, found: Evaluation) -> manifest.Result:
    name = f"{m.name}, {m.about}" if m.about else m.name
    return manifest.Result(name, m.value, m.low, m.high, m.n, found.data, found.command)


def answered(spec: manifest.ModelSpec, rows: pd.DataFrame, root: Path, runs: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows that the model reads, and its (N, K) logits of them."""
    z = logits(spec.id, rows, root, runs)
    read = ~np.isnan(z).any(1)
    return rows[read].reset_index(drop=True), z[read]


def _classifier(spec: manifest.ModelSpec, index: pd.DataFrame, root: Path, runs: Path) -> Evaluation:
    asked = labelled(index, "test")
    rows, z = answered(spec, asked, root, runs)
    unread = (
        (f"{len(asked) - len(rows)} more films were not read: no lungs were found.",) if len(rows) < len(asked) else ()
    )
    p = softmax(z / spec.temperature, 1)
    truth, groups = truth_of(rows, spec.classes), rows.group.to_numpy()
    figures = measures.classification(truth, p, spec.classes, groups)
    figures += measures.operating_point(truth == 0, p[:, 0], spec.threshold, COVID19)
    for source, part in rows.groupby("source").indices.items():
        hits = (p[part].argmax(1) == truth[part]).sum()
        figures += measures.proportion("accuracy", f"collection {source}", hits, len(part))
    return Evaluation(
        spec.id,
        spec.classes,
        len(rows),
        "test films of eight public collections, apart by patient and near-duplicate",
        str(datetime.date.today()),
        f"python -m cxr_models evaluate {spec.id}",
        tuple(map(tuple, confusion_matrix(truth, p.argmax(1)).tolist())),
        {name: measures.roc(truth == k, p[:, k]) for k, name in enumerate(spec.classes)},
        tuple(figures),
        SAME_SOURCES + unread,
    )


def _lungs(index: pd.DataFrame, root: Path) -> Evaluation:
    rows = index[(index.split == "test") & (index["mask"] != "")].reset_index(drop=True)
    scores = []
    for path, mask in zip(rows.path, rows["mask"], strict=True):
        lungs = inference.find_lungs(read_film((root / path).read_bytes()))
        height, width = lungs.mask.shape
        scores.append(measures.dice(lungs.mask, resize(known_mask(root / mask), (height, width)) >= 0.5))
    dice, groups = np.array(scores), rows.group.to_numpy()
    figures = [measures.resampled("Dice", "", measures.mean_of(dice), groups)]
    for source, part in rows.groupby("source").indices.items():
        figures.append(measures.resampled("Dice", f"collection {source}", measures.mean_of(dice[part]), groups[part]))
    return Evaluation(
        "unet",
        ("lungs",),
        len(rows),
        "Montgomery and Shenzhen test films, apart by patient and near-duplicate",
        str(datetime.date.today()),
        "python -m cxr_models evaluate unet",
        (),
        {},
        tuple(figures),
        ("Masks of these collections exist for films without COVID-19 only: on dense lungs the figure is lower.",),
    )
