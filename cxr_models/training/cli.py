"""The commands that train: data, train, evaluate. Imported only when one of them is asked for."""

import argparse
import os
from pathlib import Path

import pandas as pd

from .. import manifest
from ..data.index import build
from ..errors import TrainingError
from ..evaluation.evaluate import calibrate, evaluate
from . import gate, recipes
from .export import export
from .run import train

GATE = "gate"


def register(commands: argparse._SubParsersAction) -> None:
    """Add ``data``, ``train`` and ``evaluate`` to the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--root", type=Path, default=os.environ.get("CXR_FILMS"), help="folder of the collections")
    common.add_argument("--runs", type=Path, default=Path("runs"), help="checkpoints, index and caches")
    common.add_argument("--seed", type=int, default=0)
    data = commands.add_parser("data", parents=[common], help="index the collections below --root, grouped and split")
    data.set_defaults(run=run_data)
    known = [*recipes.RECIPES, GATE]
    for name, run, what in (("train", run_train, "train and export"), ("evaluate", run_evaluate, "measure")):
        parser = commands.add_parser(name, parents=[common], help=f"{what} models")
        parser.add_argument("models", nargs="+", metavar="ID", help=f"all, or some of {', '.join(known)}")
        parser.set_defaults(run=run)


def films_root(args: argparse.Namespace) -> Path:
    if args.root is None or not args.root.is_dir():
        raise TrainingError("Name the folder of the film collections with --root or the variable CXR_FILMS.")
    return args.root


def index_of(args: argparse.Namespace) -> pd.DataFrame:
    """The index in ``--runs``, built at first use."""
    file = args.runs / "index.csv"
    if not file.is_file():
        run_data(args)
    return pd.read_csv(file, keep_default_na=False, dtype={"sha256": str, "patient": str, "note": str})


def run_data(args: argparse.Namespace) -> int:
    films = build(films_root(args), args.seed)
    args.runs.mkdir(parents=True, exist_ok=True)
    films.to_csv(args.runs / "index.csv", index=False)
    counts = films[films.label != ""].pivot_table(
        index=["source", "label"], columns="split", values="path", aggfunc="size"
    )
    print(counts.fillna(0).astype(int).to_string())
    for film in films[films.note != ""].itertuples():
        print(f"left out: {film.path}: {film.note}")
    return 0


def chosen(models: list[str]) -> list[str]:
    """Ids in the order asked for; "all" is every recipe, then the gate, which needs the lungs."""
    if models == ["all"]:
        return [*recipes.RECIPES, GATE]
    return [m if m == GATE else recipes.get(m).id for m in models]


def run_train(args: argparse.Namespace) -> int:
    """Train, export, calibrate and evaluate each model in turn; a second call goes on where the first stopped."""
    file = manifest.ROOT / "weights_manifest.toml"
    root, index = films_root(args), index_of(args)
    for model_id in chosen(args.models):
        if model_id == GATE:
            report(gate.run(index, root, args.runs, args.seed, file))
            continue
        net = train(model_id, index, root, args.runs, args.seed)
        spec = export(net, recipes.get(model_id), index, args.runs, args.seed, file)
        if spec.thresholds:
            calibrate(model_id, index, root, args.runs, file)
        report(evaluate(model_id, index, root, args.runs, file))
    return 0


def run_evaluate(args: argparse.Namespace) -> int:
    file = manifest.ROOT / "weights_manifest.toml"
    root, index = films_root(args), index_of(args)
    for model_id in chosen(args.models):
        if model_id == GATE:
            report(gate.evaluate(*gate.networks(index, root, args.runs, args.seed), root))
            continue
        report(evaluate(model_id, index, root, args.runs, file))
    return 0


def report(found) -> None:
    """Print every figure of an evaluation with its interval and n."""
    print(f"{found.model_id}: {found.n} films, {found.data}")
    for m in found.measures:
        print(f"  {m.name:26} {m.about:24} {m.value:.3f}  [{m.low:.3f}, {m.high:.3f}]  n = {m.n}")
    for row in found.confusion:
        print("   ", "".join(f"{count:7d}" for count in row))
