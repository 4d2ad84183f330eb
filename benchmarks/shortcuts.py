"""The shortcut lab: the bench in one pass against edit by edit, and a map of 14 x 14 places.

    python -m benchmarks.shortcuts [--films DIR] [--repeats N] [--out FILE]

Edit by edit means: make the edit, then show it to one model after the other, each shrinking the film for itself, in
plain float32 PyTorch without gradients; and, to see what the one pass is worth beside the compiled networks, the same
with the app's own ``inference.predict``. All ways run in turn on the same films in one process; medians.
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
from cxr_models.shortcuts.bench import Bench, bench, on_the_bench
from cxr_models.shortcuts.edit import edited
from cxr_models.shortcuts.marks import Mark
from cxr_models.shortcuts.sweeps import GRID, placement
from cxr_models.types import COVID19, Film, Lungs

from . import machine
from .panel import TIMED, films_of, phantoms, table
from .plain import Plain

Answers = dict[str, np.ndarray]


def one_pass(film: Film, lungs: Lungs) -> Bench:
    return bench(film, lungs)


def edit_by_edit(film: Film, lungs: Lungs, plain: Plain) -> Answers:
    """Model -> (E, K) probabilities of the film after every edit, in plain float32."""
    small, found = on_the_bench(film, lungs)
    shown = [edited(edit, small, found) for edit in EDITS.values()]
    return {name: np.stack([plain.forward_only(e.film, e.lungs, name) for e in shown]) for name in plain.classifiers}


def edit_by_edit_compiled(film: Film, lungs: Lungs) -> Answers:
    """The same through the app's own compiled networks, one film after the other."""
    small, found = on_the_bench(film, lungs)
    shown = [edited(edit, small, found) for edit in EDITS.values()]
    names = inference.classifiers()
    return {name: np.array([inference.predict(e.film, e.lungs, name).probabilities for e in shown]) for name in names}


def compared(films: list[Film], repeats: int) -> dict[str, Any]:
    """Seconds of each way, their ratios, and the largest difference of a probability between the first two."""
    plain, seconds, worst = Plain(), {"plain": [], "compiled": [], "one pass": []}, 0.0
    lungs = [inference.find_lungs(film) for film in films]
    pairs = [(film, found) for film, found in zip(films, lungs, strict=True) if found.mask.any()]
    one_pass(*pairs[0])  # wakes the models
    for turn in range(repeats):
        film, found = pairs[turn % len(pairs)]
        reference = _timed(seconds["plain"], edit_by_edit, film, found, plain)
        _timed(seconds["compiled"], edit_by_edit_compiled, film, found)
        answers = _timed(seconds["one pass"], one_pass, film, found)
        worst = max(worst, *(float(np.nanmax(np.abs(answers.after[n] - reference[n]))) for n in reference))
    took = {name: statistics.median(values) for name, values in seconds.items()}
    return {f"{name}_s": round(value, 3) for name, value in took.items()} | {
        "times_faster": round(took["plain"] / took["one pass"], 2),
        "times_faster_than_compiled": round(took["compiled"] / took["one pass"], 2),
        "largest_difference": round(worst, 4),
        "edits": len(EDITS),
        "films": repeats,
    }


def places(film: Film, lungs: Lungs) -> list[dict[str, Any]]:
    """Seconds of one map of places, a row a model."""
    rows = []
    for name in inference.classifiers():
        began = time.perf_counter()
        placement(*on_the_bench(film, lungs), Mark(), name, COVID19)
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
