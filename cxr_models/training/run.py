"""A recipe from first weights to a trained network, in one folder: ``runs/<name>``."""

from pathlib import Path

import lightning
import pandas as pd
import torch
from safetensors.torch import save_model
from torch import nn

from ..errors import TrainingError
from ..registry import build
from ..types import NORMAL
from . import diary, stage, start
from .plan import planned
from .ranks import Ranks, ranks
from .recipes import Recipe
from .settle import settle
from .stage import Material
from .store import films_at, lungs_at, masks_at
from .tasks import UNLABELLED, Films
from .watch import Status


def wanted(index: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """Training and validation rows this recipe learns from: with masks for lungs, with a known label for classes, and
    frontal films without a label where a stage can use them."""
    rows = index[index.split.isin(("train", "val"))]
    if recipe.classes == ("lungs",):
        rows = rows[rows["mask"] != ""]
    else:
        free = any(s.task in UNLABELLED for s in recipe.stages)
        rows = rows[(rows.label != "") | (free & (rows.view == "frontal"))]
    if rows.empty or set(rows.split) != {"train", "val"}:
        raise TrainingError(f"The index has no films to train {recipe.id} on. Build it again from whole collections.")
    return rows.reset_index(drop=True)


def gather(rows: pd.DataFrame, recipe: Recipe, root: Path, cache: Path) -> Films:
    """The films a recipe needs, decoded or from the cache, with labels and masks: known ones, or the UNet's lungs."""
    grey = films_at(rows, root, recipe.store, cache)
    if recipe.classes == ("lungs",):
        return Films(grey, masks=masks_at(rows, root, recipe.store, cache))
    lungs = lungs_at(rows, root, recipe.store, cache) if recipe.input.region == "lungs" else None
    return Films(grey, torch.tensor(numbered(rows, recipe)), lungs, torch.tensor((rows.label == NORMAL).astype(int)))


def numbered(rows: pd.DataFrame, recipe: Recipe) -> list[int]:
    """The class number of every row: the last for a label that no class names, -1 for none."""
    known = {name: k for k, name in enumerate(recipe.classes)} | {"": -1}
    return [known.get(name, len(recipe.classes) - 1) for name in rows.label]


def train(
    recipe: Recipe,
    index: pd.DataFrame,
    root: Path,
    folder: Path,
    seed: int = 0,
    cache: Path | None = None,
    seconds: float | None = None,
    share: float = 1.0,
) -> tuple[nn.Module, Recipe]:
    """All stages of a recipe; ``folder/net.safetensors`` in the end. Run again to go on where it stopped.

    cache: folder of decoded films, beside ``folder`` if None. seconds: the stages are shortened to fit, as measured on
    this machine. share: of the films each stage shows, in (0, 1]. Returns the network and the recipe as it was carried
    out. Raises TrainingError.
    """
    lightning.seed_everything(seed, verbose=False)
    these, recipe = ranks(), start.with_pretraining(recipe)
    rows = wanted(index, recipe)
    with these.first_alone():
        films = gather(rows, recipe, root, cache or folder.parent / "cache")
    net = build(recipe.architecture, recipe.settings)
    given = Material(rows, films, recipe.input, seed, these)
    with these.first_alone():
        recipe = planned(net, recipe, given, folder, seconds, share)
        diary.begin(folder, recipe, rows, seed, device(these))
    try:
        _stages(net, recipe, given, folder)
    except BaseException as error:
        if these.first:
            stopped = isinstance(error, KeyboardInterrupt | SystemExit) or "SIGTERM" in type(error).__name__
            diary.write(folder, "stopped" if stopped else "failed", message="" if stopped else str(error))
        raise
    return net, recipe


def _stages(net: nn.Module, recipe: Recipe, given: Material, folder: Path) -> None:
    start.begin(net, recipe)
    for number, one in enumerate(recipe.stages, 1):
        print(f"{recipe.id}: stage {one.name}", flush=True)
        status = Status(folder, one.name, number, len(recipe.stages))
        print(stage.run(net, one, given, folder / one.name, status), flush=True)
    settle(net, recipe.stages[-1], given)
    if given.ranks.first:
        save_model(net, str(folder / "net.safetensors"))
        diary.write(folder, "done")


def device(these: Ranks) -> str:
    """What the training runs on, for the card."""
    threads = torch.get_num_threads()
    cpu = f"CPU, {threads} threads" if threads > 1 else "CPU, 1 thread"
    one = torch.cuda.get_device_name() if torch.cuda.is_available() else cpu
    return f"{these.world} x {one}" if these.world > 1 else one
