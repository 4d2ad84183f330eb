"""The compiled networks against torch, what happens where OpenVINO cannot help, and the cache of converted networks."""

import numpy as np
import pytest
import torch
from torch import nn

from cxr_models import engine
from cxr_models.architectures.cnn_x import CNNX
from cxr_models.architectures.unet import UNet

SHAPE = (1, 1, 64, 64)


class Unsupported(nn.Module):
    """Holds an operation that OpenVINO does not know."""

    def forward(self, x):
        return torch.special.bessel_j0(x)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "cxr_models"


@pytest.fixture
def net():
    torch.manual_seed(0)
    return CNNX(size=64).eval().requires_grad_(False)


@pytest.fixture
def x():
    return np.random.default_rng(0).random(SHAPE, np.float32)


def no_conversion(*args):
    pytest.fail("converted although the converted network was kept")


def test_a_classifier_is_compiled_as_far_as_its_maps(net, x):
    compiled = engine.compile_maps(net, SHAPE, "f32", "net")
    assert compiled.name == "OpenVINO f32"
    np.testing.assert_allclose(compiled.run(x), net.features(torch.from_numpy(x)), atol=1e-4)


def test_a_network_without_maps_is_compiled_whole(x):
    net = UNet((2, 2, 2, 2, 2)).eval().requires_grad_(False)
    found = engine.compile_maps(net, SHAPE, "f32", "unet").run(x)
    np.testing.assert_allclose(found, net(torch.from_numpy(x)), atol=1e-4)


def test_bf16_where_the_cpu_has_it_and_near_float32(net, x):
    compiled = engine.compile_maps(net, SHAPE, "bf16", "net")
    able = "BF16" in engine._core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    assert compiled.name == ("OpenVINO bf16" if able else "OpenVINO f32")
    exact = net.features(torch.from_numpy(x)).numpy()
    assert np.abs(compiled.run(x) - exact).max() < 0.02 * np.abs(exact).max()


def test_an_answer_stays_when_the_next_film_comes(net, x):
    compiled = engine.compile_maps(net, SHAPE, "f32", "net")
    first = compiled.run(x)
    before = first.copy()
    compiled.run(1 - x)
    np.testing.assert_array_equal(first, before)


def test_what_openvino_cannot_take_runs_in_torch(x, cache):
    compiled = engine.compile_maps(Unsupported(), SHAPE, "bf16", "odd")
    assert compiled.name == "PyTorch f32"
    np.testing.assert_allclose(compiled.run(x), torch.special.bessel_j0(torch.from_numpy(x)))
    assert not cache.exists()


def test_a_converted_network_is_converted_once(net, x, monkeypatch):
    first = engine.compile_maps(net, SHAPE, "f32", "net").run(x)
    monkeypatch.setattr(engine, "_convert", no_conversion)
    np.testing.assert_array_equal(engine.compile_maps(net, SHAPE, "f32", "net").run(x), first)


def test_other_weights_shape_or_code_are_not_taken_from_the_cache(net, cache, monkeypatch):
    engine.compile_maps(net, SHAPE, "f32", "net")
    engine.compile_maps(net, SHAPE, "f32", "other")
    engine.compile_maps(net, (1, 1, 32, 32), "f32", "net")
    monkeypatch.setattr(engine, "_code", lambda: "0" * 16)
    engine.compile_maps(net, SHAPE, "f32", "net")
    assert len(list(cache.iterdir())) == 4


def test_a_damaged_cache_is_replaced(net, x, cache, monkeypatch):
    first = engine.compile_maps(net, SHAPE, "f32", "net").run(x)
    (kept,) = cache.iterdir()
    (kept / engine.IR).write_text("<net")
    np.testing.assert_array_equal(engine.compile_maps(net, SHAPE, "f32", "net").run(x), first)
    monkeypatch.setattr(engine, "_convert", no_conversion)
    engine.compile_maps(net, SHAPE, "f32", "net")


def test_a_cache_that_cannot_be_written_costs_time_only(net, x, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    compiled = engine.compile_maps(net, SHAPE, "f32", "net")
    assert compiled.name == "OpenVINO f32"
    assert compiled.run(x).shape == (1, 64, 21, 21)
