"""How fast the recipes train: films a second and the share of the chip's matrix peak, against a plain PyTorch loop.

    python -m benchmarks.training [--films DIR] [--device cpu|cuda] [--out FILE] [--quick]

Ours is what ``train`` runs: films decoded once to uint8, augmented in batches on the device, bf16, Lightning's loop
with its checkpoints, logs and curves. The plain loop is ``benchmarks/plain_training.py``. Both train the same net on
the same batch size in turn, in one process; the first steps of each round are not counted, figures are medians over
rounds, ratios are taken round by round. The peak is the best of several bf16 matrix products, timed in every round;
operations are counted by PyTorch, forward and backward. --films: a folder of JPEG films; without it, drawn ones.
--device: that one alone, else the GPU where there is one, and always the CPU. --quick: small batches, few steps, to
see that it works; its figures are printed, not kept.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from torch.utils.data import DataLoader

from cxr_models.registry import build
from cxr_models.training import draws, recipes
from cxr_models.training.plan import now
from cxr_models.training.recipes import Recipe, Stage
from cxr_models.training.stage import Material, freeze, nearby, trainer_for
from cxr_models.training.tasks import TASKS, Task
from cxr_models.training.watch import Status

from . import growth, machine, operations, plain_training, training_films
from .panel import table

RESULTS = Path(__file__).parent / "results" / "training.json"
SIZES = (1000, 2000, 4000, 8000, 16000)


@dataclass(frozen=True)
class Length:
    """warm: steps not counted, in each of ``rounds``; drawn: films made where none are given; sizes: of the growth."""

    warm: int
    steps: int
    rounds: int
    drawn: int = 16
    sizes: tuple[int, ...] = SIZES
    batch: int = 10**9  # at most

    def films(self, stage: Stage) -> int:
        return (self.warm + self.steps) * stage.batch


LENGTHS = {"cpu": Length(2, 6, 3), "cuda": Length(16, 64, 3)}
QUICK = Length(1, 2, 2, drawn=4, sizes=(250, 500, 1000), batch=2)


@dataclass(frozen=True)
class Case:
    """A net and the stage of its recipe that is measured."""

    name: str
    recipe: Recipe
    stage: Stage


def cases(device: str, length: Length) -> list[Case]:
    """CAE pre-training as we do it and as the paper did; the last, full-sized stage of the others."""
    cae, hrnet, resnet, unet = (recipes.get(name) for name in ("cae", "hrnet", "resnet50", "unet"))
    whole = replace(cae.stages[0], size=cae.input.size, crop=False)
    lungs = replace(unet.stages[-1], batch=8 if device == "cuda" else 2)
    found = [
        Case("CAE pre-training, windows", cae, cae.stages[0]),
        Case("CAE pre-training, whole films", cae, whole),
        Case("HRNet", hrnet, hrnet.stages[-1]),
        Case("ResNet50", resnet, resnet.stages[-1]),
        Case("UNet", unet, lungs),
    ]
    return [replace(case, stage=shortened(case.stage, length)) for case in found]


def shortened(stage: Stage, length: Length) -> Stage:
    """One epoch of just the steps of a round."""
    stage = replace(stage, batch=min(stage.batch, length.batch), epochs=1, patience=0)
    return replace(stage, films=length.films(stage))


class Clock(Callback):
    """Seconds of an epoch's steps after the first ``warm``, the work of the device included."""

    def __init__(self, warm: int):
        self.warm, self.began, self.seconds = warm, 0.0, 0.0

    def on_train_batch_end(self, trainer, task, outputs, batch, batch_idx) -> None:
        if batch_idx + 1 == self.warm:
            self.began = now(task.device)
        if batch_idx + 1 == trainer.num_training_batches:
            self.seconds = now(task.device) - self.began


def ours(task: Task, given: Material, root: Path, length: Length) -> float:
    """Films a second of one round of the stage, as ``training.stage`` trains it, in a new folder below ``root``."""
    stage, clock, folder = task.stage, Clock(length.warm), Path(tempfile.mkdtemp(dir=root))
    trainer: Any = trainer_for(stage, given.ranks, folder, Status(folder, stage.name, 1, 1))
    trainer.callbacks.append(clock)
    task.films = nearby(given.films, trainer.strategy.root_device)
    task.net.to(memory_format=torch.channels_last)
    batches = draws.training(given.rows, stage, given.seed, given.ranks)
    trainer.fit(task, batches, draws.validation(given.rows, stage, given.ranks))
    return length.steps * stage.batch / clock.seconds


def measured(case: Case, given: Material, root: Path, device: str, length: Length) -> dict[str, Any]:
    """The row of one net: both loops, and the plain one without its loader, in turn. Their logs lie below ``root``."""
    stage = case.stage
    lightning.seed_everything(0, verbose=False)
    net = build(case.recipe.architecture, case.recipe.settings)
    freeze(net, stage.frozen)
    plain = deepcopy(net).to(device)
    task = TASKS[stage.task](net, stage, given.spec, given.films, given.seed)
    files = plain_training.Files(root, given, plain_training.changes(stage, case.recipe.store))
    batch = [t.to(device) for t in next(iter(DataLoader(files, stage.batch)))]
    each = operations.a_film(plain, stage.task, given.spec, batch)

    def by_hand(batches: Iterable[plain_training.Batch]) -> float:
        return plain_training.speed(plain, stage, given.spec, batches, length.warm)

    contestants: dict[str, Callable[[], float]] = {
        "peak": lambda: operations.peak(device),
        "ours": lambda: ours(task, given, root, length),
        "plain": lambda: by_hand(plain_training.loader(files, stage.batch)),
        "plain_net": lambda: by_hand(repeat(batch, length.warm + length.steps)),
    }
    return row(case, each, in_turn(contestants, length.rounds))


def in_turn(contestants: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each contestant reached in each round."""
    reached: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            reached[name].append(run())
    return reached


def row(case: Case, each: int, reached: dict[str, list[float]]) -> dict[str, Any]:
    """Medians over rounds, ratios and shares being taken in each. each: operations a film."""
    rounds = [dict(zip(reached, values, strict=True)) for values in zip(*reached.values(), strict=True)]
    ratios = [one["ours"] / one["plain"] for one in rounds]
    return {
        "net": case.name,
        "size": case.stage.size,
        "batch": case.stage.batch,
        "gflop_a_film": round(each / 1e9, 2),
        **{f"{name}_films_s": median(reached[name]) for name in ("ours", "plain", "plain_net")},
        "ratio": median(ratios),
        "ratio_least": round(min(ratios), 2),
        "ratio_most": round(max(ratios), 2),
        "ratio_net": median([one["ours"] / one["plain_net"] for one in rounds]),
        "peak_tflops": median([one["peak"] / 1e12 for one in rounds]),
        "share": median([one["ours"] * each / one["peak"] for one in rounds]),
        "plain_share": median([one["plain"] * each / one["peak"] for one in rounds]),
    }


def median(values: list[float]) -> float:
    """With three digits or more."""
    return float(f"{statistics.median(values):.4g}")


def whole(device: str, films: Path | None, length: Length, quick: bool) -> dict[str, Any]:
    """Everything measured on one device."""
    found: dict[str, Any] = {"machine": machine.described(), "date": datetime.now(UTC).isoformat(timespec="seconds")}
    if device == "cuda":
        found["machine"]["gpu"] = torch.cuda.get_device_name()
    found |= {"films": "real" if films else "drawn", "quick": quick, "length": asdict(length), "speed": []}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = training_films.drawn(root, length.drawn)
        files = training_films.given(films, root, files["mask"]) if films else files
        for case in cases(device, length):
            given = training_films.material(files, root, case.recipe, length.films(case.stage))
            found["speed"].append(measured(case, given, root, device, length))
            print(table(found["speed"][-1:]), flush=True)
    found["growth"] = growth.measured(length.sizes, device)
    return found | {"growth_fitted": growth.fitted(found["growth"]), "load_after": round(os.getloadavg()[0], 2)}


def apart(device: str, films: Path | None, quick: bool) -> dict[str, Any]:
    """``whole`` in a process of its own, to which the GPU is hidden where the CPU is measured."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.json"
        command = [sys.executable, "-m", "benchmarks.training", "--device", device, "--child", "--out", str(out)]
        command += (["--films", str(films)] if films else []) + (["--quick"] if quick else [])
        hidden = {"CUDA_VISIBLE_DEVICES": ""} if device == "cpu" else {}
        if subprocess.run(command, env=os.environ | hidden).returncode:
            raise SystemExit(f"The measurement on {device} ended early: its reason stands above.")
        return json.loads(out.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=Path, metavar="DIR", help="folder of JPEG films; drawn ones if left out")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="this one alone; if left out, all there are")
    parser.add_argument("--out", type=Path, help=f"{RESULTS.name} of benchmarks/results, unless --quick")
    parser.add_argument("--quick", action="store_true", help="a trial: figures that mean nothing")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("There is no GPU here that PyTorch can use: leave --device out, or give --device cpu.")
    if args.child:
        length = QUICK if args.quick else LENGTHS[args.device]
        args.out.write_text(json.dumps(whole(args.device, args.films, length, args.quick)))
        return
    devices = [args.device] if args.device else ["cuda", "cpu"] if torch.cuda.is_available() else ["cpu"]
    found = {device: apart(device, args.films, args.quick) for device in devices}
    for device, part in found.items():
        print(f"\n{device}: {json.dumps(part['machine'])}")
        print(*(table(part[name]) for name in ("speed", "growth", "growth_fitted")), sep="\n\n")
    keep(found, args.out or (None if args.quick else RESULTS))


def keep(found: dict[str, Any], out: Path | None) -> None:
    """Into the file ``out``, beside what it holds of another device."""
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        before = json.loads(out.read_text()) if out.is_file() else {}
        out.write_text(json.dumps(before | found, indent=1) + "\n")


if __name__ == "__main__":
    main()
