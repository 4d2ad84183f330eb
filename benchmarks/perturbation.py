"""Meaningful perturbation: ours against 300 plain float32 steps, from the same start to the same objective and map.

    python -m benchmarks.perturbation [--index CSV --root DIR] [--models ID,ID] [--films N] [--timed N] [--out FILE]

On test films whose probability of COVID-19 is at least 0.5 and falls by at least 0.1 in the plain search. Per film: the
final objective of both masks by the same float32 network, on the film where it is and averaged over the places that
jitter moves it to; the rank correlation of both maps; both times, in turn in one process. The first ``--timed`` films
also run the variants between the two, for the curve of objective over time, which is drawn beside the figures.
Times count of films during which other processes took less than a twentieth of the machine.
Without --index, phantoms: to see that it works. What was measured is kept after every film, and found again.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr

from cxr_models import inference, registry
from cxr_models.data import index as films_index
from cxr_models.explain import perturbation, search
from cxr_models.explain.search import Walk
from cxr_models.explain.signature import Question
from cxr_models.imaging.phantom import thorax
from cxr_models.imaging.read import read_film
from cxr_models.types import COVID19, Film

from . import machine
from .plain_perturbation import JITTER, Found, Plain

MODELS = ("resnet18", "cae", "coronet")
LEAST, FALL = 0.5, 0.1  # probability of the class on a film that counts, and its fall in the plain search
QUIET = 0.05  # of all processes' work while a film was measured: with less of it done by others, times count
COLUMNS = (
    "model",
    "films, of them falls, timed",
    "plain",
    "ours, looks",
    "times faster (least)",
    "objective, ours / plain (most), within 1 %",
    "the same, film moved as by jitter",
    "rank correlation of the maps (least), 0.9 or more",
)
RESULTS = Path(__file__).parent / "results"


def films(index: Path | None, root: Path, seed: int = 0) -> Iterator[Film]:
    """COVID-19 films of the test split in an order drawn once, or phantoms without end."""
    if index is None:
        yield from (thorax(number, finding="covid19").film for number in range(10**6))
        return
    rows = films_index.read(index)
    rows = rows[(rows.split == "test") & (rows.label == COVID19)].sample(frac=1, random_state=seed)
    for path in rows.path:
        yield read_film((root / path).read_bytes())


def questions(model_id: str, source: Iterator[Film]) -> Iterator[Question]:
    """The films that the model answers with COVID-19."""
    for film in source:
        if inference.predict(film, None, model_id).of(COVID19) >= LEAST:
            yield Question(film, None, COVID19)


def ours(model_id: str, question: Question, look: Callable | None = None) -> Found:
    """The mask of the app's own search, with the time and the objective after each look."""
    began, seconds = time.perf_counter(), []
    sight = perturbation.Sight(registry.load(model_id), [question])

    def watched(which: list[int], masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = sight.look(which, masks)
        seconds.append(time.perf_counter() - began)
        return found

    (walk,) = search.search(watched, 1, lambda share, doing: None, lambda: False)
    seconds[-1] = time.perf_counter() - began
    return Found(torch.from_numpy(walk.mask).float(), seconds, [objective for objective, _ in walk.curve])


def adam(model_id: str, question: Question, steps: int) -> Found:
    """Between the two: our looks (nothing computed twice, bf16 where the CPU has it), but Adam's steps."""
    began, sight = time.perf_counter(), perturbation.Sight(registry.load(model_id), [question])
    mask = torch.full((search.SIDE, search.SIDE), search.START, requires_grad=True)
    optimiser = torch.optim.Adam([mask], lr=0.1)
    seconds, objective = [], []
    for _ in range(steps):
        walk = Walk()
        walk.asked = mask.detach().double().numpy()
        (odds,), (slope,) = sight.look([0], walk.asked[None])
        p = 1 / (1 + np.exp(-odds))
        cost, pull = search.cost(walk.asked)
        mask.grad = torch.from_numpy(p * (1 - p) * slope + pull).float()
        optimiser.step()
        with torch.no_grad():
            mask.clamp_(0, 1)
        seconds.append(time.perf_counter() - began)
        objective.append(float(p + cost))
    return Found(mask.detach(), seconds, objective)


@torch.no_grad()
def objectives(plain: Plain, question: Question, mask: torch.Tensor) -> dict[str, float]:
    """By the plain float32 network: where the film is, and averaged over the places of the jitter."""
    sight = perturbation.Sight(plain.loaded, [question])
    shown = torch.stack([sight.scenes[0].shown, sight.scenes[0].reference])
    target, step = sight.scenes[0].target, max(1, plain.margin)
    places = [[a, b] for a in range(0, 2 * plain.margin + 1, step) for b in range(0, 2 * plain.margin + 1, step)]
    moved = [plain.objective(target, shown, mask, place).item() for place in places]
    return {"still": plain.objective(target, shown, mask).item(), "moved": float(np.mean(moved))}


def compared(model_id: str, plain: Plain, question: Question, variants: bool) -> dict[str, Any]:
    """One film: both searches in turn, their objectives, the maps' rank correlation; None-free JSON."""
    others, own = machine.worked()
    slow, quick = plain.search(question), ours(model_id, question)
    others, own = (after - before for before, after in zip((others, own), machine.worked(), strict=True))
    sight = perturbation.Sight(plain.loaded, [question])
    maps = [(1 - sight.keep(found.mask)).numpy().ravel() for found in (slow, quick)]
    before = inference.predict(question.film, None, model_id).of(COVID19)
    row = {
        "sha256": question.film.sha256,
        "others": round(others / (others + own), 4),
        "before": before,
        "after": float(sight.probability(0, slow.mask)),
        "plain": objectives(plain, question, slow.mask) | {"seconds": slow.seconds[-1]},
        "ours": objectives(plain, question, quick.mask) | {"seconds": quick.seconds[-1], "looks": len(quick.seconds)},
        "rank_correlation": float(spearmanr(*maps)[0]),
    }
    if variants:
        middle = adam(model_id, question, len(slow.seconds))
        curves = {"plain float32, Adam": slow, "quick looks, Adam": middle, "ours": quick}
        row["curves"] = {name: [found.seconds, found.objective] for name, found in curves.items()}
    return row


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians and extremes over the films on which the class really falls."""
    fell = [row for row in rows if row["before"] - row["after"] >= FALL]
    if not fell:
        return {"films": len(rows), "fell": 0}
    ratio = {kind: np.array([row["ours"][kind] / row["plain"][kind] for row in fell]) for kind in ("still", "moved")}
    rank = np.array([row["rank_correlation"] for row in fell])
    figures = {
        "films": len(rows),
        "fell": len(fell),
        **times([row for row in fell if row.get("others", 0) < QUIET]),  # the first rows do not say: nothing else ran
        "looks": np.median([row["ours"]["looks"] for row in fell]),
        "objective_ratio": np.median(ratio["still"]),
        "objective_ratio_most": ratio["still"].max(),
        "objective_ratio_moved": np.median(ratio["moved"]),
        "within_1_percent": int((ratio["still"] <= 1.01).sum()),
        "within_1_percent_moved": int((ratio["moved"] <= 1.01).sum()),
        "rank_correlation": np.median(rank),
        "rank_correlation_least": rank.min(),
        "rank_at_least_0.9": int((rank >= 0.9).sum()),
    }
    return {name: round(float(value), 4) if isinstance(value, float) else value for name, value in figures.items()}


def times(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Of films during which the machine did nothing else."""
    slow, quick = (np.array([row[which]["seconds"] for row in rows]) for which in ("plain", "ours"))
    if not rows:
        return {"timed": 0}
    return {
        "timed": len(rows),
        "plain_s": np.median(slow),
        "ours_s": np.median(quick),
        "times_faster": np.median(slow / quick),
        "times_faster_least": (slow / quick).min(),
    }


def table(found: dict[str, Any]) -> str:
    """The figures as docs/explanations.md holds them, a line a model."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{' --- |' * len(COLUMNS)}"]
    for model_id, part in found.items():
        s = summary(part["rows"])
        of = f"of {s['fell']}"
        cells = (
            model_id,
            f"{s['films']}, {s['fell']}, {s['timed']}",
            f"{s['plain_s']:.1f} s",
            f"{s['ours_s']:.2f} s, {s['looks']:.0f}",
            f"{s['times_faster']:.1f} ({s['times_faster_least']:.1f})",
            f"{s['objective_ratio']:.3f} ({s['objective_ratio_most']:.3f}), {s['within_1_percent']} {of}",
            f"{s['objective_ratio_moved']:.3f}, {s['within_1_percent_moved']} {of}",
            f"{s['rank_correlation']:.3f} ({s['rank_correlation_least']:.3f}), {s['rank_at_least_0.9']} {of}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(found: dict[str, Any], file: Path) -> None:
    """The curve of objective over time for each variant, on the first film of each model."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with_curves = {name: row for name, part in found.items() if (row := next(iter(part["rows"]), {})).get("curves")}
    figure, axes = pyplot.subplots(1, len(with_curves), figsize=(5 * len(with_curves), 4), squeeze=False)
    for axis, (name, row) in zip(axes[0], with_curves.items(), strict=True):
        for variant, (seconds, objective) in row["curves"].items():
            axis.plot(seconds, objective, label=variant, linewidth=2)
        axis.set(title=name, xlabel="seconds", ylabel="objective", xscale="log", yscale="log")
        axis.grid(alpha=0.3)
    axes[0][0].legend()
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def measured(model_id: str, source: Iterator[Film], count: int, timed: int, rows: list[dict[str, Any]]) -> Iterator:
    """Rows of a model, after each film; those that are there already are not measured again."""
    plain, known = Plain(registry.load(model_id)), {row["sha256"] for row in rows}
    for question in questions(model_id, source):
        if len(rows) >= count:
            return
        if question.film.sha256 in known:
            continue
        rows.append(compared(model_id, plain, question, len(rows) < timed))
        yield rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.perturbation", description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, help="index of films; phantoms without it")
    parser.add_argument("--root", type=Path, default=Path(), help="folder that the index's paths start from")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--films", type=int, default=30, help="films a model")
    parser.add_argument("--timed", type=int, default=1, help="of them, how many with the curves of all variants")
    parser.add_argument("--out", type=Path, default=RESULTS / "perturbation.json")
    args = parser.parse_args()
    found = json.loads(args.out.read_text()) if args.out.is_file() else {}
    for model_id in args.models.split(","):
        part = found.setdefault(model_id, {"rows": []})
        source = films(args.index, args.root)
        for rows in measured(model_id, source, args.films, args.timed, part["rows"]):
            part |= {"summary": summary(rows), "machine": machine.described(), "jitter": JITTER}
            args.out.write_text(json.dumps(found, indent=1) + "\n")
        print(model_id, json.dumps(part["summary"]), flush=True)
    print(table({model_id: part for model_id, part in found.items() if "plain_s" in part.get("summary", {})}))
    draw(found, args.out.with_suffix(".png"))


if __name__ == "__main__":
    main()
