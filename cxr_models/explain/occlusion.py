"""Occlusion (Zeiler and Fergus 2014): how the answer changes as a square of the film is blurred away, bit by bit."""

import numpy as np
import torch
from captum.attr import Occlusion
from torch import Tensor

from ..imaging.preprocess import to_film_frame
from ..registry import LoadedModel
from ..types import Map
from .scene import Scene, log_odds
from .signature import Cancel, Progress, Question, stopped

WINDOW, STRIDE = 1 / 7, 3 / 28  # of the side


def occlusion_map(loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Map:
    """Signed map of the class: the fall of its log odds when the place is covered; the mean where windows overlap.

    The network runs compiled, as it does when it reads the film. extra: "looks", how often it looked. Raises Cancelled.
    """
    scene, spec = Scene(loaded, question), loaded.spec
    channels, side = spec.input.channels, spec.input.size
    window, stride = max(1, round(side * WINDOW)), max(1, round(side * STRIDE))
    expected = (-(-(side - window) // stride) + 1) ** 2 + 1
    looks = 0

    def forward(x: Tensor) -> Tensor:
        nonlocal looks
        stopped(cancelled)
        progress(min(looks / expected, 1.0), f"Covering the film: place {looks} of {expected - 1}")
        looks += 1
        return log_odds(loaded.run(x.numpy())[0], scene.target, spec.temperature)

    with torch.no_grad():
        found = Occlusion(forward).attribute(
            scene.shown[None],
            sliding_window_shapes=(channels, window, window),
            strides=(channels, stride, stride),
            baselines=scene.reference[None],
        )
    return Map(
        values=to_film_frame(found[0].mean(0).numpy() * scene.inside, question.film.pixels.shape),
        model_id=spec.id,
        method="occlusion",
        target=question.target,
        signed=True,
        unit=f"fall of the log odds when a square of {window / side:.0%} of the side is blurred there",
        extra={"looks": np.asarray(looks)},
    )
