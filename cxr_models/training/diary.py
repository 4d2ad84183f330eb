"""What a run leaves in its folder for others to read: ``run.json`` when it starts, ``status.json`` while it goes.

``cxr_models.runs`` reads them; so a run can be watched, and compared with others, from another process.
"""

import hashlib
import json
import os
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from .. import manifest
from ..errors import TrainingError
from .recipes import Recipe

MUST_AGREE = ("model", "recipe", "data", "seed")


def data_hash(rows: pd.DataFrame) -> str:
    """SHA-256 of which films are learned from, with which label and split."""
    lines = rows[["sha256", "label", "split", "mask"]].agg("|".join, axis=1)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def begin(folder: Path, recipe: Recipe, rows: pd.DataFrame, seed: int, device: str) -> None:
    """Write ``run.json``, or check that what began in ``folder`` is this run. Raises TrainingError if not."""
    run = {
        "model": recipe.id,
        "title": recipe.title,
        "recipe": json.loads(json.dumps(asdict(recipe))),
        "data": data_hash(rows),
        "films": {name: int(n) for name, n in rows.groupby("split").size().items()},
        "seed": seed,
        "device": device,
        "command": " ".join(["python -m cxr_models", *sys.argv[1:]]),
        "started": now(),
    }
    file = folder / "run.json"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        manifest.replace_file(file, json.dumps(run, indent=1).encode())
        return
    before = json.loads(file.read_text(encoding="utf-8"))
    if changed := [name for name in MUST_AGREE if before[name] != run[name]]:
        raise TrainingError(
            f"{folder} holds a run of another {' and '.join(changed)}. Give this one a name of its own with --name, or "
            "remove that folder."
        )


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def write(folder: Path, state: str, **more: Any) -> None:
    """Replace ``status.json``. state: "training", "stopped", "failed" or "done"; more: plain values."""
    content = {"state": state, "pid": os.getpid(), "time": time.time(), **more}
    manifest.replace_file(folder / "status.json", json.dumps(content).encode())
