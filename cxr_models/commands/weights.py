"""``weights``: where each model's weights are and whether they are the ones the manifest names. Downloads nothing."""

import argparse


def register(commands: argparse._SubParsersAction) -> None:
    """Add ``weights`` to the command line."""
    parser = commands.add_parser("weights", help="where each model's weights are, and whether they are the right ones")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """One line a model; always 0, for the other models can be used when one cannot. Raises ManifestError."""
    from .. import manifest, weights

    for state in weights.status(manifest.specs()):
        print(f"{state.id:12} {'ok' if state.ok else 'NOT READY':10} {state.where:24} {state.sentence}")
    return 0
