"""``python -m cxr_models data``: build, report, check and split an index of film collections."""

import argparse
from pathlib import Path

import pandas as pd

from ..errors import TrainingError
from . import checks, index, report
from .protocols import PROTOCOLS, protocol
from .report_page import page
from .splits import moved

LISTED = 10


def register(commands: argparse._SubParsersAction) -> None:
    """Add ``data`` with its four commands."""
    data = commands.add_parser("data", help="index film collections, report on, check and split the index")
    actions = data.add_subparsers(dest="action", required=True, metavar="ACTION")
    build = actions.add_parser("build", help="index all collections below ROOT, grouped and split")
    build.add_argument("root", type=Path, metavar="ROOT")
    build.add_argument("--out", type=Path, required=True, metavar="INDEX", help="the index, a CSV file")
    build.add_argument("--keep", type=Path, metavar="OLD_INDEX", help="films keep the split they have there")
    build.add_argument("--seed", type=int, default=0)
    build.set_defaults(run=run_build)
    tell = _of_index(actions, "report", "what the index holds, as text, and as one HTML file", run_report)
    tell.add_argument("--out", type=Path, metavar="HTML")
    tell.add_argument("--root", type=Path, metavar="ROOT", help="where the films are: adds contact sheets")
    check = _of_index(actions, "check", "what is wrong with the index; status 1 if anything is", run_check)
    check.add_argument("--root", type=Path, required=True, metavar="ROOT", help="where the films are")
    split = _of_index(actions, "split", "write a protocol's table of roles", run_split)
    split.add_argument("--protocol", required=True, metavar="NAME", help=", ".join(PROTOCOLS))
    split.add_argument("--out", type=Path, metavar="TABLE", help="default: INDEX-NAME.csv beside the index")
    split.add_argument("--seed", type=int, default=0)


def _of_index(actions: argparse._SubParsersAction, name: str, what: str, run) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=what)
    parser.add_argument("index", type=Path, metavar="INDEX")
    parser.set_defaults(run=run)
    return parser


def run_build(args: argparse.Namespace) -> int:
    make(args.root, args.out, args.seed, args.keep)
    return 0


def make(root: Path, file: Path, seed: int, keep: Path | None = None) -> pd.DataFrame:
    """Build and write an index, and print what it holds and what is wrong with it."""
    if not root.is_dir():
        raise TrainingError(f"There is no folder {root}. Name the folder that holds the film collections.")
    earlier = None if keep is None else index.read(keep)
    built = index.build(root, index.cache_of(file), seed, earlier)
    index.write(built.films, file)
    print(report.text(built.films))
    for source, films in built.absent.items():
        print(f"{source}: {films:,} films that its table lists are not below {root}.")
    if earlier is not None:
        _print_moved(built.films, earlier)
    _print_some([*checks.unreadable(built.films), *checks.faults(built.films, root)])
    print(f"{len(built.films):,} films in {built.films.group.nunique():,} groups: {file}")
    return built.films


def _print_moved(films: pd.DataFrame, earlier: pd.DataFrame) -> None:
    for change in moved(films, earlier).itertuples():
        print(f"{change.films:,} films were {change.before} in the earlier index and are {change.now} now.")


def _print_some(sentences: list[str]) -> None:
    print("\n".join(sentences[:LISTED]), end="\n" if sentences else "")
    if len(sentences) > LISTED:
        print(f"... and {len(sentences) - LISTED} more")


def run_report(args: argparse.Namespace) -> int:
    films = index.read(args.index)
    print(report.text(films))
    if args.out:
        args.out.write_text(page(films, args.index.name, args.root), encoding="utf-8")
        print(f"\nThe same with pictures: {args.out}" if args.root else f"\nThe same: {args.out}")
    return 0


def run_check(args: argparse.Namespace) -> int:
    films = index.read(args.index)
    found = checks.faults(films, args.root)
    print("\n".join([*checks.unreadable(films), *found]) or f"{args.index}: nothing wrong with {len(films):,} films.")
    return 1 if found else 0


def run_split(args: argparse.Namespace) -> int:
    """Write the protocol's films as an index whose ``split`` is their role, so that ``evaluate --index`` reads it."""
    films = index.read(args.index)
    found = protocol(args.protocol, films, args.seed)
    file = args.out or args.index.with_name(f"{args.index.stem}-{args.protocol}.csv")
    table = films.merge(found.table, on="path", validate="one_to_one")
    table["split"] = table.role.where(table.fold < 0, "fold " + table.fold.astype(str))
    index.write(table, file)
    print(pd.crosstab(table["class"], table.split).rename_axis(index=None, columns=None).to_string())
    print("\n".join([*found.notes, f"{len(table):,} films: {file}"]))
    return 0
