"""How well copies of films are found, and how fast: known copies of real films, and films of known people.

    python -m benchmarks.copies ROOT INDEX [--count N] [--sizes N,N,N] [--out FILE]

Recall: N films are changed in each way, as files would be, and searched among all films of the index. A copy counts as
found if it is joined to its film's group; ``elsewhere`` counts those joined to another one.
False joins: copies in the index whose two films have different patients in the collection's own numbering; they are
printed, to be looked at, for collections number one person twice.
Growth: the search over the first so many films, in CPU seconds of this process.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from cxr_models.data import copies, index
from cxr_models.data.groups import known_pairs
from cxr_models.data.thumbnails import SIDE, Thumbnails, thumbnails
from cxr_models.imaging.preprocess import grey
from cxr_models.imaging.read import read_film

from . import machine

Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def jpeg(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    code = cv2.imencode(".jpg", film, [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE))


def half(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cv2.resize(film, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def crop(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """2 to 6 % off each side."""
    return _cut(film, rng.uniform(0.02, 0.06, 4))


def crop_most(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _cut(film, rng.uniform(0.055, 0.06, 4))


def crop_one(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """3 to 6 % off one side."""
    return _cut(film, rng.uniform(0.03, 0.06) * rng.permutation([1, 0, 0, 0]))


def _cut(film: np.ndarray, shares: np.ndarray) -> np.ndarray:
    (height, width), (left, right, top, bottom) = film.shape, shares
    return film[int(height * top) : int(height * (1 - bottom)), int(width * left) : int(width * (1 - right))]


def gamma(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A gamma of 0.55 to 0.82, or 1.22 to 1.82."""
    return np.rint(255 * (film / 255) ** np.exp(rng.choice([-1, 1]) * rng.uniform(0.2, 0.6))).astype(np.uint8)


def window(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Up to 12 % of the film black and 12 % white."""
    low, high = np.percentile(film, [rng.uniform(2, 12), rng.uniform(88, 98)])
    return np.rint(255 * np.clip((film - low) / (high - low + 1e-3), 0, 1)).astype(np.uint8)


def contrast(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.clip((film - 128.0) * rng.uniform(0.5, 0.8) + 128 + rng.uniform(-30, 30), 0, 255).astype(np.uint8)


def local(film: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cv2.createCLAHE(3, (8, 8)).apply(film)


CHANGES: dict[str, tuple[Change, ...]] = {
    "JPEG quality 40": (jpeg,),
    "half the size": (half,),
    "gamma": (gamma,),
    "window": (window,),
    "contrast": (contrast,),
    "local contrast (CLAHE)": (local,),
    "crop 2-6 % a side": (crop,),
    "crop 6 % a side": (crop_most,),
    "crop 3-6 % of one side": (crop_one,),
    "crop, half, JPEG": (crop, half, jpeg),
    "crop, gamma, JPEG": (crop, gamma, jpeg),
    "crop, window, half": (crop, window, half),
    "crop, CLAHE, JPEG": (crop, local, jpeg),
}


def changed(file: Path, changes: tuple[Change, ...], rng: np.random.Generator) -> np.ndarray:
    """(SIDE, SIDE) uint8 of the film after the changes."""
    film = np.rint(read_film(file.read_bytes()).pixels * 255).astype(np.uint8)
    for change in changes:
        film = change(film, rng)
    return np.rint(grey(film / np.float32(255), SIDE) * 255).astype(np.uint8)


def recall(films: pd.DataFrame, seen: Thumbnails, root: Path, count: int) -> list[dict[str, Any]]:
    """Per kind of change: copies made, found, and joined elsewhere."""
    rng = np.random.default_rng(0)
    chosen = rng.choice(np.flatnonzero((films["view"] == "frontal") & (films.note == "")), count, replace=False)
    made = [changed(root / films.path[i], steps, rng) for steps in CHANGES.values() for i in chosen]
    new = np.arange(len(films) + len(made)) >= len(films)
    pairs = copies.pairs(np.concatenate([seen.pictures, np.stack(made)]), new)[0]
    pairs = pairs[~new[pairs[:, 0]]]
    number = pairs[:, 1] - len(films)
    group = films.group.to_numpy()
    right = group[pairs[:, 0]] == group[chosen[number % count]]
    rows = []
    for kind, name in enumerate(CHANGES):
        own = number // count == kind
        found, elsewhere = set(number[own & right]), set(number[own & ~right])
        rows.append({"change": name, "copies": count, "found": len(found), "elsewhere": len(elsewhere)})
    return rows


def false_joins(films: pd.DataFrame, pairs: pd.DataFrame) -> tuple[dict[str, int], list[str]]:
    """Pairs of one collection with two patients, and how many patients there are in all that could be joined."""
    a, b = films.loc[pairs.i].reset_index(), films.loc[pairs.j].reset_index()
    two = (a.source == b.source) & (a.patient != "") & (b.patient != "") & (a.patient != b.patient)
    known = films[films.patient != ""]
    counts = {
        "patients": known.patient.nunique(),
        "groups": known.group.nunique(),
        "pairs_of_two_patients": int(two.sum()),
    }
    return counts, [f"{x:.2f}  {p}  {q}" for x, p, q in zip(pairs.alike[two], a.path[two], b.path[two], strict=True)]


def growth(seen: Thumbnails, sizes: list[int]) -> list[dict[str, Any]]:
    """CPU seconds and candidates of the search over so many films, spread over all."""
    rows = []
    for size in sizes:
        pictures = seen.pictures[np.linspace(0, len(seen.paths) - 1, size).astype(int)]
        began = time.process_time()
        found = copies.candidates(pictures, np.ones(size, bool))
        compared = time.process_time()
        for i, j, crop_number in found[:: max(1, len(found) // 500)]:
            copies.proof(pictures[i], pictures[j], copies.CROPS[crop_number])
        proofs = (time.process_time() - compared) / len(found[:: max(1, len(found) // 500)]) * len(found)
        rows.append(
            {
                "films": size,
                "compare_s": round(compared - began, 1),
                "candidates": len(found),
                "prove_s": round(proofs, 1),
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.copies", description=__doc__.splitlines()[0])
    parser.add_argument("root", type=Path, metavar="ROOT")
    parser.add_argument("index", type=Path, metavar="INDEX", help="as python -m cxr_models data build made it")
    parser.add_argument("--count", type=int, default=100, help="films that are changed in each way")
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")], default=[1000, 4000, 14000])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "copies.json")
    args = parser.parse_args()
    films, cache = index.read(args.index), index.cache_of(args.index)
    seen = thumbnails(args.root, list(films.path), cache)
    found: dict[str, Any] = {"machine": machine.described(), "films": len(films)}
    found["recall"] = recall(films, seen, args.root, args.count)
    found["false_joins"], shown = false_joins(films, known_pairs(seen, cache))
    found["growth"] = growth(seen, [n for n in args.sizes if n <= len(films)])
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(found, indent=1) + "\n")
    print(pd.DataFrame(found["recall"]).to_string(index=False), found["false_joins"], *shown, sep="\n")
    print(pd.DataFrame(found["growth"]).to_string(index=False))


if __name__ == "__main__":
    main()
