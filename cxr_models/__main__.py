"""``python -m cxr_models``: analyse films, look after the weights, train, evaluate and audit the models."""

import argparse
import sys
from collections.abc import Sequence

from .commands import analyse, audit, results, weights
from .errors import CxrError

NOTICE = "Chest film models, for research and teaching. Not a diagnostic device."
TRAINING = {
    "data": "index the film collections",
    "train": "train and export models",
    "evaluate": "measure models on the test films",
    "protocol": "split films as a paper did, train and measure",
    "study": "train and measure all of a paper's table",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; exit status 0, 1 for an error that a sentence on stderr explains, 2 for unusable arguments."""
    arguments = sys.argv[1:] if arguments is None else arguments
    args = _parser(training=arguments[0] in TRAINING if arguments else False).parse_args(arguments)
    try:
        return args.run(args)
    except CxrError as error:
        print(f"python -m cxr_models {args.command}: {error}", file=sys.stderr)
        return 1


def _parser(training: bool) -> argparse.ArgumentParser:
    """The training commands are imported only when one of them is asked for; otherwise help lists their names."""
    parser = argparse.ArgumentParser(prog="python -m cxr_models", description=NOTICE)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    analyse.register(commands)
    weights.register(commands)
    results.register(commands)
    audit.register(commands)
    if training:
        from .training import cli

        cli.register(commands)
    else:
        for name, what in TRAINING.items():
            commands.add_parser(name, help=what)
    return parser


if __name__ == "__main__":
    sys.exit(main())
