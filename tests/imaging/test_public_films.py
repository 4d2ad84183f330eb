"""Public films over a real HTTP server on loopback that answers as the two hosts do."""

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import OpenerDirector, ProxyHandler, build_opener
from urllib.response import addinfourl

import pytest

from cxr_models.errors import CxrError
from cxr_models.imaging import public_films

FILM = b"\x89PNG the bytes of a film" * 100
ENTRY = public_films.entries()[0]
LISTING = f"/repos/{ENTRY.repository}/contents/{ENTRY.path}?ref={ENTRY.commit}"
RAW = f"/{ENTRY.repository}/{ENTRY.commit}/{ENTRY.path}"


def listed(data: bytes = FILM, **changes: object) -> bytes:
    answer = {"type": "file", "path": ENTRY.path, "size": len(data), "sha": public_films.git_blob(data)}
    return json.dumps({**answer, **changes}).encode()


class Source:
    """What the server answers: path -> (status, body); ``pause`` seconds before each kilobyte."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {LISTING: (200, listed()), RAW: (200, FILM)}
        self.pause = 0.0
        self.asked: list[str] = []
        self.url = ""


@pytest.fixture
def source() -> Iterator[Source]:
    state = Source()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            status, body = state.answers.get(self.path, (404, b"not found"))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body.decode())
            self.end_headers()
            try:
                for start in range(0, len(body), 1024):
                    time.sleep(state.pause)
                    self.wfile.write(body[start : start + 1024])
            except OSError:
                state.asked.append("the reader hung up")

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fetch(source: Source) -> Callable[[], bytes]:
    return lambda: public_films.fetch(ENTRY, build_opener(ProxyHandler({})), source.url)


def test_entries_say_whose_they_are_and_which_content():
    films = public_films.entries()
    assert len({film.path for film in films}) == len(films) >= 4
    for film in films:
        assert film.url.startswith("https://") and film.commit in film.url and film.commit in film.page
        assert len(film.commit) == 40 and int(film.commit, 16)
        assert film.licence.startswith("CC BY ") and film.licence_url.startswith(
            "https://creativecommons.org/licenses/by/"
        )
        assert "Hannover Medical School" in film.attribution and film.title and film.finding


def test_blob_id_is_the_one_git_gives():
    assert public_films.git_blob(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert public_films.git_blob(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def test_good_film_comes_back_whole(fetch, source):
    assert fetch() == FILM
    assert source.asked == [LISTING, RAW]


def test_one_changed_byte_is_refused(fetch, source):
    source.answers[RAW] = (200, b"X" + FILM[1:])
    with pytest.raises(CxrError, match="hash differs"):
        fetch()


def test_truncated_film_is_refused(fetch, source):
    source.answers[RAW] = (200, FILM[:-1])
    with pytest.raises(CxrError, match="hash differs"):
        fetch()


@pytest.mark.parametrize("missing", [LISTING, RAW])
def test_missing_says_404(fetch, source, missing):
    del source.answers[missing]
    with pytest.raises(CxrError, match="status 404"):
        fetch()


def test_too_large_is_refused_before_the_film_is_asked_for(fetch, source, monkeypatch):
    monkeypatch.setattr(public_films, "MAX_BYTES", len(FILM) - 1)
    with pytest.raises(CxrError, match="allowed"):
        fetch()
    assert source.asked == [LISTING]


def test_endless_answer_is_cut_off(fetch, source):
    source.answers[RAW] = (200, FILM * 2000)
    with pytest.raises(CxrError, match=f"more than the {len(FILM)} bytes"):
        fetch()


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"{}", listed(type="dir"), listed(sha="main"), listed(size="9")])
def test_listing_without_a_content_is_refused(fetch, source, answer):
    source.answers[LISTING] = (200, answer)
    with pytest.raises(CxrError, match="does not say which content"):
        fetch()
    assert source.asked == [LISTING]


def test_dripping_source_is_given_up(fetch, source, monkeypatch):
    monkeypatch.setattr(public_films, "SECONDS", 0.3)
    source.pause = 0.2
    start = time.monotonic()
    with pytest.raises(CxrError, match="too slow|cannot be reached"):
        fetch()
    assert time.monotonic() - start < 5.0


def test_silent_source_is_given_up(fetch, source, monkeypatch):
    monkeypatch.setattr(public_films, "SECONDS", 0.1)
    source.pause = 0.6
    with pytest.raises(CxrError, match="cannot be reached"):
        fetch()


def test_unreachable_source(source):
    source_that_closed = "http://127.0.0.1:9"
    with pytest.raises(CxrError, match="cannot be reached"):
        public_films.fetch(ENTRY, build_opener(ProxyHandler({})), source_that_closed)


def test_redirect_on_the_same_protocol_is_followed(fetch, source):
    source.answers[LISTING] = (302, b"/moved")
    source.answers["/moved"] = (200, listed())
    assert fetch() == FILM


def test_answer_from_an_unprotected_address_is_refused():
    class Downgraded(OpenerDirector):
        def open(self, *args: object, **kwargs: object) -> addinfourl:
            return addinfourl(io.BytesIO(listed()), Message(), "http://elsewhere.invalid/")

    with pytest.raises(CxrError, match="unprotected"):
        public_films.fetch(ENTRY, Downgraded())


def test_no_sentence_shows_an_address(fetch, source):
    source.answers[RAW] = (500, b"")
    with pytest.raises(CxrError) as caught:
        fetch()
    assert "127.0.0.1" not in str(caught.value) and str(caught.value).endswith("of your own.")
