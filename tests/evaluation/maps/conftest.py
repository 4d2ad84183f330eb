"""Tiny networks served in place of the manifest's."""

import numpy as np
import pytest
from explain.tiny import SIZE, Flattened, a_film, loaded, spec_of

from cxr_models import manifest, registry
from cxr_models.types import TWO_CLASSES, Lungs


@pytest.fixture
def weighted(monkeypatch):
    """The model "flattened": its CAM of covid19 has 1, 2, 3 and 4 times the grey value of the quarters, row by row."""
    spec = spec_of("flattened", TWO_CLASSES)
    monkeypatch.setattr(registry, "_loaded", {"flattened": loaded(spec, Flattened())})
    monkeypatch.setattr(manifest, "specs", lambda: {"flattened": spec})
    monkeypatch.setitem(registry.BUILDERS, "flattened", Flattened)
    return "flattened"


@pytest.fixture
def dark():
    """(64, 64), nothing on it."""
    return a_film(np.zeros((SIZE, SIZE)))


@pytest.fixture
def lower_right():
    """(64, 64) bool."""
    return np.kron([[0, 0], [0, 1]], np.ones((SIZE // 2, SIZE // 2))).astype(bool)


@pytest.fixture
def right_lung(lower_right):
    """Lungs that fill the film's right half."""
    mask = np.zeros_like(lower_right)
    mask[:, SIZE // 2 :] = True
    return Lungs(mask, 0.5, (0.5,), 1.0)
