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
from ...registry import LoadedModel
from ...types import Check, Map
from ..signature import Cancel, Progress, Question, stopped
from .again import likeness, remade
from .portion import portion

SEED = 0

Cascade = tuple[tuple[str, float], ...]


def cascade(made: Map, loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Cascade:
    """(What is shuffled, rank correlation in [-1, 1] of its map with ``made``), from the output on; 0 for no map.

    Works on a copy: the model that readers share stays as it is. Raises Cancelled.
    """
    with loaded.lock:  # no hook of another thread may be copied
        module = copy.deepcopy(loaded.module)
    draw = torch.Generator().manual_seed(SEED)
    found = []
    steps = parts(module)
    for i, (name, tensors) in enumerate(steps):
        stopped(cancelled)
        part = portion(progress, i / len(steps), (i + 1) / len(steps))
        part(0.0, f"Shuffling the network's weights: {name}")
        shuffle(tensors, draw)
        found.append((name, likeness(made, remade(made, plain(loaded, module, name), question, part, cancelled))))
    return tuple(found)


def judged(found: Cascade, limit: float) -> Check:
    """Passed when the wholly shuffled network's map is less alike than ``limit``, and less opposite: with random
    weights the sign is chance, so that a map of the film alone comes out either way round."""
    correlation = found[-1][1]
    passed = abs(correlation) < limit
    how = "another map" if passed else "a similar map" if correlation > 0 else "a similar map with the signs exchanged"
    end = "depends on" if passed else "says little about"
    sentence = (
        f"A network with shuffled weights draws {how} (likeness {correlation:.2f} of 1): "
        f"this map {end} what the model learned."
    )
    return Check("random", passed, sentence, abs(correlation), limit)


def parts(module: Any) -> Sequence[tuple[str, list[Tensor]]]:
    """What is shuffled at each step: the head, the later half of the other tensors, the earlier half."""
    head = list(module.head.parameters())
    known = {id(tensor) for tensor in head}
    rest = [tensor for tensor in module.parameters() if id(tensor) not in known]
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
