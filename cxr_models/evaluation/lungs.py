"""How well lungs are found: overlap and boundary distances, in the 512-pixel frame and in mm where spacing is known."""

import datetime
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from .. import inference
from ..data.masks import lung_mask
from ..errors import TrainingError
from ..imaging.preprocess import resize
from ..imaging.read import read_film
from ..results import Evaluation, Measure
from ..types import Film
from .films import Films
from .intervals import mean_of

FRAME = (512, 512)
SIDES = ("right lung", "left lung")  # the patient's: the right lung is on the left of the film
LUNGS = "lungs"
MASKED = "Masks of these collections exist for films without COVID-19 only: on dense lungs the figure is lower."
CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def framed(mask: np.ndarray) -> np.ndarray:
    """(H, W) bool -> (512, 512) bool, squashed."""
    return resize(mask, FRAME) >= 0.5


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """2 |a & b| / (|a| + |b|) of two bool masks; 1 when both are empty."""
    total = int(a.sum()) + int(b.sum())
    return 2 * int((a & b).sum()) / total if total else 1.0


def iou(a: np.ndarray, b: np.ndarray) -> float:
    """|a & b| / |a | b| (Jaccard) of two bool masks; 1 when both are empty."""
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 1.0


def boundary(mask: np.ndarray) -> np.ndarray:
    """(n, 2) row and column of the mask's pixels that touch, by an edge, a pixel outside it or the frame's border."""
    inner = cv2.erode(mask.astype(np.uint8), CROSS, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.argwhere(mask & (inner == 0))


def surface_distances(a: np.ndarray, b: np.ndarray, spacing: tuple[float, float] = (1.0, 1.0)) -> tuple[float, float]:
    """Average symmetric surface distance and Hausdorff 95 of two (H, W) bool masks, in the unit of ``spacing``.

    The first is the mean over both boundaries' pixels of the distance to the other boundary; the second the larger of
    the two directed 95th percentiles (definitions of Reinke et al. 2024, "Metrics reloaded"). spacing: (row, column)
    size of a pixel. NaN, NaN where either mask is empty: there is no distance to nothing.
    """
    if not a.any() or not b.any():
        return float("nan"), float("nan")
    one, other = (boundary(mask) * spacing for mask in (a, b))
    to_other, to_one = KDTree(other).query(one)[0], KDTree(one).query(other)[0]
    mean = (to_other.sum() + to_one.sum()) / (len(to_other) + len(to_one))
    return float(mean), float(max(np.percentile(to_other, 95), np.percentile(to_one, 95)))


def sides(found: np.ndarray, known: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]] | None:
    """Both masks of the right and of the left lung: pixels found belong to the nearer known lung.

    The known lungs are the two largest connected regions of ``known``; None where it has fewer than two.
    """
    count, labels, stats, centres = cv2.connectedComponentsWithStats(known.astype(np.uint8), connectivity=8)
    if count < 3:
        return None
    largest = 1 + np.argsort(stats[1:, cv2.CC_STAT_AREA])[::-1][:2]
    right, left = (labels == label for label in sorted(largest, key=lambda label: centres[label][0]))
    nearer = _distance(right) <= _distance(left)
    return [(found & nearer, right), (found & ~nearer, left)]


def scores(
    found: np.ndarray, known: np.ndarray, spacing: tuple[float, float] | None = None
) -> dict[tuple[str, str], float]:
    """(figure, "" or the side) -> value for one film. found, known: (512, 512) bool; spacing: mm a pixel of that frame.

    The sides' figures are absent where ``known`` has no two lungs; those in mm where no spacing is known.
    """
    pairs = {"": (found, known)} | dict(zip(SIDES, sides(found, known) or [], strict=False))
    values: dict[tuple[str, str], float] = {}
    for about, (a, b) in pairs.items():
        values |= {("Dice", about): dice(a, b), ("IoU", about): iou(a, b)}
        values |= _distances(a, b, about, (1.0, 1.0), "px")
        if spacing is not None:
            values |= _distances(a, b, about, spacing, "mm")
    return values


def _distances(a: np.ndarray, b: np.ndarray, about: str, spacing: tuple[float, float], unit: str) -> dict:
    mean, hausdorff = surface_distances(a, b, spacing)
    return {(f"mean surface distance, {unit}", about): mean, (f"Hausdorff 95, {unit}", about): hausdorff}


def _distance(mask: np.ndarray) -> np.ndarray:
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def evaluate(model_id: str, films: Films, root: Path) -> Evaluation:
    """The network that finds lungs on the films that have a mask. Raises TrainingError where none has."""
    rows = films.rows[films.rows["mask"] != ""].reset_index(drop=True)
    if not len(rows):
        raise TrainingError(f"{model_id} has no films to be measured on: none of them has a lung mask.")
    scored = [_scored(root, row.path, row.mask) for row in rows.itertuples()]
    missed = sum(one[("Dice", "")] == 0 for one in scored)
    unfound = f"In {missed} films no lungs were found: they count as Dice 0 and have no distance."
    return Evaluation(
        model_id,
        (LUNGS,),
        len(rows),
        f"{films.name} films of {' and '.join(sorted(set(rows.source)))} with masks",
        str(datetime.date.today()),
        f"python -m cxr_models evaluate {model_id}{films.options}",
        (),
        {},
        tuple(_figures(scored, rows)),
        (MASKED, unfound) if missed else (MASKED,),
        films.name,
        rows.group.nunique(),
    )


def _scored(root: Path, path: str, mask: str) -> dict[tuple[str, str], float]:
    film = read_film((root / path).read_bytes())
    return scores(framed(inference.find_lungs(film).mask), framed(lung_mask(root, mask)), _spacing(film))


def _spacing(film: Film) -> tuple[float, float] | None:
    """(row, column) mm a pixel of the 512-pixel frame; None where the film does not say."""
    if film.spacing_mm is None:
        return None
    (height, width), (row, column) = film.pixels.shape, film.spacing_mm
    return row * height / FRAME[0], column * width / FRAME[1]


def _figures(scored: list[dict[tuple[str, str], float]], rows: pd.DataFrame) -> list[Measure]:
    """Means over all films and by side, and over each collection."""
    keys = list(dict.fromkeys(key for one in scored for key in one))
    values = {key: np.array([one.get(key, np.nan) for one in scored]) for key in keys}
    groups = rows.group.to_numpy()
    found = [m for (name, about), v in values.items() for m in mean_of(name, about, v, groups)]
    for source, part in rows.groupby("source").indices.items():
        for name in (name for name, about in keys if not about):
            found += mean_of(name, f"collection {source}", values[(name, "")][part], groups[part])
    return found
