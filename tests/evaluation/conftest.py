"""Twelve phantoms, and a model that can be followed by hand."""

import hashlib
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from small_models import installed
from trees import film, save

from cxr_models import manifest
from cxr_models.evaluation import compare, evaluate, predictions

CLASSES = ("covid19", "normal", "pneumonia")


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Half validation and half test, of collections a and b, and a model that says what brightness tells it to."""
    with installed(tmp_path):
        specs = manifest.specs()
        for part in (evaluate, compare):
            monkeypatch.setattr(part, "FOLDER", tmp_path / "results")
        monkeypatch.setattr(
            predictions.registry, "load", lambda name: SimpleNamespace(spec=specs[name], run=by_brightness)
        )
        yield tmp_path, index_of(tmp_path)


@cache
def phantom(seed: int) -> np.ndarray:
    return film(seed)


def index_of(root) -> pd.DataFrame:
    rows = []
    for i, label in enumerate(CLASSES * 4):
        picture = phantom(i).copy()
        picture[:, :8] = 40 + 100 * CLASSES.index(label)
        save(root / f"films/{i}.png", picture)
        sha256 = hashlib.sha256((root / f"films/{i}.png").read_bytes()).hexdigest()
        rows.append({"path": f"films/{i}.png", "sha256": sha256, "source": "ab"[i // 3 % 2], "label": label})
    split = ["val"] * 6 + ["test"] * 6
    return pd.DataFrame(rows).assign(group=range(12), mask="", split=split)


def by_brightness(x: np.ndarray) -> tuple[torch.Tensor, None]:
    """Logits by the grey value of the film's left edge: dark is COVID-19, middle normal, bright pneumonia."""
    grey = float(x[0, 0, :, 0].mean())
    return torch.tensor([[-40 * abs(grey - at) for at in (0.1, 0.5, 0.9)]]), None
