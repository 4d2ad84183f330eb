"""``results``: print the stored test-set figures, or write them where the repository shows them."""

import argparse


def register(commands: argparse._SubParsersAction) -> None:
    """Add ``results`` to the command line."""
    parser = commands.add_parser("results", help="print the measured figures of the bundled models")
    parser.add_argument("--page", action="store_true", help="write docs/results.md and the README's table instead")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Always 0."""
    from .. import results, results_page
    from ..manifest import ROOT

    if not args.page:
        print(results.table())
        return 0
    (ROOT / "docs" / "results.md").write_text(results_page.page(), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(results_page.with_table(readme.read_text(encoding="utf-8"), results.table()), encoding="utf-8")
    return 0
