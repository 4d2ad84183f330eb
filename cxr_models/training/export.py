"""A trained network -> half-precision safetensors and its entry in the manifest."""

import datetime
import json
from pathlib import Path

import pandas as pd
import torch
from torch import nn

from .. import manifest, weights
from ..types import COVID19
from .cards import CARDS, SPLIT
from .recipes import Recipe
from .run import wanted


def history(recipe: Recipe, runs: Path) -> list[dict]:
    """What each finished stage took: minutes, films, val_loss."""
    return [json.loads((runs / recipe.id / s.name / "stage.json").read_text()) for s in recipe.stages]


def shortened(recipe: Recipe, device: str) -> str:
    """One sentence: how long each stage was here, and in the paper."""
    parts = []
    for s in recipe.stages:
        shown = f"windows of {s.size} px" if s.crop else f"{s.size} px"
        parts.append(f"{s.name}: {s.epochs} x {s.films or 'all'} films, {shown}")
    return f"Trained on {device}: {'; '.join(parts)}. The paper: {CARDS[recipe.id].paper_training}."


def training(recipe: Recipe, index: pd.DataFrame, runs: Path, seed: int) -> manifest.Training:
    """The manifest's account of a training, from its stage files."""
    took = history(recipe, runs)
    rows = wanted(index, recipe)
    sources = rows[rows.split == "train"].groupby("source").size().to_dict()
    seen = int(sum(t["films"] for t in took))
    device = "GPU" if torch.cuda.is_available() else "CPU, 2 cores"
    return manifest.Training(
        data={name: int(n) for name, n in sources.items()},
        films_seen=seen,
        epochs=round(seen / sum(sources.values()), 1),
        seed=seed,
        device=device,
        minutes=round(sum(t["minutes"] for t in took), 1),
        shortened=shortened(recipe, device),
        initialisation="random",
        split=SPLIT,
        date=datetime.date.today(),
    )


def export(
    net: nn.Module, recipe: Recipe, index: pd.DataFrame, runs: Path, seed: int, file: Path
) -> manifest.ModelSpec:
    """Write ``weights/<id>.safetensors`` beside the manifest ``file``, and the model's entry, not yet calibrated."""
    card = CARDS[recipe.id]
    bundled = f"weights/{recipe.id}.safetensors"
    sha256, size = weights.save(net, file.parent / bundled)
    spec = manifest.ModelSpec(
        id=recipe.id,
        title=card.title,
        family=card.family,
        paper=card.paper,
        architecture=recipe.architecture,
        settings=dict(recipe.settings),
        bundled=bundled,
        sha256=sha256,
        size=size,
        licence="MIT",
        classes=recipe.classes,
        thresholds={COVID19: 0.5} if COVID19 in recipe.classes else {},
        thresholds_chosen="not calibrated yet" if COVID19 in recipe.classes else "",
        precision=card.precision,
        cam_layer=card.cam_layer,
        limits=card.limits,
        input=recipe.input,
        training=training(recipe, index, runs, seed),
    )
    manifest.update(file, spec)
    return spec
