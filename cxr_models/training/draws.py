"""Which films a batch holds: drawn by weight, from a seed and the epoch's number, and shared out among processes."""

import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader, Sampler, TensorDataset

from ..errors import TrainingError
from .ranks import Ranks
from .recipes import Stage
from .tasks import UNLABELLED

VALIDATED = 400  # films of the validation split at most


class Draws(Sampler[list[int]]):
    """Batches of one epoch: ``count`` rows without replacement, in batches of all processes together.

    Every process draws the same epoch and keeps its own share of each batch, every ``ranks.world``-th row: together
    they see what one process alone would.
    """

    def __init__(self, numbers: np.ndarray, weights: np.ndarray, count: int, batch: int, seed: int, ranks: Ranks):
        self.numbers, self.share = numbers, weights / weights.sum()
        self.count, self.batch, self.seed, self.ranks = min(count, len(numbers)), batch, seed, ranks
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Lightning calls it before each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.count // self.batch

    def __iter__(self):
        generator = np.random.default_rng((self.seed, self.epoch))
        rows = generator.choice(self.numbers, self.count, replace=False, p=self.share)
        for start in range(0, len(self) * self.batch, self.batch):
            yield self.ranks.part(rows[start : start + self.batch]).tolist()


def cell_weights(films: pd.DataFrame) -> np.ndarray:
    """One weight a film: the square root of its (source, label) cell, shared out. Small cells are seen more often, so
    that a class is not the collection most of it comes from."""
    size = films.groupby(["source", "label"]).path.transform("size").to_numpy(float)
    return 1 / np.sqrt(size)


def of_stage(rows: pd.DataFrame, stage: Stage, split: str) -> pd.DataFrame:
    """The rows of ``split`` that a stage learns from. Raises TrainingError where it has none."""
    fit = rows.label.isin(stage.labels) if stage.labels else (rows.label != "") | (stage.task in UNLABELLED)
    found = rows[(rows.split == split) & fit]
    if found.empty:
        wanted = f" labelled {' or '.join(stage.labels)}" if stage.labels else ""
        raise TrainingError(f"Stage {stage.name} has no {split} films{wanted}. Add a collection that has them.")
    return found


def training(rows: pd.DataFrame, stage: Stage, seed: int, ranks: Ranks) -> DataLoader:
    """Batches of row numbers, as lists; at least one batch, smaller than ``stage.batch`` where there are few films.

    Raises TrainingError for a batch that the processes cannot share equally.
    """
    chosen = of_stage(rows, stage, "train")
    batch = min(stage.batch, len(chosen) // ranks.world * ranks.world)
    if batch == 0 or stage.batch % ranks.world:
        raise TrainingError(
            f"A batch of {stage.batch} of {len(chosen)} films cannot be shared by {ranks.world} processes: start as "
            f"many processes as divide {stage.batch}."
        )
    count = min(stage.films or len(chosen), len(chosen))
    draws = Draws(chosen.index.to_numpy(), cell_weights(chosen), max(count, batch), batch, seed, ranks)
    return DataLoader(TensorDataset(torch.arange(len(rows))), batch_sampler=draws, collate_fn=_rows)


def validation(rows: pd.DataFrame, stage: Stage, ranks: Ranks) -> DataLoader:
    """Every k-th validation film, at most ``VALIDATED``, in the same batches at every epoch."""
    numbers = of_stage(rows, stage, "val").index.to_numpy()
    numbers = numbers[:: 1 + len(numbers) // VALIDATED]
    whole = numbers[: max(len(numbers) // ranks.world, 1) * ranks.world]
    return DataLoader(TensorDataset(torch.tensor(ranks.part(whole))), stage.batch, collate_fn=_rows)


def _rows(batch: list[tuple[torch.Tensor]]) -> torch.Tensor:
    return torch.stack([row for (row,) in batch])
