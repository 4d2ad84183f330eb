"""Training reads top to bottom: films -> stages -> checkpoints -> the network. Every finished stage is kept; a broken
run goes on from its last epoch."""

import json
import time
from pathlib import Path

import lightning
import numpy as np
import pandas as pd
import torch
from lightning.pytorch.callbacks import ModelCheckpoint, TQDMProgressBar
from lightning.pytorch.loggers import CSVLogger
from safetensors.torch import load_model, save_model
from torch import nn
from torch.utils.data import DataLoader, Sampler

from ..errors import TrainingError
from ..imaging.preprocess import InputSpec
from ..registry import build
from .recipes import Recipe, Stage
from .settle import settle
from .store import films_at, lungs_at, masks_at
from .tasks import TASKS, Films


class Draws(Sampler[int]):
    """Row numbers of one epoch, drawn by weight without replacement from a seed and the epoch's number."""

    def __init__(self, weights: np.ndarray, count: int, seed: int):
        self.weights, self.count, self.seed, self.epoch = weights, min(count, len(weights)), seed, 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return self.count

    def __iter__(self):
        generator = np.random.default_rng((self.seed, self.epoch))
        share = self.weights / self.weights.sum()
        return iter(generator.choice(len(share), self.count, replace=False, p=share).tolist())


def cell_weights(films: pd.DataFrame) -> np.ndarray:
    """One weight a film: the square root of its (source, label) cell, shared out. Small cells are seen more often, so
    that a class is not the collection most of it comes from."""
    size = films.groupby(["source", "label"]).path.transform("size").to_numpy(float)
    return 1 / np.sqrt(size)


def wanted(index: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """Training and validation rows this recipe learns from: with masks for lungs, with a known label for classes."""
    rows = index[index.split.isin(("train", "val"))]
    rows = rows[rows["mask"] != ""] if recipe.classes == ("lungs",) else rows[rows.label != ""]
    if rows.empty or set(rows.split) != {"train", "val"}:
        raise TrainingError(f"The index has no films to train {recipe.id} on. Build it again from whole collections.")
    return rows.reset_index(drop=True)


def gather(rows: pd.DataFrame, recipe: Recipe, root: Path, cache: Path) -> Films:
    """The films a recipe needs, decoded or from the cache, with labels and masks: known ones, or the UNet's lungs."""
    grey = films_at(rows, root, recipe.store, cache)
    if recipe.classes == ("lungs",):
        return Films(grey, masks=masks_at(rows, root, recipe.store, cache))
    other = len(recipe.classes) - 1
    labels = [recipe.classes.index(name) if name in recipe.classes else other for name in rows.label]
    lungs = lungs_at(rows, root, recipe.store, cache) if recipe.input.region == "lungs" else None
    return Films(grey, torch.tensor(labels), lungs)


def loader(rows: pd.DataFrame, stage: Stage, seed: int, split: str) -> DataLoader:
    """Batches of row numbers: drawn by weight for training; for validation every k-th, at most 400."""
    chosen = rows[(rows.split == split) & (rows.label.isin(stage.labels) if stage.labels else True)]
    numbers = chosen.index.to_numpy()
    if split == "val":
        return DataLoader(numbers[:: 1 + len(numbers) // 400], stage.batch)
    draws = Draws(cell_weights(chosen), stage.films or len(chosen), seed)
    return DataLoader(numbers, stage.batch, sampler=draws, drop_last=True)


def freeze(net: nn.Module, names: tuple[str, ...]) -> dict[str, bool]:
    """Stop the named submodules from learning; returns what learned before, for ``restore``."""
    before = {name: p.requires_grad for name, p in net.named_parameters()}
    for name in names:
        net.get_submodule(name).requires_grad_(False)
    return before


def fit(
    net: nn.Module, stage: Stage, spec: InputSpec, rows: pd.DataFrame, films: Films, folder: Path, seed: int
) -> dict:
    """One stage, from its last checkpoint if there is one. Returns and stores what it took."""
    done, weights, last = folder / "stage.json", folder / "net.safetensors", folder / "last.ckpt"
    if done.is_file():
        load_model(net, str(weights))
        return json.loads(done.read_text())
    lightning.seed_everything(seed, verbose=False)
    before = freeze(net, stage.frozen)
    task = TASKS[stage.task](net.to(memory_format=torch.channels_last), stage, spec, films, seed)
    batches = loader(rows, stage, seed, "train")
    trainer = lightning.Trainer(
        max_epochs=stage.epochs,
        precision="bf16-mixed",
        callbacks=[ModelCheckpoint(folder, filename="last", enable_version_counter=False), TQDMProgressBar(20)],
        logger=CSVLogger(folder, name="", version=""),
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )
    started = time.monotonic()
    trainer.fit(task, batches, loader(rows, stage, seed, "val"), ckpt_path=last if last.is_file() else None)
    for name, p in net.named_parameters():
        p.requires_grad_(before[name])
    took = {"minutes": round((time.monotonic() - started) / 60, 1), "films": stage.epochs * len(batches) * stage.batch}
    took["val_loss"] = round(float(trainer.callback_metrics["val_loss"]), 4)
    save_model(net, str(weights))
    done.write_text(json.dumps(took))
    return took


def train(
    recipe: Recipe, index: pd.DataFrame, root: Path, runs: Path, seed: int = 0, cache: Path | None = None
) -> nn.Module:
    """All stages of a recipe. Raises TrainingError; run again to go on where it stopped.

    cache: folder of decoded films, ``runs/cache`` if None.
    """
    lightning.seed_everything(seed, verbose=False)
    net = build(recipe.architecture, recipe.settings)
    rows = wanted(index, recipe)
    films = gather(rows, recipe, root, cache or runs / "cache")
    for stage in recipe.stages:
        print(f"{recipe.id}: stage {stage.name}", flush=True)
        print(fit(net, stage, recipe.input, rows, films, runs / recipe.id / stage.name, seed), flush=True)
    settle(net, recipe.stages[-1], recipe.input, rows, films, seed)
    return net
