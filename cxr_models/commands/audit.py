"""``audit``: what models' answers follow, over many test films: edits, marks, collections; stored, or as HTML, too."""

import argparse
import os
from pathlib import Path

INDEX = Path("runs") / "index.csv"


def register(commands: argparse._SubParsersAction) -> None:
    """Add ``audit`` to the command line."""
    parser = commands.add_parser("audit", help="what models look at, over many test films")
    parser.add_argument("--models", metavar="ID,ID", help="of these models (default: all that classify)")
    parser.add_argument("--films", type=int, metavar="N", help="how many are shown changed (default: 150)")
    parser.add_argument("--index", type=Path, default=INDEX, metavar="FILE", help="of the films (%(default)s)")
    parser.add_argument("--root", type=Path, default=os.environ.get("CXR_FILMS"), help="folder of the collections")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the audits as one HTML page, too")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Always 0. A second call goes on where the first was broken off."""
    from .. import inference
    from ..audits import findings, report
    from ..errors import TrainingError
    from ..shortcuts.audit import FILMS, Plan, audit

    if args.root is None:
        raise TrainingError("Name the folder of the film collections with --root or the variable CXR_FILMS.")
    models = tuple(args.models.split(",")) if args.models else inference.classifiers()
    plan = Plan(models, FILMS if args.films is None else args.films)
    given = {"models": args.models, "films": args.films}
    options = "".join(f" --{name} {value}" for name, value in given.items() if value)
    found = audit(plan, args.index, args.root, options)
    for one in found:
        print(f"{one.title}: {one.n} films shown changed, {one.probed} probed")
        print("\n".join(f"  {sentence}" for sentence in findings.said(one)))
    if args.report:
        args.report.write_text(report.page(found), encoding="utf-8")
    return 0
