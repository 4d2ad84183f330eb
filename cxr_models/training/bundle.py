"""From a finished run into the app: tried on the validation films, exported, calibrated, measured on the test films."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from torch import nn

from .. import manifest
from ..evaluation import report as printed
from ..evaluation.evaluate import calibrate, evaluate
from .export import export
from .recipes import BUNDLED, Recipe
from .trial import UNET, reading_from, validated, with_lungs

FILE = manifest.ROOT / "weights_manifest.toml"


def shares(ids: Iterable[str], budget: float | None) -> dict[str, float | None]:
    """Seconds for each run, by what each is worth (``recipes.BUNDLED``, 1 for others); None without a budget."""
    weights = {name: BUNDLED.get(name, 1) for name in ids}
    return {name: budget and budget * weight / sum(weights.values()) for name, weight in weights.items()}


def admit(
    net: nn.Module, recipe: Recipe, index: pd.DataFrame, root: Path, runs: Path, folder: Path, seed: int, anyway: bool
) -> bool:
    """Export, calibrate and measure ``net``, unless the validation films speak for the weights in use.

    The test films have no say. anyway: export in any case. Returns whether it was exported; prints why.
    """
    if not anyway and not better(net, recipe, index, root, runs, folder, seed):
        print(f"{recipe.id}: the weights in use are kept; --replace takes the new ones, which stay in {folder}.")
        return False
    spec = export(net, recipe, index, folder, seed, FILE)
    if spec.thresholds:
        calibrate(recipe.id, index, root, runs, FILE)
    print(printed.text(evaluate(recipe.id, index, root, runs, FILE)))
    return True


def better(
    net: nn.Module, recipe: Recipe, index: pd.DataFrame, root: Path, runs: Path, folder: Path, seed: int
) -> bool:
    """Whether ``net`` is at least as good on the validation films as what the manifest has, if it has the model."""
    used = manifest.specs(FILE).get(recipe.id)
    if used is None:
        return True
    home = folder / "trial"
    file = with_lungs(home) if recipe.id != UNET else home / "weights_manifest.toml"
    spec = export(net, recipe, index, folder, seed, file)
    with reading_from(file):
        new = validated(spec, index, root, runs)
    with reading_from(FILE):
        old = validated(used, index, root, runs)
    print(f"{recipe.id}, validation films: {new:.4f} now, {old:.4f} with the weights in use.")
    return new >= old
