"""A model hub on 127.0.0.1: what huggingface_hub asks of the real one to download a file, over real HTTP.

``HEAD`` and ``GET /{owner}/{name}/resolve/{revision}/{file}`` with ETag, X-Repo-Commit and Content-Length; 404 with
X-Error-Code for anything else. No Xet headers, so that plain HTTP is used.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Hub:
    """files: (repo, revision, file) -> bytes. status: answer everything with this one, if not 200.

    answer: if given, every reply waits until it is set. requests: what was asked, in order.
    """

    url: str
    files: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    status: int = 200
    answer: threading.Event | None = None
    requests: list[str] = field(default_factory=list)

    def find(self, path: str) -> tuple[str, bytes] | None:
        """(revision, content) of /owner/name/resolve/revision/file; None when there is no such file."""
        repo, _, rest = path.strip("/").partition("/resolve/")
        revision, _, file = rest.partition("/")
        content = self.files.get((repo, revision, file))
        return None if content is None else (revision, content)


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


class Handler(BaseHTTPRequestHandler):
    """Answers HEAD and GET from the server's Hub."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.reply(with_body=False)

    def do_GET(self) -> None:
        self.reply(with_body=True)

    def reply(self, with_body: bool) -> None:
        hub = self.server.hub
        hub.requests.append(f"{self.command} {self.path}")
        if hub.answer:
            hub.answer.wait()
        if hub.status != 200:
            self.send(hub.status, {}, b"", with_body)
        elif found := hub.find(self.path):
            revision, content = found
            etag = hashlib.sha256(content).hexdigest()
            self.send(200, {"ETag": f'"{etag}"', "X-Repo-Commit": revision}, content, with_body)
        else:
            self.send(404, {"X-Error-Code": "EntryNotFound"}, b"", with_body)

    def send(self, status: int, headers: dict[str, str], body: bytes, with_body: bool) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the requests are in ``hub.requests``."""
