"""New weights against those in use, on the validation films: a retraining replaces weights by better ones only."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
from sklearn.metrics import f1_score

from .. import manifest, registry, weights
from ..evaluation import lungs
from ..evaluation.evaluate import answered
from ..evaluation.films import Films
from ..evaluation.predictions import labelled, truth_of
from ..manifest import ModelSpec

UNET = "unet"


def validated(spec: ModelSpec, index: pd.DataFrame, root: Path, runs: Path) -> float:
    """Macro-F1, or Dice of the lungs, on the validation films: of the model that the manifest in use gives this id."""
    if spec.classes == ("lungs",):
        rows = index[(index.split == "val") & (index["mask"] != "")].reset_index(drop=True)
        found = lungs.evaluate(spec.id, Films(rows, "val", "validation films"), root).measure("Dice")
        return found.value if found else 0.0
    rows, z = answered(spec, labelled(index, "val"), root, runs)
    return float(f1_score(truth_of(rows, spec.classes), z.argmax(1), average="macro"))


def with_lungs(home: Path) -> Path:
    """A manifest in the folder ``home``, begun with the bundle's UNet, which finds the lungs for the others."""
    file, unet = home / "weights_manifest.toml", manifest.specs()[UNET]
    beside = home / "weights" / "unet.safetensors"
    beside.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(weights.path(unet), beside)
    manifest.update(file, replace(unet, bundled=str(beside.relative_to(home))))
    return file


@contextmanager
def reading_from(file: Path) -> Iterator[None]:
    """Within it, models are those of the manifest ``file``."""
    before = os.environ.get("CXR_MANIFEST")
    os.environ["CXR_MANIFEST"] = str(file)
    registry.clear()
    try:
        yield
    finally:
        os.environ.pop("CXR_MANIFEST")
        if before is not None:
            os.environ["CXR_MANIFEST"] = before
        registry.clear()
