"""What a network learns: one Lightning module a task. Films are one uint8 tensor; a batch is a list of row numbers."""

from typing import Any, NamedTuple

import lightning
import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, binary_cross_entropy_with_logits, cross_entropy, mse_loss

from ..architectures.decoder import Decoder
from ..imaging.preprocess import InputSpec
from .augment import PRESETS, Drawn, draw, tone, warp
from .ranks import Ranks
from .recipes import Stage
from .schedule import configured


class Films(NamedTuple):
    """What a stage learns from: grey (N, S, S) uint8; as the task needs, labels (N,) int64, -1 for none; masks
    (N, S, S) uint8; healthy (N,) int64, 1 for a film labelled normal."""

    grey: Tensor
    labels: Tensor | None = None
    masks: Tensor | None = None
    healthy: Tensor | None = None

    def size(self) -> int:
        """Bytes of all of it."""
        return sum(t.numel() * t.element_size() for t in self if t is not None)

    def on(self, device: torch.device) -> "Films":
        """The same, held on ``device``."""
        return self._replace(**{name: t.to(device) for name, t in self._asdict().items() if t is not None})


class Task(lightning.LightningModule):
    """Common to all tasks: gathering and augmenting a batch, optimiser and schedule of the stage.

    slower: the stage's learning rate is divided by it, after a loss that was not a number.
    """

    net: Any
    loss: Any  # of a batch of row numbers; every task has its own

    def __init__(
        self,
        net: nn.Module,
        stage: Stage,
        spec: InputSpec,
        films: Films,
        seed: int,
        ranks: Ranks = Ranks(),  # noqa: B008 - frozen
        slower: float = 1.0,
    ):
        super().__init__()
        self.net, self.stage, self.spec, self.films = net, stage, spec, films
        self.seed, self.ranks, self.slower = seed, ranks, slower

    def on_train_epoch_start(self) -> None:
        """Dropout is drawn from the epoch's number, so that a run that goes on draws what an unbroken one does; batch
        norms of what does not learn keep their statistics."""
        for name in self.stage.frozen:
            self.net.get_submodule(name).eval()
        torch.manual_seed(self.seed * 1_000_003 + self.current_epoch * self.ranks.world + self.ranks.rank)

    def picture(self, stack: Tensor, rows: Tensor) -> Tensor:
        """Rows of a (N, S, S) uint8 stack -> (n, 1, s, s) float in [0, 1], s the stage's size (area averaging)."""
        x = stack[rows.to(stack.device)].to(self.device, non_blocking=True).unsqueeze(1).float() / 255
        return x if self.stage.crop or x.shape[-1] == self.stage.size else adaptive_avg_pool2d(x, self.stage.size)

    def generator(self) -> torch.Generator:
        return torch.Generator().manual_seed(self.seed * 1_000_003 + self.global_step)

    def crop(self, x: Tensor) -> Tensor:
        """A random window of the stage's size at the film's own scale, one place a batch."""
        room = x.shape[-1] - self.stage.size + 1
        if not self.stage.crop or not self.training:
            return x
        row, column = torch.randint(room, (2,), generator=self.generator()).tolist()
        return x[..., row : row + self.stage.size, column : column + self.stage.size]

    def drawn(self, count: int) -> Drawn:
        """What happens to this process's ``count`` films, drawn with those of all processes."""
        everyones = draw(count * self.ranks.world, PRESETS[self.stage.augment], self.generator())
        return everyones.part(slice(self.ranks.rank, None, self.ranks.world))

    def inputs(self, rows: Tensor) -> tuple[Tensor, Tensor | None]:
        """Augmented films (n, 1, s, s) in [0, 1] and, where the task has them, masks moved alike."""
        x = self.picture(self.films.grey, rows)
        masks = self.picture(self.films.masks, rows) if self.films.masks is not None else None
        if self.training and self.stage.augment:
            drawn = self.drawn(len(x))
            x = tone(warp(x, drawn), drawn)
            masks = warp(masks, drawn) if masks is not None else None
        return x, masks

    def normalised(self, x: Tensor) -> Tensor:
        """(n, 1, s, s) in [0, 1] -> (n, C, s, s) as the network takes it."""
        mean, std = (torch.tensor(v, device=self.device).view(1, -1, 1, 1) for v in (self.spec.mean, self.spec.std))
        return (x - mean) / std

    def training_step(self, rows: Tensor, _: int) -> Tensor:
        loss = self.loss(rows)
        several = self.ranks.world > 1
        self.log("loss", loss, prog_bar=True, on_step=False, on_epoch=True, batch_size=len(rows), sync_dist=several)
        return loss

    def validation_step(self, rows: Tensor, _: int) -> None:
        several = self.ranks.world > 1
        self.log("val_loss", self.loss(rows), prog_bar=True, batch_size=len(rows), sync_dist=several)

    def configure_optimizers(self):
        return configured(self, self.stage, int(self.trainer.estimated_stepping_batches), self.slower)


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
    """Pre-training on films without labels: mean squared error (CAE paper, eq. 4).

    The CAE has a decoder of its own; any other classifier gets one for the time of this stage.
    """

    def __init__(self, net: nn.Module, *others: Any, **named: Any):
        super().__init__(net, *others, **named)
        if not hasattr(net, "reconstruct"):
            with torch.no_grad():
                maps = self.net.eval().features(torch.zeros(1, self.spec.channels, self.stage.size, self.stage.size))
            self.net.train()
            self.decoder = Decoder(maps.shape[1], self.stage.size // maps.shape[-1], 1)

    def loss(self, rows: Tensor) -> Tensor:
        x = self.crop(self.inputs(rows)[0])
        given = self.normalised(x)
        if hasattr(self.net, "reconstruct"):
            return mse_loss(self.net.reconstruct(given).float(), given)
        return mse_loss(self.decoder(self.net.features(given), x.shape[-2:]).float(), x)


class Pyramid(Task):
    """One autoencoder of CoroNet: reconstruction plus latent term, lambda 1 (CoroNet paper, eq. 2-4)."""

    def loss(self, rows: Tensor) -> Tensor:
        x = self.crop(self.inputs(rows)[0])
        net = self.net.get_submodule(self.stage.part)
        y = net(x)
        return mse_loss(y.float(), x) + mse_loss(net.latent(y).float(), net.latent(x).float())


class Classify(Task):
    """Classes: cross-entropy; on the lungs alone where the films carry lung masks."""

    def targets(self, rows: Tensor) -> Tensor:
        assert self.films.labels is not None, "classes are learned from films with labels"
        return self.films.labels[rows.to(self.films.labels.device)].to(self.device)

    def logits(self, rows: Tensor) -> Tensor:
        x, masks = self.inputs(rows)
        return self.net(self.normalised(x if masks is None else x * (masks >= 0.5)))

    def loss(self, rows: Tensor) -> Tensor:
        logits, labels = self.logits(rows).float(), self.targets(rows)
        each = cross_entropy(logits, labels, reduction="none")
        return (each * self.importance(logits.shape[1])[labels]).mean() if self.stage.weighted else each.mean()

    def importance(self, classes: int) -> Tensor:
        """(K,) weight of each class, the inverse of its share of the labelled films; 1 on average over films."""
        assert self.films.labels is not None, "classes are learned from films with labels"
        counts = torch.bincount(self.films.labels[self.films.labels >= 0], minlength=classes).clamp(min=1)
        return (counts.sum() / (classes * counts)).to(self.device)


class Screen(Classify):
    """Healthy or not, by the network's own screening head (transfer learning study, model 1, first stage)."""

    def loss(self, rows: Tensor) -> Tensor:
        assert self.films.healthy is not None, "screening is learned from films with labels"
        x, _ = self.inputs(rows)
        healthy = self.films.healthy[rows.to(self.films.healthy.device)].to(self.device)
        return cross_entropy(self.net.screen(self.normalised(x)).float(), healthy)


class ClassifyResiduals(Classify):
    """CoroNet's classifier (CIN) on the residual tensor; both autoencoders stay as they are."""

    def logits(self, rows: Tensor) -> Tensor:
        x, _ = self.inputs(rows)
        with torch.no_grad():
            residuals = self.net.residuals(x)
        return self.net.cin(residuals.detach())


TASKS = {t.__name__: t for t in (Segment, Reconstruct, Pyramid, Classify, Screen, ClassifyResiduals)}
UNLABELLED = ("Segment", "Reconstruct")  # tasks that learn from films without a class, too
