"""Films for the benchmark of training, as files: JPEG films and PNG lung masks, shown again as often as is needed."""

import hashlib
from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from cxr_models.imaging.phantom import thorax
from cxr_models.training.recipes import Recipe
from cxr_models.training.run import numbered
from cxr_models.training.stage import Material
from cxr_models.training.store import films_at, masks_at
from cxr_models.training.tasks import Films
from cxr_models.types import THREE_CLASSES

SIDE = 512
VALIDATED = 2  # films: as few as Lightning's loop can do with


def drawn(root: Path, count: int, side: int = SIDE) -> pd.DataFrame:
    """Draw ``count`` chests below ``root``. Returns a row a film: path, mask, sha256."""
    rows = []
    for number in tqdm(range(count), "films drawn"):
        phantom = thorax(number, size=side)
        film, mask = f"{number}.jpg", f"{number}.png"
        cv2.imwrite(
            str(root / film), np.rint(phantom.film.pixels * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90]
        )
        cv2.imwrite(str(root / mask), phantom.lungs.astype(np.uint8) * 255)
        rows.append((film, mask))
    return _listed(root, rows)


def given(folder: Path, root: Path, masks: pd.Series) -> pd.DataFrame:
    """The JPEG films below ``folder``, each with a lung mask of ``masks``: how fast a net learns does not depend on
    where lungs are. Rows as of ``drawn``; SystemExit where there are no films."""
    films = sorted(str(file.resolve()) for file in folder.rglob("*") if file.suffix.lower() in (".jpg", ".jpeg"))
    if not films:
        raise SystemExit(f"{folder} holds no JPEG films: give a folder that does, or leave --films out.")
    return _listed(root, list(zip(films, cycle(masks), strict=False)))


def _listed(root: Path, rows: list[tuple[str, str]]) -> pd.DataFrame:
    hashed = [(*row, hashlib.sha256((root / row[0]).read_bytes()).hexdigest()) for row in rows]
    return pd.DataFrame(hashed, columns=["path", "mask", "sha256"])


def material(files: pd.DataFrame, root: Path, recipe: Recipe, count: int) -> Material:
    """``count`` films to train on and ``VALIDATED`` others, from as many files as there are, decoded or from the cache;
    labels take turns, and lungs are those of the files."""
    rows = files.iloc[list(islice(cycle(range(len(files))), count + VALIDATED))].reset_index(drop=True)
    rows["label"] = list(islice(cycle(THREE_CLASSES), len(rows)))
    rows["split"] = ["train"] * count + ["val"] * VALIDATED
    rows = rows.assign(source="files", view="frontal")
    grey, masks = films_at(rows, root, recipe.store, root / "cache"), None
    if recipe.classes == ("lungs",) or recipe.input.region == "lungs":
        masks = masks_at(rows, root, recipe.store, root / "cache")
    return Material(rows, Films(grey, torch.tensor(numbered(rows, recipe)), masks), recipe.input)
