"""What a network learns: one Lightning module a task. Films are one uint8 tensor; a batch is a list of row numbers."""

from typing import Any

import lightning
import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, binary_cross_entropy_with_logits, cross_entropy, mse_loss

from ..imaging.preprocess import InputSpec
from .augment import draw, tone, warp
from .recipes import Stage


class Films:
    """What a stage learns from: grey (N, S, S) uint8; as the task needs, labels (N,) int64, masks (N, S, S) uint8."""

    def __init__(self, grey: Tensor, labels: Tensor | None = None, masks: Tensor | None = None):
        self.grey, self.labels, self.masks = grey, labels, masks


class Task(lightning.LightningModule):
    """Common to all tasks: gathering and augmenting a batch, optimiser and schedule of the stage."""

    net: Any
    loss: Any  # of a batch of row numbers; every task has its own

    def __init__(self, net: nn.Module, stage: Stage, spec: InputSpec, films: Films, seed: int):
        super().__init__()
        self.net, self.stage, self.spec, self.films, self.seed = net, stage, spec, films, seed

    def picture(self, stack: Tensor, rows: Tensor) -> Tensor:
        """Rows of a (N, S, S) uint8 stack -> (n, 1, s, s) float in [0, 1], s the stage's size (area averaging)."""
        x = stack[rows.cpu()].to(self.device, non_blocking=True).unsqueeze(1).float() / 255
        return x if self.stage.crop else adaptive_avg_pool2d(x, self.stage.size)

    def generator(self) -> torch.Generator:
        return torch.Generator().manual_seed(self.seed * 1_000_003 + self.global_step)

    def crop(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """A random window of the stage's size at the film's own scale, one place a batch."""
        room = x.shape[-1] - self.stage.size + 1
        if not self.stage.crop or not self.training:
            return x
        row, column = torch.randint(room, (2,), generator=generator).tolist()
        return x[..., row : row + self.stage.size, column : column + self.stage.size]

    def inputs(self, rows: Tensor) -> tuple[Tensor, Tensor | None]:
        """Augmented films (n, 1, s, s) in [0, 1] and, where the task has them, masks moved alike."""
        x = self.picture(self.films.grey, rows)
        masks = self.picture(self.films.masks, rows) if self.films.masks is not None else None
        if self.training and self.stage.augment:
            drawn = draw(len(x), self.stage.augment, self.generator())
            x = tone(warp(x, drawn), drawn)
            masks = warp(masks, drawn) if masks is not None else None
        return x, masks

    def training_step(self, rows: Tensor, _: int) -> Tensor:
        loss = self.loss(rows)
        self.log("loss", loss, prog_bar=True, on_step=False, on_epoch=True, batch_size=len(rows))
        return loss

    def validation_step(self, rows: Tensor, _: int) -> None:
        self.log("val_loss", self.loss(rows), prog_bar=True, batch_size=len(rows))

    def configure_optimizers(self):
        weights = [p for p in self.net.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(weights, self.stage.lr, weight_decay=self.stage.weight_decay)
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, self.stage.lr, total_steps=steps, pct_start=0.15)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def dice_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """1 - Dice in the squared form (HRNet paper, eq. 1), averaged over films. Both (N, 1, H, W)."""
    p = torch.sigmoid(logits.float())
    overlap = 2 * (p * masks).sum((1, 2, 3)) + 1
    return (1 - overlap / (p.square().sum((1, 2, 3)) + masks.square().sum((1, 2, 3)) + 1)).mean()


class Segment(Task):
    """Lungs: Dice loss (HRNet paper, section 4.2), with half a cross-entropy: Dice alone starts slowly."""

    def loss(self, rows: Tensor) -> Tensor:
        x, masks = self.inputs(rows)
        assert masks is not None, "lungs are learned from films with masks"
        logits = self.net(x)
        return dice_loss(logits, masks) + 0.5 * binary_cross_entropy_with_logits(logits.float(), masks)


class Reconstruct(Task):
    """CAE pre-training on films without labels: mean squared error (CAE paper, eq. 4)."""

    def loss(self, rows: Tensor) -> Tensor:
        x, _ = self.inputs(rows)
        x = self.crop(x, self.generator()).expand(-1, 3, -1, -1)
        return mse_loss(self.net.reconstruct(x).float(), x)


class Pyramid(Task):
    """One autoencoder of CoroNet: reconstruction plus latent term, lambda 1 (CoroNet paper, eq. 2-4)."""

    def loss(self, rows: Tensor) -> Tensor:
        x, _ = self.inputs(rows)
        x = self.crop(x, self.generator())
        net = self.net.get_submodule(self.stage.part)
        y = net(x)
        return mse_loss(y.float(), x) + mse_loss(net.latent(y).float(), net.latent(x).float())


class Classify(Task):
    """Classes: cross-entropy; on the lungs alone where the films carry lung masks."""

    def logits(self, rows: Tensor) -> Tensor:
        x, masks = self.inputs(rows)
        if masks is not None:
            x = x * (masks >= 0.5)
        mean, std = (torch.tensor(v, device=self.device).view(1, -1, 1, 1) for v in (self.spec.mean, self.spec.std))
        return self.net((x - mean) / std)

    def loss(self, rows: Tensor) -> Tensor:
        assert self.films.labels is not None, "classes are learned from films with labels"
        labels = self.films.labels[rows.cpu()].to(self.device)
        return cross_entropy(self.logits(rows).float(), labels)


class ClassifyResiduals(Classify):
    """CoroNet's classifier (CIN) on the residual tensor; both autoencoders stay as they are."""

    def logits(self, rows: Tensor) -> Tensor:
        x, _ = self.inputs(rows)
        self.net.healthy.eval()
        self.net.pneumonia.eval()
        with torch.no_grad():
            residuals = self.net.residuals(x)
        return self.net.cin(residuals.detach())


TASKS = {t.__name__: t for t in (Segment, Reconstruct, Pyramid, Classify, ClassifyResiduals)}
