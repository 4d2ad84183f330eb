"""Models to a hub repository and back. It holds ``ID.safetensors`` and ``ID.toml`` for each model, and a README.md.

``ID.toml`` is a manifest of one entry whose bundled file lies beside it, so that a clone of the repository can be used
as it is. In our manifest a shared model is pinned to the commit that brought it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from . import hub, manifest, weights
from .errors import ManifestError, UnknownModel, WeightsError, WeightsMissing
from .hub import Repository
from .manifest import Hub, ModelSpec
from .model_card import card

Specs = dict[str, ModelSpec]


def push(ids: Iterable[str], repo: str, public: bool = False) -> Specs:
    """Put the verified weights, the entry and the card of each model into ``repo`` in one commit; pin them to it.

    Models that are there already stay. Returns the entries as the manifest now has them. Raises UnknownModel,
    ManifestError, or WeightsError when weights are not those of the manifest, the hub declines, or ``repo`` is public
    without ``public``.
    """
    file = manifest.in_use()
    chosen = _chosen(ids, manifest.specs(file))
    files = {f"{name}.safetensors": weights.content(spec) for name, spec in chosen.items()}
    before = hub.find(repo)
    if before and not before.private and not public:
        raise WeightsError(f"{repo} is public, for anyone to read: add --public to push there, or name another.")
    shown = (_entries(repo, before) if before else {}) | chosen
    files |= {f"{name}.toml": _fragment(spec) for name, spec in chosen.items()}
    files["README.md"] = card(repo, list(shown.values())).encode()
    revision = hub.commit(repo, files, f"Add {', '.join(chosen)}", before.commit if before else None, public)
    return _pin(file, chosen, repo, revision)


def pull(ids: Iterable[str]) -> dict[str, Path]:
    """Model id -> its verified weights in the hub's cache, from the pinned revision; raises as ``weights.fetch``."""
    return {name: weights.fetch(spec) for name, spec in _chosen(ids, manifest.specs()).items()}


def adopt(repo: str, revision: str = "main", ids: Sequence[str] = ()) -> Specs:
    """Add the models of ``repo`` (all, or ``ids``) to the manifest, pinned to the commit that ``revision`` now is.

    Every weight file is fetched, verified and seen to fit its architecture before the manifest is written, once. A
    model that is there already must be the same one: it keeps its bundled file and gets the pin. Raises UnknownModel,
    ManifestError, WeightsError.
    """
    there = hub.find(repo, revision)
    if there is None:
        raise WeightsMissing(f"There is no {repo} on the hub, or a private one: {hub.REMEDIES[404]}.")
    found = _entries(repo, there)
    if not found:
        raise WeightsMissing(f"{repo} holds no models of this program at {there.commit}: name another repository.")
    pulled = _chosen(ids, found) if ids else found
    file = manifest.in_use()
    _merged(file, pulled)  # a model of the same name is said before the weights come over the network
    for spec in pulled.values():
        _try(spec)
    _write(_merged(file, pulled), file)
    return pulled


def _chosen(ids: Iterable[str], known: Mapping[str, ModelSpec]) -> Specs:
    for name in ids:
        if name not in known:
            raise UnknownModel(f"There is no model {name!r}. There are: {', '.join(known)}.")
    return {name: known[name] for name in ids}


def _fragment(spec: ModelSpec) -> bytes:
    """The entry as a manifest of its own; the commit that will hold it cannot be in it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "entry.toml"
        manifest.write({spec.id: replace(spec, bundled=f"{spec.id}.safetensors", hub=None)}, file)
        return file.read_bytes()


def _entries(repo: str, there: Repository) -> Specs:
    """The models of a repository, each pinned to its commit: every ID.toml that lies beside an ID.safetensors."""
    names = [Path(f).stem for f in there.files if f.endswith(".toml") and "/" not in f]
    return {name: _entry(repo, there, name) for name in names if f"{name}.safetensors" in there.files}


def _entry(repo: str, there: Repository, name: str) -> ModelSpec:
    fragment = hub.fetch(Hub(repo, there.commit, f"{name}.toml"), f"The entry of {name} cannot be had")
    try:
        entries = manifest.specs(fragment)
    except ManifestError as error:
        raise ManifestError(f"{repo} at {there.commit}: {error} Correct it there, or name other models.") from error
    if list(entries) != [name]:
        raise ManifestError(f"{repo} at {there.commit}: {name}.toml must have one entry, [{name}]. Correct it there.")
    pin = Hub(repo, there.commit, f"{name}.safetensors")
    return replace(entries[name], bundled=None, hub=pin, folder=manifest.in_use().resolve().parent)


def _merged(file: Path, pulled: Specs) -> Specs:
    """The manifest in ``file``, begun if there is none, with ``pulled``; ManifestError where a name is taken."""
    known = manifest.specs(file) if file.exists() else {}
    for name, spec in pulled.items():
        if differs := _differences(known.get(name, spec), spec):
            raise ManifestError(
                f"{file} has another {name} already (it differs in {', '.join(differs)}) and stays as it is: rename"
                " that entry, or pull into another manifest by CXR_MANIFEST=other.toml."
            )
    return known | {name: replace(known.get(name, spec), hub=spec.hub) for name, spec in pulled.items()}


def _try(spec: ModelSpec) -> None:
    """Fetch and verify the weights and fill a network with them; what cannot be used here raises."""
    from . import registry  # the libraries of networks take seconds to import, and pushing needs none

    weights.fetch(spec)
    weights.load_into(registry.build(spec.architecture, spec.settings), spec)


def _differences(a: ModelSpec, b: ModelSpec) -> list[str]:
    """Fields in which two entries are different models; where their weights lie makes no difference."""
    names = (f.name for f in fields(ModelSpec) if f.compare and f.name not in ("bundled", "hub"))
    return [name for name in names if getattr(a, name) != getattr(b, name)]


def _pin(file: Path, pushed: Specs, repo: str, revision: str) -> Specs:
    """Write the commit into the entries; one that was trained anew during the upload must not get the old weights."""
    now = manifest.specs(file)
    pinned = {
        name: replace(spec, hub=Hub(repo, revision, f"{name}.safetensors"))
        for name, spec in pushed.items()
        if now.get(name) == spec
    }
    _write(now | pinned, file)
    if changed := sorted(pushed.keys() - pinned.keys()):
        raise ManifestError(f"The entry of {', '.join(changed)} changed while it was pushed: push it again.")
    return pinned


def _write(entries: Specs, file: Path) -> None:
    try:
        manifest.write(entries, file)
    except OSError as error:
        raise ManifestError(
            f"{file} cannot be written ({error.strerror}): make it and its folder writable, or name another in"
            " CXR_MANIFEST, and try again."
        ) from error
