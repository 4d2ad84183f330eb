"""``weights``: where each model's weights are and whether they are the right ones; to a hub repository and back."""

import argparse
import sys


def register(commands: argparse._SubParsersAction) -> None:
    """Add ``weights``, ``weights push`` and ``weights pull`` to the command line."""
    parser = commands.add_parser("weights", help="where each model's weights are; push to and pull from a model hub")
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(metavar="push|pull", help="without one: a line a model, nothing is downloaded")
    _register_push(actions)
    _register_pull(actions)


def run(args: argparse.Namespace) -> int:
    """One line a model; always 0, for the other models can be used when one cannot. Raises ManifestError."""
    from .. import manifest, weights

    for state in weights.status(manifest.specs()):
        print(f"{state.id:12} {'ok' if state.ok else 'NOT READY':10} {state.where:24} {state.sentence}")
    return 0


def run_push(args: argparse.Namespace) -> int:
    """Upload, pin in the manifest, one line a model; 0. Raises CxrError."""
    from .. import manifest, sharing

    pushed = sharing.push(args.ids, args.repo, args.public)
    for name, spec in pushed.items():
        print(f"{name:12} pushed     {args.repo} at {spec.hub and spec.hub.revision}")
    print(f"{manifest.in_use()} names this commit: keep it, to fetch the weights where the files are not.")
    return 0


def run_pull(args: argparse.Namespace) -> int:
    """Fetch and verify, one line a model; 0, or 2 for arguments that cannot be used. Raises CxrError."""
    if not args.repo and (args.revision or not args.ids):
        print("python -m cxr_models weights pull: name models, or a repository by --repo.", file=sys.stderr)
        return 2
    from .. import manifest, sharing

    if args.repo:
        for name, spec in sharing.adopt(args.repo, args.revision or "main", args.ids).items():
            print(f"{name:12} added      {args.repo} at {spec.hub and spec.hub.revision}")
        print(f"{manifest.in_use()} has them; their weights are verified and in the hub's cache.")
        return 0
    for name, path in sharing.pull(args.ids).items():
        print(f"{name:12} ok         {path}")
    return 0


def _register_push(actions: argparse._SubParsersAction) -> None:
    parser = actions.add_parser("push", help="upload weights, entries and a README.md to a hub repository, pin them")
    parser.add_argument("ids", nargs="+", metavar="ID", help="models of the manifest")
    parser.add_argument("--repo", required=True, metavar="OWNER/NAME", help="made if there is none; README.md anew")
    parser.add_argument("--public", action="store_true", help="make a new repository public, or push to a public one")
    parser.set_defaults(run=run_push)


def _register_pull(actions: argparse._SubParsersAction) -> None:
    parser = actions.add_parser("pull", help="fetch weights into the hub's cache and verify them")
    parser.add_argument("ids", nargs="*", metavar="ID", help="models of the manifest; with --repo, of the repository")
    parser.add_argument("--repo", metavar="OWNER/NAME", help="add the models of this repository to the manifest")
    parser.add_argument("--revision", metavar="COMMIT", help="of --repo: commit, branch or tag (main)")
    parser.set_defaults(run=run_pull)
