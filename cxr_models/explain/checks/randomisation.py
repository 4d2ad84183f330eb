"""Does the map depend on what the network learned? Cascading randomisation (Adebayo 2018, section 3.1).

The weights are shuffled within each tensor from the output backwards, in three steps that add up, and the map is made
again after each. A method that still draws the same map shows the film, not what the network knows of it. Published
methods have failed this without anybody seeing it in the maps.
"""

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...engine import Engine
from ...inference import Inputs
from ...registry import LoadedModel
from ...types import Check, Map
from ..scene import shown_alone
from ..signature import Cancel, Progress, Question, stopped
from .again import likeness, remade
from .company import FOR_EVERY_CLASS
from .portion import portion

SEED = 0

Cascade = tuple[tuple[str, float | None], ...]


def cascade(made: Map, loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Cascade:
    """(What is shuffled, rank correlation in [-1, 1] of its map with ``made``), from the output on; None for no map.

    Works on a copy: the model that readers share stays as it is. Raises Cancelled.
    """
    with loaded.lock:  # no hook of another thread may be copied
        module = copy.deepcopy(loaded.module)
    draw = torch.Generator().manual_seed(SEED)
    found = []
    x = Inputs(question.film)(loaded.spec.input, question.lungs)
    whole = made.method in FOR_EVERY_CLASS  # such a map hangs also on weights that no answer needs
    steps = parts(module, list(module.parameters()) if whole else used(module, torch.from_numpy(x)))
    for i, (name, tensors) in enumerate(steps):
        stopped(cancelled)
        part = portion(progress, i / len(steps), (i + 1) / len(steps))
        part(0.0, f"Shuffling the network's weights: {name}")
        shuffle(tensors, draw)
        found.append((name, redrawn(made, plain(loaded, module, name), question, x, part, cancelled)))
    return tuple(found)


def redrawn(
    made: Map, other: LoadedModel, question: Question, x: np.ndarray, progress: Progress, cancelled: Cancel
) -> float | None:
    """Likeness of the map by the shuffled network ``other``, which reads the film as ``x``, for the same answer or,
    where it draws none for that, for the answer it now gives; None where it draws none at all."""
    where = shown_alone(question.lungs, other.spec.input)
    found = likeness(made, remade(made, other, question, progress, cancelled), where)
    if found is None:
        own = other.spec.classes[int(other.run(x)[0].argmax())]
        found = likeness(made, remade(made, other, replace(question, target=own), progress, cancelled), where)
    return found


def judged(found: Cascade, limit: float) -> Check:
    """Passed when the wholly shuffled network's map is less alike than ``limit``, and less opposite: with random
    weights the sign is chance, so that a map of the film alone comes out either way round. None where it has no map."""
    correlation = found[-1][1]
    if correlation is None:
        sentence = (
            "A network with shuffled weights draws no map at all: whether this map depends on what the model learned "
            "cannot be tested."
        )
        return Check("random", None, sentence, float("nan"), limit)
    passed = abs(correlation) < limit
    how = "another map" if passed else "a similar map" if correlation > 0 else "a similar map with the signs exchanged"
    end = "depends on" if passed else "says little about"
    sentence = (
        f"A network with shuffled weights draws {how} (likeness {correlation:.2f} of 1): "
        f"this map {end} what the model learned."
    )
    return Check("random", passed, sentence, abs(correlation), limit)


def used(module: Any, x: Tensor) -> list[Tensor]:
    """The weights that move a logit of the input ``x`` (1, C, S, S): not those of a decoder beside the answer's way."""
    weights = list(module.requires_grad_().parameters())
    if not weights:
        return []
    with torch.enable_grad():
        gradients = torch.autograd.grad(module(x).sum(), weights, allow_unused=True)
    module.requires_grad_(False)
    return [weight for weight, gradient in zip(weights, gradients, strict=True) if gradient is not None]


def parts(module: Any, tensors: Sequence[Tensor]) -> Sequence[tuple[str, list[Tensor]]]:
    """What of ``tensors`` is shuffled at each step: the head, the later half of the others, the earlier half."""
    known = {id(tensor) for tensor in module.head.parameters()}
    head = [tensor for tensor in tensors if id(tensor) in known]
    rest = [tensor for tensor in tensors if id(tensor) not in known]
    half = len(rest) // 2
    return ("head", head), ("later half", rest[half:]), ("whole network", rest[:half])


@torch.no_grad()
def shuffle(tensors: Sequence[Tensor], draw: torch.Generator) -> None:
    """In place, each within itself, so that every tensor keeps the values it has."""
    for tensor in tensors:
        order = torch.randperm(tensor.numel(), generator=draw)
        tensor.copy_(tensor.flatten()[order].reshape(tensor.shape))


def plain(loaded: LoadedModel, module: Any, name: str) -> LoadedModel:
    """``module`` as a model that methods can use, in plain PyTorch: compiling it would take longer than one map.

    Other weights have another hash, so that nothing kept for the true ones is taken for these.
    """

    @torch.no_grad()
    def run(x: np.ndarray) -> np.ndarray:
        return module.features(torch.from_numpy(x)).numpy()

    other = hashlib.sha256(f"{loaded.spec.sha256} shuffled: {name}".encode()).hexdigest()
    return LoadedModel(replace(loaded.spec, sha256=other), module, Engine("PyTorch f32", run))
