"""One stage of a recipe: Lightning's loop, from its last checkpoint if there is one, to its best weights."""

import errno
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import lightning
import pandas as pd
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from safetensors.torch import load_model
from torch import nn

from ..errors import TrainingError
from ..imaging.preprocess import InputSpec
from . import draws
from .ranks import Ranks
from .recipes import Stage
from .tasks import TASKS, Films, Task
from .watch import Bar, Best, Curve, NotANumber, Status, Watch, finished

SLOWEST = 8.0  # at a loss that is not a number the learning rate is halved, at most to this part of it
FULL = ("No space left on device", "PytorchStreamWriter failed")
ROOM = 0.5  # of the GPU's free memory, for the films
logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # its hints at other products


class Material(NamedTuple):
    """What every stage of a run has in common. rows: of the index, in the order of ``films``."""

    rows: pd.DataFrame
    films: Films
    spec: InputSpec
    seed: int = 0
    ranks: Ranks = Ranks()


def run(net: nn.Module, stage: Stage, given: Material, folder: Path, status: Status) -> dict:
    """Train ``net`` and leave it with its weights of least validation loss. Returns, and stores, what it took.

    Called again, it goes on where it stopped, to the same weights. Raises TrainingError where the disk is full, the GPU
    is lost or too small, or the loss is not a number however slowly it learns.
    """
    took = finished(folder)
    if took is None:
        folder.mkdir(parents=True, exist_ok=True)
        learned = freeze(net, stage.frozen)
        took = _halving(net, stage, given, folder, status)
        for name, p in net.named_parameters():
            p.requires_grad_(learned[name])
    load_model(net.cpu(), str(folder / "best.safetensors"))
    return took


def freeze(net: nn.Module, names: tuple[str, ...]) -> dict[str, bool]:
    """Stop the named submodules from learning; returns what learned before."""
    before = {name: p.requires_grad for name, p in net.named_parameters()}
    for name in names:
        net.get_submodule(name).requires_grad_(False)
    return before


def _halving(net: nn.Module, stage: Stage, given: Material, folder: Path, status: Status) -> dict:
    """Fit; where the loss is not a number, go on from the last checkpoint at half the learning rate."""
    first, file = {name: t.clone() for name, t in net.state_dict().items()}, folder / "slower"
    while True:
        slower = float(file.read_text()) if file.is_file() else 1.0
        net.load_state_dict(first)
        try:
            with told(stage, folder):
                return _fit(_task(net, stage, given, slower), given, folder, status)
        except NotANumber as error:
            if slower == SLOWEST or given.ranks.world > 1:
                raise TrainingError(f"{error} Lower lr in the recipe and start it again.") from error
            file.write_text(str(2 * slower))
            print(f"{error} It goes on from the last checkpoint, at lr {stage.lr / 2 / slower:g}.", flush=True)


def _task(net: nn.Module, stage: Stage, given: Material, slower: float) -> Task:
    return TASKS[stage.task](net, stage, given.spec, given.films, given.seed, given.ranks, slower)


def _fit(task: Task, given: Material, folder: Path, status: Status) -> dict:
    batches, last = draws.training(given.rows, task.stage, given.seed, given.ranks), folder / "last.ckpt"
    trainer = trainer_for(task.stage, given.ranks, folder, status)
    task.films = nearby(task.films, trainer.strategy.root_device)
    task.net.to(memory_format=torch.channels_last)
    started = time.monotonic()
    trainer.fit(
        task,
        batches,
        draws.validation(given.rows, task.stage, given.ranks),
        ckpt_path=last if last.is_file() else None,
        weights_only=True,
    )
    if trainer.interrupted:
        raise KeyboardInterrupt
    shown = min(task.stage.batch, len(draws.of_stage(given.rows, task.stage, "train")))
    took = {
        "minutes": round((time.monotonic() - started) / 60, 2),
        "epochs": trainer.current_epoch,
        "films": trainer.global_step * shown,
        "val_loss": round(Best(folder).least(), 4),
        "lr_divided_by": task.slower,
    }
    if given.ranks.first:
        (folder / "stage.json").write_text(json.dumps(took))
    return took


def trainer_for(stage: Stage, ranks: Ranks, folder: Path, status: Status) -> lightning.Trainer:
    """bf16, a checkpoint an epoch, curves as CSV and for TensorBoard; on all processes of torchrun, or this one."""
    callbacks: list[Callback] = [Watch(stage.name), Best(folder), Curve(folder), status, Bar(20)]
    callbacks += [EarlyStopping("val_loss", patience=stage.patience)] if stage.patience else []
    callbacks += [ModelCheckpoint(folder, filename="last", enable_version_counter=False)]
    several: dict[str, Any] = {"devices": 1}
    if ranks.world > 1:
        nodes = ranks.world // ranks.local
        several = {"devices": ranks.local, "num_nodes": nodes, "strategy": "ddp_find_unused_parameters_true"}
        several |= {"sync_batchnorm": torch.cuda.is_available()}
    return lightning.Trainer(
        max_epochs=stage.epochs,
        precision="bf16-mixed",
        callbacks=callbacks,
        logger=TensorBoardLogger(folder, name="", version="tensorboard"),
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        benchmark=True,  # every batch has the same shape
        enable_model_summary=False,
        log_every_n_steps=1,
        **several,
    )


def nearby(films: Films, device: torch.device) -> Films:
    """The films on the GPU where they fit, so that no batch waits for them."""
    if device.type != "cuda" or films.size() > ROOM * torch.cuda.mem_get_info(device)[0]:
        return films
    return films.on(device)


@contextmanager
def told(stage: Stage, folder: Path) -> Iterator[None]:
    """Failures of the machine as one sentence that says how to go on."""
    again = f"The last checkpoint in {folder} is kept: give the same command again to go on from it."
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise TrainingError(
            f"Stage {stage.name}: a batch of {stage.batch} films does not fit into the GPU's memory. Lower batch in "
            "the recipe, or start more processes with torchrun."
        ) from error
    except (OSError, RuntimeError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC or any(words in str(error) for words in FULL):
            raise TrainingError(f"Stage {stage.name}: the disk is full. Make room. {again}") from error
        if "CUDA error" in str(error) or "NCCL" in str(error):
            raise TrainingError(
                f"Stage {stage.name}: the GPU is lost ({str(error).splitlines()[0]}). {again}"
            ) from error
        raise
