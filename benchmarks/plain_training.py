"""The reference for training: a plain PyTorch loop. Eager float32; every film is decoded, resized and changed one by
one in a DataLoader with a worker a core; the same net, batch, loss and optimiser as the recipe's.

The changes are those of the recipes' augmentation in kind (moved, turned, sheared, scaled, mirrored, contrast, noise),
as torchvision has them. Films are opened in grey, and their grey values are not stretched: less work than ours.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, mse_loss
from torch.utils.data import DataLoader, Dataset
from torchvision import tv_tensors
from torchvision.transforms import v2

from cxr_models.imaging.preprocess import InputSpec
from cxr_models.training.plan import now
from cxr_models.training.recipes import Stage
from cxr_models.training.stage import Material
from cxr_models.training.tasks import dice_loss

Batch = list[Tensor]  # films (n, 1, s, s) in [0, 1], labels (n,), and for a net that needs them masks (n, 1, s, s)


def changes(stage: Stage, store: int) -> v2.Compose:
    """A film and its mask, uint8 of any size -> float32 of the stage's size, films in [0, 1], masks 0 or 255."""
    steps = [
        v2.Resize((store, store) if stage.crop else (stage.size, stage.size)),
        v2.RandomAffine(10, (0.03, 0.03), (0.85, 1.15), 5.7, v2.InterpolationMode.BILINEAR),
        v2.RandomHorizontalFlip(),
        *([v2.RandomCrop(stage.size)] if stage.crop else []),
        v2.ColorJitter(0.2, 0.4),
        v2.ToDtype(torch.float32, scale=True),
        v2.GaussianNoise(0.0, 0.02),
        v2.ToPureTensor(),
    ]
    return v2.Compose(steps)


class Files(Dataset[tuple[Tensor, ...]]):
    """Film, label and, where ``given`` has them, lung mask of each training row, read from its files at each turn."""

    def __init__(self, root: Path, given: Material, change: Callable):
        rows = given.rows[given.rows.split == "train"]
        self.films, self.masks = ([root / name for name in rows[column]] for column in ("path", "mask"))
        assert given.films.labels is not None, "the benchmark's films have labels"
        self.labels, self.masked, self.change = given.films.labels, given.films.masks is not None, change

    def __len__(self) -> int:
        return len(self.films)

    def __getitem__(self, row: int) -> tuple[Tensor, ...]:
        film = tv_tensors.Image(_opened(self.films[row]))
        if not self.masked:
            return self.change(film), self.labels[row]
        film, mask = self.change(film, tv_tensors.Mask(_opened(self.masks[row])))
        return film, self.labels[row], mask / 255


def _opened(file: Path) -> Tensor:
    """(1, H, W) uint8."""
    return v2.functional.pil_to_tensor(Image.open(file).convert("L"))


def loader(files: Files, batch: int) -> DataLoader:
    pin = torch.cuda.is_available()
    workers = len(os.sched_getaffinity(0))
    return DataLoader(files, batch, shuffle=True, num_workers=workers, pin_memory=pin, drop_last=True)


def _reconstruct(net: Any, x: Tensor, _: Tensor) -> Tensor:
    return mse_loss(net.reconstruct(x), x)


def _classify(net: Any, x: Tensor, labels: Tensor) -> Tensor:
    return cross_entropy(net(x), labels)


def _segment(net: Any, x: Tensor, masks: Tensor) -> Tensor:
    logits = net(x)
    return dice_loss(logits, masks) + 0.5 * binary_cross_entropy_with_logits(logits, masks)


def loss(net: nn.Module, task: str, spec: InputSpec, batch: Batch) -> Tensor:
    """The loss of ``tasks.TASKS[task]`` for a batch that lies on the device of ``net``."""
    x, labels, *masks = batch
    if task == "Classify" and masks:
        x = x * masks[0]
    mean, std = (torch.tensor(values, device=x.device).view(1, -1, 1, 1) for values in (spec.mean, spec.std))
    how, target = {
        "Reconstruct": (_reconstruct, labels),
        "Classify": (_classify, labels),
        "Segment": (_segment, (masks or [labels])[0]),
    }[task]
    return how(net, (x - mean) / std, target)


def speed(net: nn.Module, stage: Stage, spec: InputSpec, batches: Iterable[Batch], warm: int) -> float:
    """Films a second of training on ``batches``, the first ``warm`` of them not counted."""
    device = next(net.parameters()).device
    weights = [p for p in net.train().parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, stage.lr, weight_decay=stage.weight_decay)
    films, began = 0, 0.0
    for number, batch in enumerate(batches):
        if number == warm:
            films, began = 0, now(device)
        optimizer.zero_grad()
        loss(net, stage.task, spec, [t.to(device, non_blocking=True) for t in batch]).backward()
        optimizer.step()
        films += len(batch[0])
    return films / (now(device) - began)
