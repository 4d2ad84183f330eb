"""From a finished run into the app: tried on the validation films, exported, calibrated, measured on the test films."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from torch import nn

from .. import manifest
from ..evaluation import report as printed
from ..evaluation.evaluate import calibrate, evaluate
from ..manifest import ModelSpec
from .export import export
from .recipes import BUNDLED, Recipe
from .trial import UNET, reading_from, validated, with_lungs


def shares(ids: Iterable[str], budget: float | None) -> dict[str, float | None]:
    """Seconds for each run, by what each is worth (``recipes.BUNDLED``, 1 for others); None without a budget."""
    weights = {name: BUNDLED.get(name, 1) for name in ids}
    return {name: budget and budget * weight / sum(weights.values()) for name, weight in weights.items()}


class Trained(NamedTuple):
    """A run that is done: the network with the recipe it followed, on the films of ``index`` below ``root``.

    runs: the folder of all runs, for what is remembered between them; folder: that of this one.
    """

    net: nn.Module
    recipe: Recipe
    index: pd.DataFrame
    root: Path
    runs: Path
    folder: Path
    seed: int

    def export(self, file: Path) -> ModelSpec:
        """Weights and entry into the manifest ``file``."""
        return export(self.net, self.recipe, self.index, self.folder, self.seed, file)


def admit(run: Trained, anyway: bool = False) -> bool:
    """Export into the manifest in use, calibrate and measure, unless the validation films speak for what it has.

    The test films have no say. anyway: export in any case. Returns whether it was exported; prints why.
    """
    name, file = run.recipe.id, manifest.in_use()
    if not anyway and not better(run):
        print(f"{name}: the weights in use are kept; --replace takes the new ones, which stay in {run.folder}.")
        return False
    if run.export(file).thresholds:
        calibrate(name, run.index, run.root, run.runs, file)
    print(printed.text(evaluate(name, run.index, run.root, run.runs, file)))
    return True


def better(run: Trained) -> bool:
    """Whether it is at least as good on the validation films as what the manifest in use has, if it has the model."""
    name, home = run.recipe.id, run.folder / "trial"
    used = manifest.specs().get(name)
    if used is None:
        return True
    file = with_lungs(home) if name != UNET else home / "weights_manifest.toml"
    spec = run.export(file)
    with reading_from(file):
        new = validated(spec, run.index, run.root, run.runs)
    old = validated(used, run.index, run.root, run.runs)
    print(f"{name}, validation films: {new:.4f} now, {old:.4f} with the weights in use.")
    return new >= old
