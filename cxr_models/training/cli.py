"""The commands that train: data, train, evaluate, protocol, study. Imported only when one of them is asked for."""

import argparse
import os
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pandas as pd

from .. import manifest
from ..data import cli as data_cli
from ..data.checks import require
from ..data.index import read
from ..data.phantoms import phantoms
from ..data.protocols import PROTOCOLS
from ..errors import TrainingError
from ..evaluation import maps
from ..evaluation import report as printed
from ..evaluation.compare import compare
from ..evaluation.evaluate import evaluate
from ..evaluation.films import Films, foreign, own
from ..inference import classifiers
from ..results import TEST, Evaluation
from ..results_studies import STUDIES
from . import bundle, gate, protocols, recipes, studies, taught
from .ranks import ranks
from .recipes import Recipe
from .run import train

GATE, MAPS, ALL = "gate", "maps", "all"
MAP_METHODS = ",".join(maps.EXPLAINING)
SECONDS = {"s": 1, "m": 60, "h": 3600}


def register(commands: argparse._SubParsersAction) -> None:
    """Add ``data``, ``train``, ``evaluate``, ``protocol`` and ``study`` to the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--root", type=Path, default=os.environ.get("CXR_FILMS"), help="folder of the collections")
    common.add_argument("--runs", type=Path, default=Path("runs"), help="checkpoints, index and caches")
    common.add_argument("--seed", type=int, default=0)
    data_cli.register(commands)
    for name, run, what in (("train", run_train, "train and export"), ("evaluate", run_evaluate, "measure")):
        parser = commands.add_parser(name, parents=[common], help=f"{what} models")
        parser.add_argument("models", nargs="+", metavar="ID", help=f"{ALL} (what is bundled), {GATE}, or some of "
                            f"{', '.join(recipes.ids())}")  # fmt: skip
        parser.set_defaults(run=run)
        (train_options if name == "train" else evaluate_options)(parser)
    parser = commands.add_parser("protocol", parents=[common], help="split as a paper did, train and measure")
    parser.add_argument("protocols", nargs="+", metavar="NAME", help=f"some of {', '.join(PROTOCOLS)}")
    parser.add_argument("--models", required=True, help="ID,ID")
    parser.add_argument("--share", type=float, default=1.0, help="of the films each stage shows, above 0, at most 1")
    parser.set_defaults(run=run_protocol)
    parser = commands.add_parser("study", parents=[common], help="a paper's whole table, onto docs/results.md")
    parser.add_argument("studies", nargs="+", metavar="NAME", choices=STUDIES, help=f"some of {', '.join(STUDIES)}")
    parser.add_argument("--share", type=float, default=1.0, help="of the films each stage shows, above 0, at most 1")
    parser.set_defaults(run=run_study)


def train_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--phantoms", type=int, metavar="N", help="on N drawn films; such a network is not exported")
    parser.add_argument("--name", help="of the run's folder; default the id")
    parser.add_argument("--init", help="first weights: random, imagenet, cae, a run's folder or a .safetensors file")
    parser.add_argument("--budget", type=seconds, metavar="TIME", help="90s, 20m or 2h for all of them together")
    parser.add_argument("--no-export", action="store_true", help="leave the network in its run")
    parser.add_argument(
        "--replace", action="store_true", help="export even if validation films speak for the old weights"
    )


def evaluate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--compare", action="store_true", help="compare the models, two by two, on the same films")
    parser.add_argument("--index", type=Path, metavar="FILE", help="films of another table instead of the test films")
    parser.add_argument("--split", default=TEST, help="which of the table's splits (%(default)s)")
    parser.add_argument("--name", help="store the results as ID.NAME.json; needed with --index")
    of_maps = parser.add_argument_group(MAPS, "`evaluate maps`, alone: how far explanations can be believed")
    of_maps.add_argument("--models", dest="of", metavar="ID,ID", help="of these models (default: all that classify)")
    of_maps.add_argument("--methods", metavar="M,M", help=f"by these methods (default: all of {MAP_METHODS})")
    of_maps.add_argument("--films", type=int, metavar="N", help="on at most N films in each part")
    of_maps.add_argument("--taught", action="store_true", help="of networks taught one thing on drawn films, no other")
    of_maps.add_argument("--limits", action="store_true", help="print the limits of the badge and nothing else")


def seconds(text: str) -> float:
    """ "90s", "20m", "1.5h" -> seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text)
    if not found or not float(found[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is no time: write 90s, 20m or 2h")
    return float(found[1]) * SECONDS[found[2]]


def films_root(args: argparse.Namespace) -> Path:
    if args.root is None or not args.root.is_dir():
        raise TrainingError("Name the folder of the film collections with --root or the variable CXR_FILMS.")
    return args.root


def index_of(args: argparse.Namespace) -> pd.DataFrame:
    """The index in ``--runs``, built at first use. Raises TrainingError where it or its films are not sound."""
    file, root = args.runs / "index.csv", films_root(args)
    with ranks().first_alone():
        films = read(file) if file.is_file() else data_cli.make(root, file, args.seed)
    require(films, root)
    return films


def chosen(models: list[str]) -> list[str]:
    """Ids in the order asked for; "all" is every bundled recipe, then the gate, which needs the lungs."""
    if models == [ALL]:
        return [*recipes.BUNDLED, GATE]
    return [m if m == GATE else recipes.get(m).id for m in models]


def run_train(args: argparse.Namespace) -> int:
    """Train, export, calibrate and evaluate each model in turn; a second call goes on where the first stopped."""
    asked = chosen(args.models)
    if args.name and (len(asked) > 1 or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", args.name)):
        raise TrainingError("--name names one run: small letters, digits, - and _ only.")
    if args.phantoms is not None:
        return on_phantoms(args, [name for name in asked if name != GATE])
    root, index = films_root(args), index_of(args)
    times = bundle.shares([m for m in asked if m != GATE], args.budget)
    for model_id in asked:
        if model_id == GATE:
            report(gate.run(index, root, args.runs, args.seed, manifest.in_use()))
            continue
        folder = args.runs / (args.name or model_id)
        net, done = train(started(model_id, args), index, root, folder, args.seed, args.runs / "cache", times[model_id])
        if ranks().first and not args.no_export:
            bundle.admit(bundle.Trained(net, done, index, root, args.runs, folder, args.seed), args.replace)
    return 0


def on_phantoms(args: argparse.Namespace, asked: list[str]) -> int:
    """Train on drawn films, for a lesson: the networks stay in their runs."""
    root = args.runs / "phantoms" / str(args.phantoms)
    with ranks().first_alone():
        index = phantoms(root, args.phantoms)
    times = bundle.shares(asked, args.budget)
    for model_id in asked:
        folder = args.runs / (args.name or f"{model_id}-phantoms")
        train(started(model_id, args), index, root, folder, args.seed, args.runs / "cache", times[model_id])
        print(f"{folder}: trained on drawings, so not added to the models.")
    return 0


def started(model_id: str, args: argparse.Namespace) -> Recipe:
    """The recipe, from the first weights that were asked for."""
    recipe = recipes.get(model_id)
    return replace(recipe, init=args.init) if args.init else recipe


def run_evaluate(args: argparse.Namespace) -> int:
    """Measure the models one by one, or compare them two by two, on the test films or on those of another table."""
    if MAPS in args.models or args.of or args.methods or args.films is not None or args.limits or args.taught:
        return run_maps(args)
    file = manifest.in_use()
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


def run_maps(args: argparse.Namespace) -> int:
    """Measure the maps of the models, or print the badge's limits; a second call goes on where the first stopped."""
    if args.models != [MAPS] or args.compare or args.index:
        raise TrainingError(
            "--models, --methods, --films, --limits and --taught belong to `evaluate maps`, which stands alone and"
            " takes films of the index: evaluate maps --models resnet18,cae."
        )
    given = {"models": args.of, "methods": args.methods, "films": args.films, "name": args.name}
    options = "".join(f" --{option} {value}" for option, value in given.items() if value)
    methods = listed(args.methods) or maps.EXPLAINING
    if args.taught:
        if args.of or args.name or args.limits:
            raise TrainingError("--taught brings networks and a name of its own: leave --models, --name, --limits out.")
        report(taught.measure(methods, args.runs, args.seed, args.films, options))
        return 0
    plan = maps.Plan(listed(args.of) or classifiers(), methods, args.films)
    root, index = films_root(args), index_of(args)
    if args.limits:
        print(maps.limit_table(plan, index, root, args.runs))
        return 0
    report(maps.measure(plan, index, root, args.runs, options, own(index, args.name or TEST).name))
    return 0


def listed(text: str | None) -> tuple[str, ...]:
    """ "a,b" -> ("a", "b")."""
    return tuple(text.split(",")) if text else ()


def run_protocol(args: argparse.Namespace) -> int:
    """Each protocol with each model; a second call goes on where the first stopped."""
    root, index = films_root(args), index_of(args)
    for name in args.protocols:
        for model_id in args.models.split(","):
            report(protocols.run(recipes.get(model_id), name, index, root, args.runs, args.seed, args.share))
    return 0


def run_study(args: argparse.Namespace) -> int:
    """Each study whole; a second call goes on where the first stopped."""
    root, index = films_root(args), index_of(args)
    for name in args.studies:
        studies.run(name, index, root, args.runs, args.seed, args.share)
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
