"""A model hub on 127.0.0.1: what huggingface_hub asks of the real one, over real HTTP, without Xet.

Down: ``HEAD`` and ``GET /{repo}/resolve/{revision}/{file}`` with ETag, X-Repo-Commit and Content-Length, and
``GET /api/models/{repo}/revision/{revision}``. Up: ``/api/repos/create``, ``/api/validate-yaml``, ``preupload``, Git
LFS's ``objects/batch``, ``PUT`` of an object and ``verify``, and ``commit`` with its lines of JSON. What goes up, and
what is private, needs the token; without it the answers are the real hub's, X-Error-Code and X-Error-Message included.
"""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Reply(NamedTuple):
    """Status, body and headers of an answer."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = {}


UNKNOWN_REPO = Reply(404, headers={"X-Error-Code": "RepoNotFound"})
ANONYMOUS = Reply(401, headers={"X-Error-Code": "RepoNotFound"})
REFUSED = Reply(401, headers={"X-Error-Message": "Invalid credentials in Authorization header"})
FORBIDDEN = Reply(403, headers={"X-Error-Message": "You don't have the required permissions"})
MOVED_ON = Reply(412, headers={"X-Error-Message": "A commit has happened since. Please refresh and try again."})


@dataclass
class Hub:
    """files: (repo, revision, file) -> bytes. status: answer everything with this one, if not 200.

    answer: if given, every reply waits until it is set. requests: what was asked, in order. heads: repo -> commit of
    its main branch; private: repositories that the token opens. token: the one that is known; writer: whether it may
    write. declines: part of a path -> status to answer there. ignored: endings that .gitignore leaves out.
    """

    url: str
    files: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    status: int = 200
    answer: threading.Event | None = None
    requests: list[str] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    token: str = "hf_known"
    writer: bool = True
    declines: dict[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    objects: dict[str, bytes] = field(default_factory=dict)

    def at(self, repo: str, revision: str) -> dict[str, bytes]:
        """File -> content at a branch or commit, empty where there is none."""
        commit = self.heads.get(repo) if revision == "main" else revision
        return {file: content for (r, c, file), content in self.files.items() if (r, c) == (repo, commit)}

    def add(self, repo: str, files: dict[str, bytes]) -> str:
        """A commit of ``files`` on top of what is there; its 40 hex digits."""
        tree = self.at(repo, "main") | files
        parent = self.heads.get(repo, "")
        self.heads[repo] = hashlib.sha1(repr((parent, sorted(tree.items()))).encode()).hexdigest()
        self.files |= {(repo, self.heads[repo], name): content for name, content in tree.items()}
        return self.heads[repo]

    def allow(self, token: str | None, repo: str, write: bool) -> Reply | None:
        """None when it may be done, otherwise what is said instead. Without a token a private repository is hidden."""
        if token not in (None, self.token):
            return REFUSED
        if token is None and (write or repo in self.private):
            return ANONYMOUS
        return FORBIDDEN if write and not self.writer else None


class Server(ThreadingHTTPServer):
    """One thread a request; none of them outlives the tests."""

    daemon_threads = True
    hub: Hub


@contextmanager
def serve() -> Iterator[Hub]:
    """A running hub; stopped and its port closed at the end."""
    server = Server(("127.0.0.1", 0), Handler)
    server.hub = Hub(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.hub
    finally:
        if server.hub.answer:
            server.hub.answer.set()
        server.shutdown()
        thread.join()
        server.server_close()


def resolve(hub: Hub, body: bytes, repo: str, revision: str, file: str) -> Reply:
    content = hub.files.get((repo, revision, file))
    if content is None:
        return Reply(404, headers={"X-Error-Code": "EntryNotFound"})
    return Reply(200, content, {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": revision})


def info(hub: Hub, body: bytes, repo: str, revision: str) -> Reply:
    if repo not in hub.heads:
        return UNKNOWN_REPO
    files = hub.at(repo, revision)
    if not files:
        return Reply(404, headers={"X-Error-Code": "RevisionNotFound"})
    sha = hub.heads[repo] if revision == "main" else revision
    siblings = [{"rfilename": name} for name in sorted(files)]
    return as_json({"id": repo, "sha": sha, "private": repo in hub.private, "siblings": siblings})


def create(hub: Hub, body: bytes) -> Reply:
    asked = json.loads(body)
    repo = f"{asked['organization']}/{asked['name']}"
    if repo in hub.heads:
        return Reply(409)
    if asked["visibility"] == "private":
        hub.private.add(repo)
    hub.add(repo, {".gitattributes": b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"})
    return as_json({"url": f"{hub.url}/{repo}"})


def validate(hub: Hub, body: bytes) -> Reply:
    if re.match(r"---\n(?:[^\n]+\n)+---\n", json.loads(body)["content"]):
        return as_json({"errors": [], "warnings": []})
    return as_json({"errors": [{"message": "no header"}], "warnings": []}, 400)


def preupload(hub: Hub, body: bytes, repo: str) -> Reply:
    if repo not in hub.heads:
        return UNKNOWN_REPO
    there = hub.at(repo, "main")
    return as_json({"files": [mode(hub, there, file["path"]) for file in json.loads(body)["files"]]})


def mode(hub: Hub, there: dict[str, bytes], path: str) -> dict[str, Any]:
    """How a file is to be sent, and the hash of the one that is there: of the content by LFS, otherwise git's."""
    large, old = path.endswith(".safetensors"), there.get(path)
    found = {"path": path, "uploadMode": "lfs" if large else "regular", "shouldIgnore": path.endswith(hub.ignored)}
    if old is None:
        return found
    git = hashlib.sha1(b"blob %d\0%b" % (len(old), old)).hexdigest()
    return found | {"oid": hashlib.sha256(old).hexdigest() if large else git}


def batch(hub: Hub, body: bytes, repo: str) -> Reply:
    def step(oid: str) -> dict[str, Any]:
        return {"upload": {"href": f"{hub.url}/storage/{oid}"}, "verify": {"href": f"{hub.url}/verify"}}

    asked = json.loads(body)["objects"]
    return as_json({"objects": [o if o["oid"] in hub.objects else o | {"actions": step(o["oid"])} for o in asked]})


def store(hub: Hub, body: bytes, oid: str) -> Reply:
    if hashlib.sha256(body).hexdigest() != oid:
        return Reply(400)
    hub.objects[oid] = body
    return Reply()


def verify(hub: Hub, body: bytes) -> Reply:
    asked = json.loads(body)
    return Reply(200 if len(hub.objects.get(asked["oid"], b"")) == asked["size"] else 404)


def commit(hub: Hub, body: bytes, repo: str) -> Reply:
    header, *lines = (json.loads(line) for line in body.splitlines())
    if header["value"].get("parentCommit", hub.heads[repo]) != hub.heads[repo]:
        return MOVED_ON
    values = {line["value"]["path"]: line["value"] for line in lines}
    read = {p: base64.b64decode(v["content"]) if "content" in v else hub.objects[v["oid"]] for p, v in values.items()}
    oid = hub.add(repo, read)
    return as_json({"commitUrl": f"{hub.url}/{repo}/commit/{oid}", "commitOid": oid})


def as_json(content: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(content).encode(), {"Content-Type": "application/json"})


REPO = r"([^/]+/[^/]+)"
READS = {
    rf"/{REPO}/resolve/([^/]+)/(.+)": resolve,
    rf"/api/models/{REPO}/revision/([^/]+)": info,
}
WRITES = {
    r"/api/repos/create": create,
    r"/api/validate-yaml": validate,
    rf"/api/models/{REPO}/preupload/main": preupload,
    rf"/{REPO}\.git/info/lfs/objects/batch": batch,
    r"/verify": verify,
    rf"/api/models/{REPO}/commit/main": commit,
}
STORAGE = {r"/storage/([0-9a-f]{64})": store}  # another company's, whose addresses are signed: no token goes there
ROUTES = {"HEAD": READS, "GET": READS, "POST": WRITES, "PUT": STORAGE}


class Handler(BaseHTTPRequestHandler):
    """Answers from the server's Hub."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send(self.reply(self.rfile.read(int(self.headers.get("Content-Length", 0)))))

    do_HEAD = do_POST = do_PUT = do_GET

    def reply(self, body: bytes) -> Reply:
        hub = self.server.hub
        hub.requests.append(f"{self.command} {self.path}")
        if hub.answer:
            hub.answer.wait()
        if hub.status != 200:
            return Reply(hub.status)
        for part, status in hub.declines.items():
            if part in self.path:
                return Reply(status)
        for pattern, answer in ROUTES[self.command].items():
            if match := re.fullmatch(pattern, self.path.partition("?")[0]):
                return self.refused(match) or answer(hub, body, *match.groups())
        return Reply(404)

    def refused(self, match: re.Match[str]) -> Reply | None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ") or None
        if self.command == "PUT":
            return Reply(400) if token else None
        repo = match.group(1) if match.re.groups else ""
        return self.server.hub.allow(token, repo, write=self.command == "POST")

    def send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in (reply.headers | {"Content-Length": str(len(reply.body))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the requests are in ``hub.requests``."""
