"""Public films fetched only when the reader asks, and used only when their content is the one that was named.

Each film is pinned by the commit of its source's git repository. The host is asked which blob that commit holds at
the film's path, and the bytes must hash to that blob (SHA-1 of ``"blob <size>\\0"`` and the bytes, as git does).
This catches cut, altered or replaced content; it trusts the host, over TLS, for the answer of which blob it is.
"""

import hashlib
import json
import re
import time
import tomllib
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import OpenerDirector, Request, build_opener

from cxr_models.errors import CxrError

MAX_BYTES = 32 * 2**20
MAX_LISTING = 4 * 2**20
SECONDS = 30.0
_CHUNK = 64 * 1024
_LISTING_HOST = "https://api.github.com"
_FILE_HOST = "https://raw.githubusercontent.com"
_OTHERWISE = "Try again later, or open a phantom or a film of your own."


@dataclass(frozen=True)
class PublicFilm:
    """One film of a public collection: what it is, whose it is, and which content exactly.

    commit: 40 hex digits, the source's revision. finding: in the source's words, never our reading.
    """

    title: str
    finding: str
    repository: str
    commit: str
    path: str
    licence: str
    licence_url: str
    attribution: str

    @property
    def page(self) -> str:
        """The page on which a reader sees the film at its source, at the pinned revision."""
        return f"https://github.com/{self.repository}/blob/{self.commit}/{self.path}"

    @property
    def url(self) -> str:
        """Where the bytes come from."""
        return f"{_FILE_HOST}/{self.repository}/{self.commit}/{self.path}"


def entries() -> list[PublicFilm]:
    """The films on offer, in the order of ``public_films.toml``."""
    table = tomllib.loads(Path(__file__).with_name("public_films.toml").read_text(encoding="utf-8"))
    return [PublicFilm(**table["source"], **film) for film in table["film"]]


def fetch(entry: PublicFilm, opener: OpenerDirector | None = None, base: str | None = None) -> bytes:
    """The film's file as its source holds it at the pinned revision; nothing is written to disk.

    opener: another ``urllib`` opener (a proxy, a test). base: a mirror that stands for both hosts. Raises CxrError
    when the source cannot be reached within ``SECONDS``, sends more than ``MAX_BYTES``, or sends anything but the
    named content.
    """
    opener, deadline = opener or build_opener(), time.monotonic() + SECONDS
    listing = f"{base or _LISTING_HOST}/repos/{entry.repository}/contents/{entry.path}?ref={entry.commit}"
    size, blob = _named(_get(opener, listing, MAX_LISTING, deadline))
    if size > MAX_BYTES:
        raise CxrError(f"The film has {size} bytes, more than the {MAX_BYTES} allowed. {_OTHERWISE}")
    data = _get(opener, entry.url.replace(_FILE_HOST, base or _FILE_HOST), size, deadline)
    if git_blob(data) != blob:
        raise CxrError(f"The source sent other content than the one named (hash differs): not used. {_OTHERWISE}")
    return data


def git_blob(data: bytes) -> str:
    """The name git gives to a file's content: SHA-1 in 40 hex digits."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _named(listing: bytes) -> tuple[int, str]:
    """Size in bytes and blob id of the file that a listing describes."""
    try:
        answer: dict[str, Any] = json.loads(listing)
        kind, size, blob = answer["type"], answer["size"], answer["sha"]
    except (ValueError, TypeError, KeyError):
        kind, size, blob = None, None, ""
    if kind != "file" or not isinstance(size, int) or not re.fullmatch(r"[0-9a-f]{40}", str(blob)):
        raise CxrError(f"The source does not say which content the film has, so it is not fetched. {_OTHERWISE}")
    return size, blob


def _get(opener: OpenerDirector, url: str, limit: int, deadline: float) -> bytes:
    """At most ``limit`` bytes of ``url``, before ``deadline`` (of ``time.monotonic``)."""
    request = Request(url, headers={"Accept": "application/vnd.github.object+json", "User-Agent": "cxr-models"})
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            if urlsplit(answer.geturl()).scheme != urlsplit(url).scheme:
                raise CxrError(f"The source passed the request on to an unprotected address: not used. {_OTHERWISE}")
            return _read(answer, limit, deadline)
    except HTTPError as error:
        raise CxrError(f"The source of the film answered with status {error.code}. {_OTHERWISE}") from error
    except (OSError, HTTPException) as error:
        raise CxrError(f"The source of the film cannot be reached or broke off. {_OTHERWISE}") from error


def _read(answer: Any, limit: int, deadline: float) -> bytes:
    data = bytearray()
    while chunk := answer.read1(_CHUNK):
        data += chunk
        if len(data) > limit:
            raise CxrError(f"The source sent more than the {limit} bytes expected, so it is not used. {_OTHERWISE}")
        if time.monotonic() > deadline:
            raise CxrError(f"The source of the film is too slow: over {SECONDS:.0f} seconds. {_OTHERWISE}")
    return bytes(data)
