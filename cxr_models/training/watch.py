"""What Lightning calls while a stage runs: keep the best weights, stop at a loss that is no number, say how far."""

import json
import math
import time
from pathlib import Path

import torch
from lightning.pytorch.callbacks import Callback, TQDMProgressBar
from safetensors import safe_open
from safetensors.torch import save_model

from ..errors import TrainingError
from . import diary

EVERY = 50  # steps between two looks at the loss: each makes the GPU wait
SECONDS = 2.0  # between two writings of the status, and between two rows of the curve
COLUMNS = ("step", "epoch", "loss", "val_loss")


class NotANumber(TrainingError):
    """The loss is not a number any more."""


class Watch(Callback):
    """Raises NotANumber before such weights can be kept."""

    def __init__(self, name: str):
        self.name, self.wrong = name, torch.tensor(False)

    def on_train_batch_end(self, trainer, task, outputs, batch, batch_idx) -> None:
        self.wrong = self.wrong.to(outputs["loss"].device) | ~outputs["loss"].isfinite()
        last = batch_idx + 1 == trainer.num_training_batches
        if (last or batch_idx % EVERY == 0) and self.wrong:
            raise NotANumber(f"{self.name}: the loss is not a number in epoch {trainer.current_epoch + 1}.")


class Best(Callback):
    """The weights with the least validation loss, as ``best.safetensors``, with that loss in the file's metadata."""

    def __init__(self, folder: Path):
        self.file = folder / "best.safetensors"

    def least(self) -> float:
        """The loss kept, infinite if there is none."""
        if not self.file.is_file():
            return math.inf
        with safe_open(self.file, "pt") as kept:
            return float(kept.metadata()["val_loss"])

    def on_validation_end(self, trainer, task) -> None:
        loss = float(trainer.callback_metrics["val_loss"])
        if trainer.is_global_zero and loss < self.least():
            part = self.file.with_suffix(".part")
            save_model(task.net, str(part), {"val_loss": repr(loss)})
            part.replace(self.file)


class Bar(TQDMProgressBar):
    """A progress bar with the time left, and nothing of the logger's version."""

    def get_metrics(self, trainer, task):
        return {name: value for name, value in super().get_metrics(trainer, task).items() if name != "v_num"}


class Status(Callback):
    """``status.json`` of the run's folder, every few seconds: where it is, and how long this stage has left."""

    def __init__(self, folder: Path, stage: str, number: int, of: int):
        self.folder, self.place = folder, {"stage": stage, "number": number, "of": of}
        self.written, self.began, self.first = 0.0, 0.0, 0

    def on_train_start(self, trainer, task) -> None:
        self.began, self.first = time.monotonic(), trainer.global_step

    def on_train_batch_end(self, trainer, task, outputs, batch, batch_idx) -> None:
        if trainer.is_global_zero and time.monotonic() - self.written > SECONDS:
            self.written = time.monotonic()
            diary.write(self.folder, "training", **self.place, **self.far(trainer))

    def far(self, trainer) -> dict[str, float]:
        steps, done = int(trainer.estimated_stepping_batches), trainer.global_step
        rate = (done - self.first) / max(time.monotonic() - self.began, 1e-6)
        left = (steps - done) / rate if rate else 0.0
        epochs = {"epoch": trainer.current_epoch + 1, "epochs": trainer.max_epochs}
        return {**epochs, "step": done, "steps": steps, "seconds_left": round(left, 1)}


class Curve(Callback):
    """``metrics.csv`` of a stage: step, epoch, mean loss since the row before, validation loss where an epoch ends.

    Rows after the checkpoint from which a run goes on are taken out: those steps are done again.
    """

    def __init__(self, folder: Path):
        self.file, self.written, self.losses = folder / "metrics.csv", 0.0, list[torch.Tensor]()

    def on_train_start(self, trainer, task) -> None:
        if trainer.is_global_zero:
            rows = self.file.read_text().splitlines()[1:] if self.file.is_file() else []
            kept = [row for row in rows if int(row.split(",")[0]) <= trainer.global_step]
            self.file.write_text("\n".join([",".join(COLUMNS), *kept]) + "\n")

    def on_train_batch_end(self, trainer, task, outputs, batch, batch_idx) -> None:
        self.losses.append(outputs["loss"].detach())
        last = batch_idx + 1 == trainer.num_training_batches
        if trainer.world_size == 1 and not last and time.monotonic() - self.written > SECONDS:
            self.row(trainer, "")  # several processes meet at an epoch's end only

    def on_train_epoch_end(self, trainer, task) -> None:
        self.row(trainer, f"{float(trainer.callback_metrics['val_loss']):.6f}")

    def row(self, trainer, val_loss: str) -> None:
        mean = trainer.strategy.reduce(torch.stack(self.losses).float().mean()) if self.losses else None
        loss = "" if mean is None else f"{mean.item():.6f}"
        self.written, self.losses = time.monotonic(), []
        if trainer.is_global_zero:
            with self.file.open("a") as lines:
                lines.write(f"{trainer.global_step},{trainer.current_epoch + 1},{loss},{val_loss}\n")


def finished(folder: Path) -> dict | None:
    """What a stage took, if it has ended."""
    file = folder / "stage.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
