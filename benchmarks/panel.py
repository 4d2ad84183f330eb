"""One film through gate, lungs, every classifier and its map: the fast path against plain float32 eager PyTorch.

    python -m benchmarks.panel [--films DIR] [--repeats N] [--long N] [--out FILE]

Both paths run in turn in one process on the same films; figures are medians and their ratio. Start, peak memory and
memory over many films are measured in processes of their own. --films: real films for the timing and the agreement
with float32 (all files below DIR that can be read); without it, phantoms, whose agreement says nothing of real films.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cxr_models import inference, registry
from cxr_models.errors import FilmError
from cxr_models.explain import explain, methods_for
from cxr_models.imaging.phantom import thorax
from cxr_models.imaging.read import read_film
from cxr_models.types import Film, Reading

from . import machine
from .plain import Plain

TIMED = 7  # different films among the timed ones; a film is never read twice in a row, for its maps are remembered


def fast_panel(film: Film, models: Sequence[str]) -> Reading:
    """What the app does for a film: the reading, then the map of each model's answer. Nothing may be left out."""
    reading = inference.read(film, models, force=True)
    maps(reading)
    for name in set(models) - set(reading.predictions):
        raise SystemExit(f"{name} did not read the film, so there is nothing to compare: {reading.failures[name]}")
    return reading


def maps(reading: Reading) -> None:
    """The class activation map of each model's answer."""
    for name, prediction in reading.predictions.items():
        explain(reading.film, reading.lungs, name, methods_for(name)[0], prediction.decided)


def films_of(folder: Path, count: int | None = None) -> Iterator[Film]:
    """``count`` files below ``folder`` spread over all in name order, as far as they can be read."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    for file in files[:: max(1, len(files) // count) if count else 1][:count]:
        try:
            yield read_film(file.read_bytes())
        except FilmError:
            print(f"left out, not a film that can be read: {file.name}", file=sys.stderr)


def phantoms(folder: Path) -> Path:
    """``TIMED`` phantoms as 16-bit PNG."""
    for seed in range(TIMED):
        cv2.imwrite(str(folder / f"{seed}.png"), np.rint(thorax(seed).film.pixels * 65535).astype(np.uint16))
    return folder


def timed(steps: dict[str, Callable[[Film], object]], films: list[Film], repeats: int) -> dict[str, float]:
    """Median seconds of each step, the steps in turn on each film; the first round of all only warms up."""
    seconds = defaultdict(list)
    for turn, film in enumerate(islice(cycle(films), repeats + 1)):
        for name, step in steps.items():
            began = time.perf_counter()
            step(film)
            if turn:
                seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(values) for name, values in seconds.items()}


def speed(plain: Plain, films: list[Film], repeats: int) -> list[dict[str, Any]]:
    """One row for the whole panel, then one a net: milliseconds plain, plain without backward pass, fast; ratios."""
    rows = [_whole(plain, films, repeats)]
    lungs = {film.sha256: inference.find_lungs(film) for film in films}
    for name in plain.specs:
        model = registry.load(name)
        steps = _steps(plain, name, lungs)
        found = timed(steps, films, repeats)
        rows.append(_row(name, found["plain"], found["forward"], found["fast"], model.engine.name))
    return rows


def _whole(plain: Plain, films: list[Film], repeats: int) -> dict[str, Any]:
    """The row of the panel; maps_share: what the maps of all models take, made right after the reading, of its time."""
    last: dict[str, Reading] = {}

    def fast(film: Film) -> None:
        last["reading"] = fast_panel(film, plain.classifiers)

    steps = {"plain": plain.panel, "fast": fast, "maps": lambda film: maps(last["reading"])}
    whole = timed(steps, films, repeats)
    return _row("whole panel", whole["plain"], None, whole["fast"], "") | {"maps_share": whole["maps"] / whole["fast"]}


def _steps(plain: Plain, name: str, lungs: dict) -> dict[str, Callable[[Film], object]]:
    if name == inference.UNET:
        return {"plain": plain.lungs, "forward": plain.lungs, "fast": inference.find_lungs}
    if name == inference.GATE:
        check = lambda film: inference.check(film, lungs[film.sha256])  # noqa: E731
        return {"plain": plain.looks, "forward": plain.looks, "fast": check}

    def fast(film: Film) -> None:
        prediction = inference.predict(film, lungs[film.sha256], name)
        explain(film, lungs[film.sha256], name, methods_for(name)[0], prediction.decided)

    return {
        "plain": lambda film: plain.answer(film, lungs[film.sha256], name),
        "forward": lambda film: plain.forward_only(film, lungs[film.sha256], name),
        "fast": fast,
    }


def _row(name: str, plain: float, forward: float | None, fast: float, engine: str) -> dict[str, Any]:
    row = {"net": name, "plain_ms": round(plain * 1000, 1), "fast_ms": round(fast * 1000, 1), "engine": engine}
    row |= {"ratio": round(plain / fast, 2)}
    return row if forward is None else row | {"forward_ms": round(forward * 1000, 1), "forward_ratio": forward / fast}


def agreement(plain: Plain, films: Iterable[Film]) -> list[dict[str, Any]]:
    """Fast against float32 on the same inputs: differences of probabilities, changed classes, Dice of the lungs."""
    differences: dict[str, list[float]] = defaultdict(list)
    changes: dict[str, int] = defaultdict(int)
    dice = []
    for film in films:
        lungs, exact = inference.find_lungs(film), plain.lungs(film)
        total = lungs.mask.sum() + exact.mask.sum()
        dice.append(2 * (lungs.mask & exact.mask).sum() / total if total else 1.0)
        for name in plain.classifiers:
            if plain.specs[name].input.region == "lungs" and not lungs.mask.any():
                continue
            fast = inference.predict(film, lungs, name)
            reference = plain.forward_only(film, lungs, name)
            differences[name] += np.abs(np.array(fast.probabilities) - reference).tolist()
            changes[name] += fast.decided != fast.classes[int(reference.argmax())]
    rows = [
        {
            "net": name,
            "films": len(found) // len(plain.specs[name].classes),
            "median": float(np.median(found)),
            "largest": max(found),
            "class_changes": changes[name],
        }
        for name, found in differences.items()
    ]
    return [
        *rows,
        {"net": inference.UNET, "films": len(dice), "dice_median": float(np.median(dice)), "dice_least": min(dice)},
    ]


def start(folder: Path, films: int, cache: str | None = None) -> dict[str, Any]:
    """A fresh process that reads films: seconds to the first one's result, peak memory, memory on the way in MB."""
    environment = os.environ | ({"XDG_CACHE_HOME": cache} if cache else {})
    command = [sys.executable, "-m", "benchmarks.panel", "--films", str(folder), "--child", str(films)]
    began, times, lines = time.perf_counter(), [], []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        for line in process.stdout or ():
            times.append(time.perf_counter() - began)
            lines.append(json.loads(line))
    if process.returncode:
        raise SystemExit(f"The process that reads {films} films ended with status {process.returncode}.")
    marks = {str(line["film"]): round(line["resident"]) for line in lines if line["film"] in (1, 20, films)}
    return {"first_result_s": round(times[0], 2), "peak_mb": round(lines[-1]["peak"]), "resident_mb_after_film": marks}


def child(folder: Path, films: int) -> None:
    """Read ``films`` files, each from its bytes, and say after each what memory it took."""
    files, models = sorted(folder.iterdir()), inference.classifiers()
    for number, file in enumerate(islice(cycle(files), films), start=1):
        fast_panel(read_film(file.read_bytes()), models)
        print(json.dumps({"film": number, "resident": machine.resident(), "peak": machine.peak()}), flush=True)


def table(rows: list[dict[str, Any]]) -> str:
    """Aligned text; a figure that a row does not have is a dash."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [columns] + [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in cells)


def _cell(value: object) -> str:
    return "-" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.panel", description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=Path, help="folder of real films")
    parser.add_argument("--repeats", type=int, default=15, help="timed films a path")
    parser.add_argument("--long", type=int, default=200, help="films over which memory must stay flat")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "panel.json")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        return child(args.films, args.child)
    found: dict[str, Any] = {"machine": machine.described(), "films": "real" if args.films else "phantoms"}
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as made:
        folder = phantoms(Path(made))
        found["first_start_ever"] = start(folder, 1, cache)
        found["start"] = start(folder, args.long)
        films = args.films or folder
        timed_films = list(films_of(films, TIMED))
        if len(timed_films) < 2:
            raise SystemExit(f"{films} holds fewer than two films that can be read.")
        plain = Plain()
        found["speed"] = speed(plain, timed_films, args.repeats)
        found["agreement"] = agreement(plain, films_of(films))
    found["load_after"] = round(os.getloadavg()[0], 2)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(found, indent=1) + "\n")
    for part in ("machine", "first_start_ever", "start"):
        print(f"{part}: {json.dumps(found[part])}")
    print(table(found["speed"]), table(found["agreement"]), sep="\n\n")


if __name__ == "__main__":
    main()
