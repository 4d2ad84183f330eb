"""What the tests of the pages share: the app as AppTest sees it, a real server and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from by_hand import SPECS
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from cxr_models import manifest
from cxr_models.manifest import ModelSpec
from pages.shared import cached

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CHROMIUM_FLAGS += ["--disable-component-update", "--disable-sync"]
PATIENCE = 120_000  # milliseconds; the first visit of a fresh server loads every library


@pytest.fixture
def known_specs(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModelSpec]]:
    """The manifest holds Alpha, Beta and Gamma."""
    cached.specs.clear()
    monkeypatch.setattr(manifest, "specs", lambda path=None: SPECS)
    yield SPECS
    cached.specs.clear()


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app from its entry point, not yet run.

    AppTest is to Streamlit a server just started, at every run: without this each would go round by the rerun in
    ``frame``, which a browser sees once at most, and a click would be lost.
    """
    begun = PagesManager.__init__

    def begin(self: PagesManager, *args: object, **rest: object) -> None:
        begun(self, *args, **rest)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", begin)
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser: the one $CHROMIUM names, else the chromium on the PATH."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("No browser: install chromium (apt-get install chromium) or name one in CHROMIUM.")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Start ``streamlit run`` on a script at a free port; returns its address. Servers stop with the session."""
    servers: list[subprocess.Popen] = []

    def start(script: Path) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = ["--server.headless=true", "--server.address=127.0.0.1", "--server.fileWatcherType=none"]
        command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}", *options]
        paths = [str(ROOT), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        servers.append(subprocess.Popen(command, cwd=ROOT, env=environment))
        _await(f"http://127.0.0.1:{port}/_stcore/health", servers[-1])
        return f"http://127.0.0.1:{port}"

    yield start
    for server in servers:
        server.kill()
        server.wait()


def _await(address: str, server: subprocess.Popen, seconds: float = PATIENCE / 1000) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.poll() is None, "The server ended before it answered."
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"No answer from {address} within {seconds:.0f} seconds.")


@pytest.fixture(scope="session")
def server(serve: Callable[[Path], str]) -> str:
    """Address of the app itself."""
    return serve(ROOT / "app.py")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Opens browser pages of 1440 x 900, each in a context of its own: another reader at another screen."""
    contexts: list[BrowserContext] = []

    def new() -> Page:
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 900}))
        contexts[-1].set_default_timeout(PATIENCE)
        return contexts[-1].new_page()

    yield new
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[[], Page]) -> Page:
    """One browser page of 1440 x 900."""
    return open_page()
