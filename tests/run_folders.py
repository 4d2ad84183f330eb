"""Folders as trainings leave them, made by hand: curves that fall, and rise again for films that are not learned."""

import json
import math
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

DIFFERENCES = [
    {"what": "layers", "paper": "a figure that is lost", "ours": "four blocks", "why": "The text names none."},
    {"what": "films", "paper": "58 and CheXpert", "ours": "those of the index", "why": "58 films measure little."},
]
STAGES = (("screening", 10), ("covid19", 12))
STEPS, BATCH = 40, 32  # of an epoch, of a step


def curve(stage: Path, epochs: int, done: float, seed: int = 0, memorises: bool = False) -> None:
    """``metrics.csv`` of ``done`` epochs, fractions too, of a stage of ``epochs``."""
    rng, rows = np.random.default_rng(seed), ["step,epoch,loss,val_loss"]
    for step in range(8, round(done * STEPS) + 1, 8):
        at = step / STEPS
        loss = 0.15 + 0.95 * math.exp(-at / (0.3 * epochs)) + 0.02 * rng.standard_normal()
        new = 0.3 + 0.8 * math.exp(-at / (0.25 * epochs)) + (0.5 * max(0, at / epochs - 0.4) if memorises else 0)
        ended = step % STEPS == 0
        rows.append(f"{step},{math.ceil(at)},{loss:.6f},{f'{new + 0.01 * rng.standard_normal():.6f}' if ended else ''}")
    _replace(stage / "metrics.csv", "\n".join(rows) + "\n")


def write(file: Path, content: object) -> None:
    _replace(file, json.dumps(content))


def _replace(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(text)
    part.replace(file)


def run(
    folder: Path,
    done: Sequence[float],
    status: dict | None = None,
    stages: Sequence[tuple[str, int]] = STAGES,
    *,
    title: str = "Custom CNN in two stages",
    films: str = "--phantoms 60",
    seed: int = 0,
    memorises: bool = False,
    started: str = "2026-11-20T09:30:00+00:00",
) -> Path:
    """A run of ``stages`` (name, epochs) with so many epochs of each ``done``; status: what ``status.json`` says."""
    recipe = {"init": "random", "differences": DIFFERENCES}
    recipe["stages"] = [{"name": name, "epochs": epochs, "batch": BATCH} for name, epochs in stages]
    about = {"model": "custom-cnn", "title": title, "seed": 0, "device": "CPU, 2 threads", "started": started}
    command = f"python -m cxr_models train custom-cnn {films} --name {folder.name}"
    films_in = {"train": 48, "val": 12}
    write(folder / "run.json", {**about, "recipe": recipe, "data": "0" * 64, "films": films_in, "command": command})
    for number, ((name, epochs), part) in enumerate(zip(stages, done, strict=False)):
        curve(folder / name, epochs, part, 10 * seed + number, memorises and number + 1 == len(stages))
        if part == epochs:
            took = {"minutes": 1.2, "epochs": epochs, "films": epochs * STEPS * BATCH, "val_loss": 0.4}
            write(folder / name / "stage.json", took)
    if status is not None:
        write(folder / "status.json", {"pid": 1, "time": time.time(), **status})
    return folder


def training(pid: int, number: int = 2, epoch: int = 4, left: float = 170.0) -> dict:
    """``status.json`` of a run in the middle of a stage."""
    name, epochs = STAGES[number - 1]
    where = {"stage": name, "number": number, "of": len(STAGES), "epoch": epoch, "epochs": epochs}
    return {"state": "training", "pid": pid, "step": 150, "steps": epochs * STEPS, "seconds_left": left, **where}
