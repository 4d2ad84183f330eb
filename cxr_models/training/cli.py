"""The commands that train: data, train, evaluate. Imported only when one of them is asked for."""

import argparse
import os
from itertools import combinations
from pathlib import Path

import pandas as pd

from .. import manifest
from ..data import cli as data_cli
from ..data.checks import require
from ..data.index import read
from ..data.protocols import PROTOCOLS
from ..errors import TrainingError
from ..evaluation import report as printed
from ..evaluation.compare import compare
from ..evaluation.evaluate import calibrate, evaluate
from ..evaluation.films import Films, foreign, own
from ..results import TEST, Evaluation
from . import gate, protocols, recipes
from .export import export
from .run import train

GATE = "gate"


def register(commands: argparse._SubParsersAction) -> None:
    """Add ``data``, ``train`` and ``evaluate`` to the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--root", type=Path, default=os.environ.get("CXR_FILMS"), help="folder of the collections")
    common.add_argument("--runs", type=Path, default=Path("runs"), help="checkpoints, index and caches")
    common.add_argument("--seed", type=int, default=0)
    data_cli.register(commands)
    known = [*recipes.RECIPES, GATE]
    for name, run, what in (("train", run_train, "train and export"), ("evaluate", run_evaluate, "measure")):
        parser = commands.add_parser(name, parents=[common], help=f"{what} models")
        parser.add_argument("models", nargs="+", metavar="ID", help=f"all, or some of {', '.join(known)}")
        parser.set_defaults(run=run)
        if name == "evaluate":
            evaluate_options(parser)
    parser = commands.add_parser("protocol", parents=[common], help="split as a paper did, train and measure")
    parser.add_argument("protocols", nargs="+", metavar="NAME", help=f"some of {', '.join(PROTOCOLS)}")
    parser.add_argument("--models", required=True, help=f"ID,ID of {', '.join(recipes.RECIPES)}")
    parser.add_argument("--stages", type=int, help="only so many stages of each recipe")
    parser.set_defaults(run=run_protocol)


def evaluate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--compare", action="store_true", help="compare the models, two by two, on the same films")
    parser.add_argument("--index", type=Path, metavar="FILE", help="films of another table instead of the test films")
    parser.add_argument("--split", default=TEST, help="which of the table's splits (%(default)s)")
    parser.add_argument("--name", help="store the results as ID.NAME.json; needed with --index")


def films_root(args: argparse.Namespace) -> Path:
    if args.root is None or not args.root.is_dir():
        raise TrainingError("Name the folder of the film collections with --root or the variable CXR_FILMS.")
    return args.root


def index_of(args: argparse.Namespace) -> pd.DataFrame:
    """The index in ``--runs``, built at first use. Raises TrainingError where it or its films are not sound."""
    file, root = args.runs / "index.csv", films_root(args)
    films = read(file) if file.is_file() else data_cli.make(root, file, args.seed)
    require(films, root)
    return films


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
        recipe = recipes.get(model_id)
        net = train(recipe, index, root, args.runs, args.seed)
        spec = export(net, recipe, index, args.runs, args.seed, file)
        if spec.thresholds:
            calibrate(model_id, index, root, args.runs, file)
        report(evaluate(model_id, index, root, args.runs, file))
    return 0


def run_evaluate(args: argparse.Namespace) -> int:
    """Measure the models one by one, or compare them two by two, on the test films or on those of another table."""
    file = manifest.ROOT / "weights_manifest.toml"
    root, index = films_root(args), index_of(args)
    films, asked = films_of(args, index), chosen(args.models)
    if args.compare:
        for a, b in pairs(asked, file):
            print(printed.comparison(compare(a, b, index, root, args.runs, file, films)))
        return 0
    for model_id in asked:
        if model_id == GATE:
            report(gate.evaluate(*gate.networks(index, root, args.runs, args.seed), root))
            continue
        report(evaluate(model_id, index, root, args.runs, file, films))
    return 0


def run_protocol(args: argparse.Namespace) -> int:
    """Each protocol with each model; a second call goes on where the first stopped."""
    root, index = films_root(args), index_of(args)
    for name in args.protocols:
        for model_id in args.models.split(","):
            report(protocols.run(model_id, name, index, root, args.runs, args.seed, args.stages))
    return 0


def films_of(args: argparse.Namespace, index: pd.DataFrame) -> Films:
    """The films that the options name. Raises TrainingError where they do not go together."""
    if args.index is None and args.split != TEST:
        raise TrainingError("--split chooses films of another table: name the table with --index.")
    if args.index is None:
        return own(index, args.name or TEST)
    if args.name is None or GATE in chosen(args.models):
        raise TrainingError("Films of --index need a --name for the results, and models that are not the gate.")
    return foreign(args.index, args.split, args.name)


def pairs(ids: list[str], file: Path) -> list[tuple[str, str]]:
    """All pairs of those that classify. Raises TrainingError where there are fewer than two."""
    specs = manifest.specs(file)
    classifiers = [name for name in ids if name in specs and specs[name].thresholds]
    if len(classifiers) < 2:
        raise TrainingError("A comparison needs two models that classify: for example --compare resnet18 coronet.")
    return list(combinations(classifiers, 2))


def report(found: Evaluation) -> None:
    """Print every figure of an evaluation with its interval and n."""
    print(printed.text(found))
