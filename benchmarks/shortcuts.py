"""The shortcut lab: the bench in one pass against edit by edit, and a map of 14 x 14 places.

    python -m benchmarks.shortcuts [--films DIR] [--repeats N] [--out FILE]

Edit by edit, without the bench, one opens each edited film: gate, lungs and every model anew, in plain float32 PyTorch
without gradients, or as the app reads a film (``inference.read``). "Models alone" leaves out gate and lungs: the bench
keeps the lungs of the film as it came. All ways run in turn on the same films in one process; medians.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cxr_models import inference, registry
from cxr_models.shortcuts import EDITS
from cxr_models.shortcuts.bench import bench, on_the_bench
from cxr_models.shortcuts.edit import Edited, edited
from cxr_models.shortcuts.marks import Mark
from cxr_models.shortcuts.sweeps import GRID, placement
from cxr_models.types import COVID19, Film, Lungs

from . import machine
from .panel import TIMED, films_of, phantoms, table
from .plain import Plain

Answers = dict[str, np.ndarray]


def shown(film: Film, lungs: Lungs) -> list[Edited]:
    small, found = on_the_bench(film, lungs)
    return [edited(edit, small, found) for edit in EDITS.values()]


def plain_alone(film: Film, lungs: Lungs, plain: Plain) -> Answers:
    """Model -> (E, K) probabilities of the film after every edit, in plain float32; each model shrinks for itself."""
    films = shown(film, lungs)
    return {name: np.stack([plain.forward_only(e.film, e.lungs, name) for e in films]) for name in plain.classifiers}


def plain_whole(film: Film, lungs: Lungs, plain: Plain) -> None:
    """Gate, lungs and every model of each edited film, in plain float32."""
    for one in shown(film, lungs):
        if inference.GATE in plain.nets:
            plain.looks(one.film)
        found = plain.lungs(one.film)
        for name in plain.classifiers:
            plain.forward_only(one.film, found, name)


def app_whole(film: Film, lungs: Lungs) -> None:
    """Gate, lungs and every model of each edited film, as the app reads it."""
    for one in shown(film, lungs):
        inference.read(one.film, force=True)


def compared(films: list[Film], repeats: int) -> dict[str, Any]:
    """Seconds of each way, the bench's ratio to them, and the largest difference of a probability from float32."""
    plain, worst = Plain(), 0.0
    lungs = [inference.find_lungs(film) for film in films]
    pairs = [(film, found) for film, found in zip(films, lungs, strict=True) if found.mask.any()]
    bench(*pairs[0])  # wakes the models
    seconds: dict[str, list[float]] = {way: [] for way in ("plain_whole", "app_whole", "plain_alone", "bench")}
    for turn in range(repeats):
        film, found = pairs[turn % len(pairs)]
        _timed(seconds["plain_whole"], plain_whole, film, found, plain)
        _timed(seconds["app_whole"], app_whole, film, found)
        reference = _timed(seconds["plain_alone"], plain_alone, film, found, plain)
        answers = _timed(seconds["bench"], bench, film, found)
        worst = max(worst, *(float(np.nanmax(np.abs(answers.after[n] - reference[n]))) for n in reference))
    took = {way: statistics.median(values) for way, values in seconds.items()}
    return (
        {f"{way}_s": round(value, 3) for way, value in took.items()}
        | {f"faster_than_{way}": round(value / took["bench"], 2) for way, value in took.items() if way != "bench"}
        | {
            "largest_difference": round(worst, 4),
            "edits": len(EDITS),
            "models": len(plain.classifiers),
            "films": repeats,
        }
    )


def places(film: Film, lungs: Lungs) -> list[dict[str, Any]]:
    """Seconds of one map of places, a row a model."""
    rows = []
    for name in inference.classifiers():
        began = time.perf_counter()
        placement(*on_the_bench(film, lungs), Mark(), name, COVID19, GRID)
        spent = time.perf_counter() - began
        rows.append(
            {"net": name, "places": GRID**2, "seconds": round(spent, 2), "engine": registry.load(name).engine.name}
        )
    return rows


def _timed(seconds: list[float], work: Callable[..., Any], *how: Any) -> Any:
    began = time.perf_counter()
    found = work(*how)
    seconds.append(time.perf_counter() - began)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shortcuts", description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=Path, help="folder of real films; phantoms without it")
    parser.add_argument("--repeats", type=int, default=5, help="timed films a way")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "shortcuts.json")
    args = parser.parse_args()
    found: dict[str, Any] = {"machine": machine.described(), "films": "real" if args.films else "phantoms"}
    with tempfile.TemporaryDirectory() as made:
        films = list(films_of(args.films or phantoms(Path(made)), TIMED))
        found["bench"] = compared(films, args.repeats)
        found["places"] = places(films[0], inference.find_lungs(films[0]))
    print(table([found["bench"]]), table(found["places"]), sep="\n\n")
    args.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
