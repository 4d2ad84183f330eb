"""A network and films small enough to train within a test."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from trees import film, save

from cxr_models.imaging.preprocess import InputSpec
from cxr_models.training.recipes import Recipe, Stage

GREY = InputSpec(32, 1, (0.0,), (1.0,))
STAGE = Stage("one", "Classify", epochs=2, batch=4, lr=1e-3, size=32, films=8)


def recipe(*stages: Stage, **other) -> Recipe:
    """CNN-X of 32 pixels; one stage of two epochs if none is given."""
    values = {
        "id": "tiny",
        "title": "Tiny",
        "family": "Test",
        "paper": "none",
        "architecture": "cnn_x",
        "input": GREY,
        "limits": "All of them.",
        "paper_training": "none",
        "settings": {"size": 32, "classes": 3},
        "cam_layer": "paths",
        "store": 32,
    }
    return Recipe(stages=stages or (STAGE,), **values | other)


def long() -> Recipe:
    """Long enough to be killed in the middle."""
    return recipe(replace(STAGE, epochs=15))


def lungs() -> Recipe:
    """A small UNet, three epochs."""
    settings = {"widths": (4, 4, 8, 8, 8)}
    return recipe(
        replace(STAGE, task="Segment", epochs=3, lr=1e-2),
        architecture="unet",
        classes=("lungs",),
        settings=settings,
        cam_layer="",
    )


def films(root: Path, count: int = 16) -> pd.DataFrame:
    """Phantoms below ``root`` and their index: every fourth a validation film. Each is its own mask."""
    rows = []
    for i in range(count):
        finding = ("covid19", "normal", "pneumonia")[i % 3]
        save(root / f"{i}.png", film(i, finding))
        rows.append({"path": f"{i}.png", "label": finding, "mask": f"{i}.png", "sha256": str(i), "group": i})
    split = np.where(np.arange(count) < count - count // 4, "train", "val")
    return pd.DataFrame(rows).assign(source="a", view="frontal", split=split)
