"""A trained network -> half-precision safetensors and its entry in the manifest."""

import datetime
from pathlib import Path

import pandas as pd
from torch import nn

from .. import manifest, weights
from ..types import COVID19
from . import start
from .ranks import ranks
from .recipes import Recipe, Stage
from .run import device, wanted
from .watch import finished

SPLIT = (
    "By group, seed 0: films of one patient and near-duplicates across collections stay together; 78 % training,"
    " 7 % validation, 15 % test; groups whose copies carry different labels are left out."
)


def shortened(recipe: Recipe, took: list[dict], device: str) -> str:
    """One sentence: how long each stage was here, and in the paper."""
    stages = "; ".join(_said(stage, one) for stage, one in zip(recipe.stages, took, strict=True))
    begun = f" Begun from {start.said(recipe)}." if recipe.init not in start.NAMED else ""
    return f"Trained on {device}: {stages}. The paper: {recipe.paper_training}.{begun}"


def _said(stage: Stage, took: dict) -> str:
    shown = f"windows of {stage.size} px" if stage.crop else f"{stage.size} px"
    epochs = "1 epoch" if took["epochs"] == 1 else f"{took['epochs']} epochs"
    return f"{stage.name}: {epochs}, {took['films']:,} film views, {shown}"


def training(recipe: Recipe, index: pd.DataFrame, folder: Path, seed: int) -> manifest.Training:
    """The manifest's account of the run in ``folder``, from its stage files."""
    took = [finished(folder / stage.name) or {} for stage in recipe.stages]
    rows = wanted(index, recipe)
    sources = rows[rows.split == "train"].groupby("source").size().to_dict()
    seen, machine = int(sum(t["films"] for t in took)), device(ranks())
    return manifest.Training(
        data={name: int(n) for name, n in sources.items()},
        films_seen=seen,
        epochs=round(seen / sum(sources.values()), 1),
        seed=seed,
        device=machine,
        minutes=round(sum(t["minutes"] for t in took), 1),
        shortened=shortened(recipe, took, machine),
        initialisation=start.said(recipe),
        split=SPLIT,
        date=datetime.date.today(),
    )


def export(
    net: nn.Module, recipe: Recipe, index: pd.DataFrame, folder: Path, seed: int, file: Path
) -> manifest.ModelSpec:
    """Write ``weights/<id>.safetensors`` beside the manifest ``file``, and the model's entry, not yet calibrated.

    folder: of the run.
    """
    bundled = f"weights/{recipe.id}.safetensors"
    (file.parent / bundled).parent.mkdir(parents=True, exist_ok=True)
    sha256, size = weights.save(net, file.parent / bundled)
    spec = manifest.ModelSpec(
        id=recipe.id,
        title=recipe.title,
        family=recipe.family,
        paper=recipe.paper,
        architecture=recipe.architecture,
        settings=dict(recipe.settings),
        bundled=bundled,
        sha256=sha256,
        size=size,
        licence="MIT",
        classes=recipe.classes,
        thresholds={COVID19: 0.5} if COVID19 in recipe.classes else {},
        thresholds_chosen="not calibrated yet" if COVID19 in recipe.classes else "",
        precision=recipe.precision,
        cam_layer=recipe.cam_layer,
        limits=recipe.limits,
        input=recipe.input,
        training=training(recipe, index, folder, seed),
    )
    manifest.update(file, spec)
    return spec
