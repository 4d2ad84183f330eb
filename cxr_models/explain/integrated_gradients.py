"""Integrated gradients (Sundararajan 2017, eq. 1-2): each pixel's share of the way from the blurred film to the film.

The path begins at the blurred film, not at black: against black a dark place, such as a pneumothorax, could never
matter. By completeness the map sums to the difference of the log odds between film and blurred film.
"""

import numpy as np
import torch
from captum.attr import IntegratedGradients
from scipy.ndimage import gaussian_filter
from torch import Tensor

from ..engine import has_bf16
from ..imaging.preprocess import to_film_frame
from ..registry import LoadedModel
from ..types import Map
from .scene import AT, Scene, log_odds
from .signature import Cancel, Progress, Question, stopped

STEPS, BATCH = 24, 4
SMOOTH = 2  # pixels at 224: single pixels of a gradient are noise to the eye; smoothing keeps their sum


def integrated_gradients_map(loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Map:
    """Signed map of the class: positive = evidence for it.

    extra: "from" and "to", the log odds of the blurred film and of the film; "sum" of the map before smoothing, their
    difference but for what ``STEPS`` steps of the integral miss. Raises Cancelled.
    """
    scene, spec = Scene(loaded, question), loaded.spec
    bf16 = spec.precision == "bf16" and has_bf16()  # elsewhere the sum would miss the difference by a third
    done = 0

    def forward(x: Tensor) -> Tensor:
        nonlocal done
        stopped(cancelled)
        progress(min(done / STEPS, 1.0), f"Following the film out of the blur: step {min(done, STEPS)} of {STEPS}")
        done += len(x)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16 and torch.is_grad_enabled()):
            logits = loaded.module(x.contiguous(memory_format=torch.channels_last)).float()
        return log_odds(logits, scene.target, spec.temperature)

    with torch.enable_grad():
        found = IntegratedGradients(forward).attribute(
            scene.shown[None], scene.reference[None], n_steps=STEPS, internal_batch_size=BATCH
        )
        with torch.no_grad():
            start, end = forward(torch.stack([scene.reference, scene.shown])).tolist()
    square = found[0].sum(0).detach().numpy().astype(np.float32)
    side = spec.input.size
    return Map(
        values=to_film_frame(gaussian_filter(square, SMOOTH * side / AT, mode="reflect"), question.film.pixels.shape),
        model_id=spec.id,
        method="integrated_gradients",
        target=question.target,
        signed=True,
        unit=f"contribution to the log odds of one pixel of {side} x {side}, smoothed",
        extra={name: np.asarray(v, np.float32) for name, v in {"from": start, "to": end, "sum": square.sum()}.items()},
    )
