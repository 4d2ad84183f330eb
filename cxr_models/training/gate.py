"""Training and measurement of the gate: one network for use, and four that never saw some kinds and some collections.

Similar kinds are left out together (both pictures of heads, all limbs), and with them whole collections of chest films:
what is caught or refused then is what the gate does with kinds and hospitals that nobody thought of.
"""

import datetime
import json
import time
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from safetensors.torch import load_model, save_model
from torch.nn.functional import cross_entropy

from .. import manifest, registry, weights
from ..architectures.gate_net import CLASSES, GateNet
from ..imaging.preprocess import InputSpec
from ..results import FOLDER, Evaluation
from .export import SPLIT
from .gate_measure import Measuring
from .gate_pool import QUOTA, SIZE, Pool, Sources, gather, make

INPUT = InputSpec(SIZE, 1, (0.5,), (0.25,))
BATCH, RATE = 64, 4e-3
COMMAND = "python -m cxr_models evaluate gate"
HEADLINE = ("all collections", "lateral", "ct", "inverted", "rotated")
NOTES = (
    "Frontal films of collections should not be refused; everything else should.",
    "Unseen: judged by networks trained without that kind or collection, and without the kinds most like it. Copies of"
    " a collection's films in the Radiography Database may remain. The UNet that finds the lungs knows Montgomery's and"
    " Shenzhen's training films.",
    "Limits were chosen on training and validation films and on the trainings that leave something out.",
)


class Fold(NamedTuple):
    """What one training leaves out, and its number of steps."""

    kinds: tuple[str, ...]
    sources: tuple[str, ...]
    steps: int = 400


WHOLE = "whole"
FOLDS = {
    "slices": Fold(("brain_mri", "ct"), ("nih", "figure1")),
    "heads": Fold(("dental_panoramic", "skull_ceph"), ("chest_xray", "montgomery")),
    "limbs": Fold(("hand", "upper_limb", "knee"), ("hannover", "shenzhen", "covid_cxnet")),
    "sides": Fold(("retina", "lateral"), ("radiography", "ieee8023")),
    WHOLE: Fold((), (), 900),
}


def tensor(pictures: np.ndarray) -> torch.Tensor:
    """(N, 64, 64) uint8 -> network input (N, 1, 64, 64)."""
    x = torch.from_numpy(pictures)[:, None].float() / 255
    return ((x - INPUT.mean[0]) / INPUT.std[0]).to(memory_format=torch.channels_last)


def fit(pool: Pool, fold: Fold, seed: int) -> GateNet:
    """AdamW, one cycle, cross-entropy with label smoothing 0.02; no more augmentation than the pool has."""
    torch.manual_seed(seed)
    numbers, draws = pool.without(fold.kinds, fold.sources), np.random.default_rng(seed)
    net = GateNet().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=fold.steps, pct_start=0.2)
    epochs = fold.steps * BATCH // len(numbers) + 1
    order = np.concatenate([draws.permutation(numbers) for _ in range(epochs)])
    for step in range(fold.steps):
        rows = order[step * BATCH : (step + 1) * BATCH]
        logits = net(tensor(pool.pictures[rows]))
        loss = cross_entropy(logits, torch.from_numpy(pool.truth[rows]), label_smoothing=0.02)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 70 == 69:
            print(f"  step {step + 1} of {fold.steps}: loss {loss.item():.3f}", flush=True)
    return net.eval()


@torch.no_grad()
def outputs(net: GateNet, pictures: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """(N, 64, 64) uint8 -> logits (N, 6) and feature maps (N, 192, 4, 4)."""
    maps = torch.cat([net.features(tensor(part)) for part in np.array_split(pictures, len(pictures) // 256 + 1)])
    return net.head(maps), maps


def remember(net: GateNet, pool: Pool, held_out: Pool, fold: Fold) -> None:
    """Fill the distance's buffers from the frontal films that this fold may see."""
    seen, others = (p.pictures[[i for i in p.without(fold.kinds, fold.sources) if p.kind[i] == "frontal"]]
                    for p in (pool, held_out))  # fmt: skip
    net.remember(*(outputs(net, pictures)[1].mean((2, 3)) for pictures in (seen, others)))


def trained(name: str, pool: Pool, held_out: Pool, folder: Path, seed: int) -> GateNet:
    """The network of one fold, from ``folder`` if it is there."""
    file, net = folder / f"{name}.safetensors", GateNet().eval()
    if file.is_file():
        load_model(net, str(file))
        return net
    print(f"gate: {name}", flush=True)
    started = time.monotonic()
    net = fit(pool, FOLDS[name], seed)
    remember(net, pool, held_out, FOLDS[name])
    save_model(net, str(file))
    file.with_suffix(".json").write_text(json.dumps({"minutes": round((time.monotonic() - started) / 60, 1)}))
    return net


def pooled(sources: Sources, split: str, folder: Path, seed: int) -> Pool:
    """The pool of a split, from ``folder`` if it is there."""
    file = folder / f"pool-{split}.npz"
    if not file.is_file():
        np.savez(file, **make(sources, split, seed)._asdict())
    with np.load(file) as kept:
        return Pool(**{name: kept[name] for name in Pool._fields})


def evaluate(nets: dict[str, GateNet], sources: Sources, root: Path) -> Evaluation:
    """Measure all folds and store ``weights/results/gate.json``; the UNet of the manifest finds the lungs."""
    measuring = Measuring(sources, root, INPUT)
    measures = measuring.seen(nets[WHOLE])
    for name, fold in FOLDS.items():
        measures += measuring.unseen(nets[name], fold.kinds, fold.sources)
    found = Evaluation(
        "gate",
        CLASSES,
        measures[0].n,
        "test films of nine public collections (at most 60 of each), pictures of other kinds, films spoilt by code",
        str(datetime.date.today()),
        COMMAND,
        (),
        {},
        tuple(measures),
        NOTES,
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "gate.json").write_text(json.dumps(asdict(found), indent=1) + "\n")
    return found


def export(net: GateNet, sources: Sources, minutes: float, seed: int, file: Path) -> manifest.ModelSpec:
    """Weights and the manifest's entry, without results yet."""
    bundled = "weights/gate.safetensors"
    sha256, size = weights.save(net, file.parent / bundled)
    real = sources.rows[sources.rows.split == "train"].source.tolist() + sources.kinds.tolist()
    seen = FOLDS[WHOLE].steps * BATCH
    spec = manifest.ModelSpec(
        id="gate",
        title="Gate",
        family="Gate",
        paper="none: a small network of this project",
        architecture="gate_net",
        bundled=bundled,
        sha256=sha256,
        size=size,
        licence="MIT",
        classes=CLASSES,
        precision="f32",
        limits="Learned on public films: it can refuse an unusual chest film, and let an unusual other picture pass.",
        input=INPUT,
        training=manifest.Training(
            data=dict(sorted(Counter(real).items())),
            films_seen=seen,
            epochs=round(seen / sum(QUOTA["train"].values()), 1),
            seed=seed,
            device="CPU, 2 cores",
            minutes=round(minutes, 1),
            shortened="",
            initialisation="random",
            split=SPLIT,
            date=datetime.date.today(),
        ),
    )
    manifest.update(file, spec)
    return spec


def networks(index: pd.DataFrame, root: Path, runs: Path, seed: int) -> tuple[dict[str, GateNet], Sources]:
    """All folds' networks, trained or (finished ones are kept in ``runs``/gate) loaded."""
    folder = runs / "gate"
    folder.mkdir(parents=True, exist_ok=True)
    sources = gather(index, root, folder)
    pool, held_out = pooled(sources, "train", folder, seed), pooled(sources, "val", folder, seed + 1)
    return {name: trained(name, pool, held_out, folder, seed) for name in FOLDS}, sources


def run(index: pd.DataFrame, root: Path, runs: Path, seed: int, file: Path) -> Evaluation:
    """Train and export; then measure, with the UNet of the manifest, and put the headline figures into the entry.

    Raises TrainingError without the pictures of other kinds, WeightsError or UnknownModel without the UNet.
    """
    nets, sources = networks(index, root, runs, seed)
    took = json.loads((runs / "gate" / f"{WHOLE}.json").read_text())
    spec = export(nets[WHOLE], sources, took["minutes"], seed, file)
    registry.clear()
    found = evaluate(nets, sources, root)
    results = tuple(
        manifest.Result(f"{m.name}, {m.about}", m.value, m.low, m.high, m.n, found.data, COMMAND)
        for m in found.measures
        if m.name == "refused" and m.about in HEADLINE
    )
    manifest.update(file, replace(spec, results=results))
    return found
