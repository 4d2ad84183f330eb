"""What the tests of the Explain page share."""

import pytest
from maps_open import Work

from cxr_models import explain
from cxr_models.explain import checks
from pages.shared.explain import views


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, known_specs: dict) -> Work:
    stand_in = Work()
    monkeypatch.setattr(explain, "explain", stand_in.explain)
    monkeypatch.setattr(checks, "check", stand_in.check)
    yield stand_in
    stand_in.let_go.set()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, list]:
    """Viewer's key -> the overlays last drawn on it."""
    seen: dict[str, list] = {}
    real = views.viewer

    def viewer(film, *, key, overlays=(), **rest):
        seen[key] = list(overlays)
        real(film, key=key, overlays=overlays, **rest)

    monkeypatch.setattr(views, "viewer", viewer)
    return seen
