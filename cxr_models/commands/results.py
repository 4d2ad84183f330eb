"""``results``: print the stored test-set figures as the README has them."""

import argparse


def register(commands: argparse._SubParsersAction) -> None:
    """Add ``results`` to the command line."""
    parser = commands.add_parser("results", help="print the measured figures of the bundled models")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Always 0."""
    from ..results import table

    print(table())
    return 0
