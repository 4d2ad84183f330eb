"""Tiny networks served in place of the manifest's, and films whose maps are known."""

import numpy as np
import pytest
from explain.tiny import NETS, QUARTERS, a_film, loaded, settings, spec_of

from cxr_models import manifest, registry
from cxr_models.types import TWO_CLASSES, Lungs


@pytest.fixture
def serve(monkeypatch):
    """serve(spec, net): from now on this is the model of that id. The small networks are there from the start."""
    models = {}

    def add(spec, net):
        models[spec.id] = loaded(spec, net)
        monkeypatch.setitem(registry.BUILDERS, spec.architecture, type(net))
        return models[spec.id]

    monkeypatch.setattr(registry, "_loaded", models)
    monkeypatch.setattr(manifest, "specs", lambda: {name: model.spec for name, model in models.items()})
    for name, kind in NETS.items():
        add(spec_of(name, ("lungs",) if name == "lungs-net" else TWO_CLASSES), kind())
    return add


@pytest.fixture
def quick(monkeypatch):
    """Few steps and large windows, for tests in which the figures of a map do not matter."""
    monkeypatch.setattr(settings("integrated_gradients"), "STEPS", 8)
    monkeypatch.setattr(settings("integrated_gradients"), "BATCH", 2)
    monkeypatch.setattr(settings("occlusion"), "WINDOW", 1 / 2)
    monkeypatch.setattr(settings("occlusion"), "STRIDE", 1 / 4)
    monkeypatch.setattr(settings("search"), "LOOKS", 3)


@pytest.fixture
def quarters():
    """A film of 96 x 160 pixels whose quarters have the grey values 0, 1/4, 1/2 and 1, row by row."""
    return a_film(np.kron(QUARTERS, np.ones((48, 80))))


@pytest.fixture
def textured():
    """A film of 128 x 192 pixels with fine detail all over: columns 0 and 1 in turn, each as wide as a pixel of 64."""
    return a_film(np.tile(np.kron(np.array([0, 1] * 32), np.ones(3)), (128, 1)))


@pytest.fixture
def right_half(quarters):
    """Lungs that fill the right half of the film of quarters."""
    mask = np.zeros(quarters.pixels.shape, bool)
    mask[:, 80:] = True
    return Lungs(mask, 0.5, (0.5,), 1.0)


@pytest.fixture
def oval():
    """Lungs in the middle of the film of fine detail."""
    rows, columns = np.ogrid[-1:1:128j, -1:1:192j]
    mask = rows**2 + columns**2 < 0.5
    return Lungs(mask, float(mask.mean()), (float(mask.mean()),), 1.0)
