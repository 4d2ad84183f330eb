"""The only code that opens the model hub: what a repository holds, one file from it, one commit into it.

The token (``HF_TOKEN`` or ``hf auth login``), ``HF_ENDPOINT``, ``HF_HUB_OFFLINE``, ``HF_HOME``, ``HF_HUB_DISABLE_XET``
and the ``HF_HUB_*_TIMEOUT`` variables are huggingface_hub's own. Whatever goes wrong is one sentence, and the token is
never in it.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from .errors import WeightsError, WeightsMissing
from .manifest import REPO, Hub

LOGIN = "run `hf auth login`"
REMEDIES = {
    401: f"put a token that it accepts into HF_TOKEN or {LOGIN}",
    403: "use a token (HF_TOKEN) that is allowed to do this there",
    404: "correct the name, the revision or HF_ENDPOINT; a private repository needs a token (HF_TOKEN) too",
    412: "somebody pushed at the same time, push again",
}
NO_XET = "set HF_HUB_DISABLE_XET=1 if that hub has no Xet storage"
OTHERWISE = "check the network and HF_ENDPOINT"


class Repository(NamedTuple):
    """What a repository holds at one commit (40 hex digits). files: paths in it."""

    commit: str
    private: bool
    files: tuple[str, ...]


def cached(place: Hub) -> Path | None:
    """The file in the hub's cache on this machine, None when it is not there; asks nobody."""
    file = _library().try_to_load_from_cache(place.repo, place.file, revision=place.revision)
    return Path(file) if isinstance(file, str) else None


def fetch(place: Hub, start: str, or_else: str = "") -> Path:
    """The file in the hub's cache, downloaded into it if need be; its content is not checked.

    Raises WeightsMissing: ``start``, why it cannot be had, what to do ``or_else``.
    """
    if file := cached(place):
        return file
    library = _library()
    with _asking(start, f"{place.file} of {place.repo} at {place.revision}", or_else):
        # hf_hub_download alone asks an unreachable hub six times; asking once first keeps the reader from waiting.
        url = library.hf_hub_url(place.repo, place.file, revision=place.revision)
        library.get_hf_file_metadata(url, timeout=library.constants.HF_HUB_ETAG_TIMEOUT)
        return Path(library.hf_hub_download(place.repo, place.file, revision=place.revision))


def find(repo: str, revision: str = "main") -> Repository | None:
    """``repo`` at a branch, tag or commit; None when there is no such repository, or none that this token may see.

    Raises WeightsMissing when the hub cannot be asked or has no such revision, WeightsError when that is no name.
    """
    if not re.fullmatch(REPO, repo):
        raise WeightsError(f"{repo!r} is not the name of a repository: write OWNER/NAME.")
    library = _library()
    with _asking(f"{repo} cannot be read", f"{repo} at {revision}"):
        try:
            info = library.HfApi().model_info(repo, revision=revision, timeout=library.constants.HF_HUB_ETAG_TIMEOUT)
        except library.errors.RepositoryNotFoundError:
            return None
        return Repository(info.sha, bool(info.private), tuple(f.rfilename for f in info.siblings or ()))


def stated_sha256(place: Hub) -> str:
    """The SHA-256 in hex that the hub states for a large file, whose ETag it is. Raises WeightsMissing."""
    library = _library()
    with _asking(f"{place.repo} cannot be asked", f"{place.file} of {place.repo} at {place.revision}"):
        url = library.hf_hub_url(place.repo, place.file, revision=place.revision)
        return str(library.get_hf_file_metadata(url, timeout=library.constants.HF_HUB_ETAG_TIMEOUT).etag)


def commit(repo: str, files: Mapping[str, bytes], message: str, parent: str | None, public: bool) -> str:
    """Put ``files`` (path -> content) into ``repo`` in one commit upon ``parent``; its 40 hex digits.

    Without a parent the repository is created first, private unless ``public``. Without a change there is no new
    commit: the parent comes back. Raises WeightsError.
    """
    library = _library()
    start = f"Pushing to {repo} failed"
    with _asking(start, f"a commit to {repo}"):
        if library.get_token() is None:
            raise WeightsError(f"{start}: there is no token. Put one with write access into HF_TOKEN or {LOGIN}.")
        api = library.HfApi()
        if parent is None:
            api.create_repo(repo, private=not public, exist_ok=True)
        operations = [library.CommitOperationAdd(name, content) for name, content in files.items()]
        revision = api.create_commit(repo, operations, commit_message=message, parent_commit=parent).oid
    there = find(repo, revision)
    if left_out := sorted(files.keys() - set(there.files if there else ())):
        raise WeightsError(f"{start}: the hub left out {', '.join(left_out)}. See .gitignore there, then push again.")
    return revision


def _library() -> Any:
    """huggingface_hub, imported at first use: bundled weights need none of it."""
    try:
        import huggingface_hub.constants
        import huggingface_hub.errors
    except ValueError as error:  # its constants are made of the environment when it is imported
        raise WeightsMissing(f"huggingface_hub cannot start ({error}): correct HF_ENDPOINT and HF_HUB_*.") from error
    return huggingface_hub


@contextmanager
def _asking(start: str, asked: str, or_else: str = "") -> Iterator[None]:
    """Whatever the hub answers amiss becomes WeightsMissing."""
    library = _library()
    endpoint, errors = library.constants.ENDPOINT, library.errors
    if library.is_offline_mode():
        raise WeightsMissing(f"{start} and HF_HUB_OFFLINE forbids asking {endpoint}: unset it{or_else}.")
    try:
        # A header that cannot be sent is quoted in the error of the client: such a token must not come that far.
        if re.search(r"[^!-~]", library.get_token() or ""):
            raise WeightsError(f"{start}: the token (HF_TOKEN) has characters that no token has. Copy it again.")
        yield
    except (OSError, ValueError, RuntimeError, errors.HTTPError, errors.OIDCError, errors.DeviceCodeError) as error:
        what, remedy = _answer(error)
        raise WeightsMissing(f"{start}: {endpoint} {what} (asked for {asked}): {remedy}{or_else}.") from error


def _answer(error: Exception) -> tuple[str, str]:
    """What the hub did, and what to do about it; texts of its answers, which may quote signed addresses, stay out."""
    for raised in (error, error.__cause__):  # an upload that fails is a RuntimeError, and the answer its cause
        if (response := getattr(raised, "response", None)) is not None:
            return f"answers with status {response.status_code}", REMEDIES.get(response.status_code, OTHERWISE)
    said = (str(error).splitlines() or [type(error).__name__])[0]
    return f"cannot be used: {said}", NO_XET if "xet" in said else OTHERWISE
