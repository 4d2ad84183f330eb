"""Real films: CXR_FILMS names the folder of the collections. Without it those tests skip and say so; with
CXR_FILMS_REQUIRED set, a run in which they skipped fails."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

WHY = "CXR_FILMS does not name a folder of real films"


@pytest.fixture(scope="session")
def films_root() -> Path:
    root = Path(os.environ.get("CXR_FILMS", ""))
    if not os.environ.get("CXR_FILMS") or not root.is_dir():
        pytest.skip(WHY)
    return root


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    skipped = sum("CXR_FILMS" in str(report.longrepr) for report in reports)
    if os.environ.get("CXR_FILMS_REQUIRED") and skipped and session.exitstatus == 0:
        reporter.write_line(f"{skipped} tests on real films skipped although CXR_FILMS_REQUIRED is set", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session", autouse=True)
def readings_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, nor a server it starts, writes into the readings of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CXR_READINGS_URL", f"sqlite:///{tmp_path_factory.mktemp('readings')}/readings.sqlite")
        yield
