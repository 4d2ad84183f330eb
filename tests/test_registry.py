"""Models by id: built, filled, compiled, once a process and for all its threads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_models import entry, installed

from cxr_models import manifest, registry
from cxr_models.errors import ManifestError, UnknownModel, WeightsMismatch, WeightsMissing


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with installed(tmp_path_factory.mktemp("models")) as folder:
        yield folder


@pytest.fixture
def x():
    return np.random.default_rng(0).random((1, 1, 64, 64), np.float32)


def counted(model, monkeypatch) -> list[np.ndarray]:
    """Every input that reaches the model's engine from now on."""
    seen, run = [], model.engine.run
    monkeypatch.setattr(model, "engine", replace(model.engine, run=lambda x: seen.append(x) or run(x)))
    return seen


def test_run_gives_the_logits_of_torch_and_the_maps_they_come_from(folder, x):
    model = registry.load("whole")
    logits, features = model.run(x)
    torch.testing.assert_close(logits, model.module(torch.from_numpy(x)), atol=1e-3, rtol=1e-3)
    assert torch.equal(logits, model.module.head(features))
    assert features.shape == (1, 64, 21, 21)


def test_a_loaded_network_is_in_eval_mode_and_does_not_learn(folder):
    net = registry.load("whole").module
    assert not net.training
    assert not any(p.requires_grad for p in net.parameters())


def test_many_threads_get_one_model(folder, monkeypatch):
    registry.clear()
    built = []
    builder = registry.BUILDERS["cnn_x"]
    monkeypatch.setitem(registry.BUILDERS, "cnn_x", lambda size, classes: built.append(1) or builder(size, classes))
    with ThreadPoolExecutor(8) as pool:
        models = list(pool.map(registry.load, ["whole"] * 8))
    assert len(built) == 1
    assert all(model is models[0] for model in models)


def test_threads_do_not_get_each_others_answers(folder):
    model = registry.load("whole")
    films = np.random.default_rng(1).random((8, 1, 1, 64, 64), np.float32)
    alone = [model.run(film)[0] for film in films]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda film: model.run(film)[0], films))
    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))


def test_the_same_film_again_is_not_computed_again(folder, x, monkeypatch):
    model = registry.load("whole")
    model.run(1 - x)
    seen = counted(model, monkeypatch)
    first = model.run(x)[1]
    first.zero_()  # what a caller does to its maps is the caller's business
    again = model.run(x.copy())[1]
    assert len(seen) == 1
    assert again.abs().sum() > 0
    model.run(1 - x)
    assert len(seen) == 2


def test_an_unknown_id_lists_the_valid_ones(folder):
    with pytest.raises(UnknownModel, match="no model 'vgg'.*unet, whole, inside"):
        registry.load("vgg")


def test_an_unknown_architecture_lists_the_valid_ones():
    with pytest.raises(UnknownModel, match="'vgg'.*unet, cae"):
        registry.build("vgg", {})


def test_settings_that_the_architecture_does_not_have_are_named():
    with pytest.raises(ManifestError, match="cnn_x.*'depth'.*size, classes"):
        registry.build("cnn_x", {"depth": 3})


def test_missing_weights_are_an_error_each_time_and_no_model(folder, tmp_path, monkeypatch):
    lost = entry("whole", tmp_path)
    (tmp_path / "whole.safetensors").unlink()
    manifest.write({"whole": lost}, tmp_path / "weights_manifest.toml")
    monkeypatch.setenv("CXR_MANIFEST", str(tmp_path / "weights_manifest.toml"))
    registry.clear()
    for _ in range(2):
        with pytest.raises(WeightsMissing, match="whole"):
            registry.load("whole")
    registry.clear()


def test_weights_of_another_architecture_do_not_fit(folder, tmp_path, monkeypatch):
    wrong = entry("whole", tmp_path, registry.build("cnn_x", {"size": 32, "classes": 3}))
    manifest.write({"whole": wrong}, tmp_path / "weights_manifest.toml")
    monkeypatch.setenv("CXR_MANIFEST", str(tmp_path / "weights_manifest.toml"))
    registry.clear()
    with pytest.raises(WeightsMismatch, match="head"):
        registry.load("whole")
    registry.clear()
