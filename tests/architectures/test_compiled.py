"""The cheap ones of the networks through the engine: OpenVINO's maps are torch's."""

import numpy as np
import pytest
import torch

from cxr_models import engine
from cxr_models.registry import build

NETS = [
    ("squeezenet", {}, (1, 3, 64, 64)),
    ("custom_cnn", {}, (1, 1, 64, 64)),
    ("fully_connected", {"name": "alexnet"}, (1, 3, 64, 64)),
]


@pytest.mark.parametrize(("architecture", "settings", "shape"), NETS, ids=lambda v: v if isinstance(v, str) else "")
def test_compiled_maps_are_those_of_torch(architecture, settings, shape, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    torch.manual_seed(0)
    net = build(architecture, settings).eval().requires_grad_(False)
    x = np.random.default_rng(0).random(shape, np.float32)
    compiled = engine.compile_maps(net, shape, "f32", architecture)
    assert compiled.name == "OpenVINO f32"
    exact = net.features(torch.from_numpy(x)).numpy()
    assert exact.std() > 0
    assert np.abs(compiled.run(x) - exact).max() < 1e-3 * np.abs(exact).max()
