"""How time and memory of the films' way to the net grow with their number: no net, no decoding, else as in training.

``python -m benchmarks.training`` measures it: each size in processes of its own, one that makes the cache of decoded
films and one that finds it made. Films are noise of ``SIDE`` pixels; an epoch draws, gathers and augments all of them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from cxr_models.imaging.preprocess import InputSpec
from cxr_models.training import draws, store
from cxr_models.training.plan import now
from cxr_models.training.ranks import Ranks
from cxr_models.training.recipes import Stage
from cxr_models.training.stage import nearby
from cxr_models.training.tasks import Classify, Films

from . import machine

SIDE = 224
STAGE = Stage("growth", "Classify", epochs=1, batch=32, lr=1e-3, size=SIDE)
GREY = InputSpec(SIDE, 1, (0.0,), (1.0,))
OF_FILMS = ("cache_mb", "make_s", "make_peak_mb", "epoch_s", "peak_mb", "own_mb", "gpu_mb")


def child(count: int, folder: Path, device: torch.device) -> dict[str, float]:
    """Make or find the cache of ``count`` films in ``folder``, then, if it was found, go through an epoch."""
    names = [str(number) for number in range(count)]
    rows = pd.DataFrame({"path": names, "sha256": names, "label": "noise", "source": "noise", "split": "train"})
    found, began = folder.is_dir(), time.monotonic()
    grey = store.cached(rows, "noise", folder, _noise)
    if not found:
        return {"make_s": time.monotonic() - began, "make_peak_mb": machine.peak()}
    films = nearby(Films(grey), device)
    task = Classify(nn.Identity(), STAGE, GREY, films, 0).to(device)
    task.inputs(torch.arange(STAGE.batch))  # the first makes the tables of the noise
    seconds = epoch(task, rows, device)
    taken = {"epoch_s": seconds, "batch_ms": 1000 * seconds / (count // STAGE.batch)}
    taken |= {"cache_mb": films.size() / 1e6, "peak_mb": machine.peak(), "own_mb": machine.own()}
    return taken | ({"gpu_mb": torch.cuda.max_memory_allocated(device) / 1e6} if device.type == "cuda" else {})


def _noise(name: str) -> np.ndarray:
    return np.random.default_rng(int(name)).integers(0, 256, (SIDE, SIDE), np.uint8)


def epoch(task: Classify, rows: pd.DataFrame, device: torch.device) -> float:
    """Seconds to draw all rows and bring them, augmented and normalised, to where the net would take them."""
    began = now(device)
    for batch in draws.training(rows, task.stage, 0, Ranks()):
        task.normalised(task.inputs(batch)[0])
    return now(device) - began


def measured(sizes: tuple[int, ...], device: str) -> list[dict[str, Any]]:
    """One row a size: seconds and memory in MB, as ``child`` found them."""
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            made, used = (_process(size, Path(folder) / "cache", device) for _ in range(2))
        rows.append({"films": size, **{name: round(value, 2) for name, value in (made | used).items()}})
    return rows


def _process(size: int, folder: Path, device: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.growth", str(size), str(folder), device]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ).stdout)


def fitted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A straight line through each figure that depends on the number of films: what a thousand more films cost.

    exponent: p of the power law films^p through the same points (1: proportional, 0: flat).
    """
    films, lines = [row["films"] for row in rows], []
    for name in (*OF_FILMS, "batch_ms"):
        if name in rows[0]:
            values = np.array([row[name] for row in rows])
            slope, start = np.polyfit(films, values, 1)
            power = np.polyfit(np.log(films), np.log(np.maximum(values, 1e-3)), 1)[0]
            line = {"figure": name, "per_1000_films": 1000 * slope, "at_none": start, "exponent": power}
            lines.append({key: round(value, 3) if key != "figure" else value for key, value in line.items()})
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("device", type=torch.device)
    args = parser.parse_args()
    print(json.dumps(child(args.count, args.folder, args.device)))


if __name__ == "__main__":
    main()
