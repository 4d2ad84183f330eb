"""Into the app: only what validation films find no worse than the weights in use."""

import hashlib
from dataclasses import replace

import pytest
import tiny_recipe
import torch
from small_models import installed

from cxr_models import manifest, registry
from cxr_models.training import bundle
from cxr_models.training.run import train
from cxr_models.training.trial import validated

WHOLE = tiny_recipe.recipe(
    replace(tiny_recipe.STAGE, epochs=1, films=0, size=64, augment=""),
    id="whole",
    input=replace(tiny_recipe.GREY, size=64),
    settings={"size": 64, "classes": 3},
    store=64,
)


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """A tiny network, the films it learned from, and a manifest that has a model of its id in use."""
    with installed(tmp_path):
        index = tiny_recipe.films(tmp_path / "films")
        monkeypatch.setattr("cxr_models.evaluation.evaluate.FOLDER", tmp_path / "results")
        net, done = train(WHOLE, index, tmp_path / "films", tmp_path / "runs/whole")
        yield net, done, index.assign(sha256=hashes(tmp_path / "films", index)), tmp_path


def hashes(root, index):
    return [hashlib.sha256((root / path).read_bytes()).hexdigest() for path in index.path]


def admit(trained, anyway: bool = False) -> bool:
    net, done, index, home = trained
    index = index.assign(split=[*index.split[:-2], "test", "test"], subtype="", patient="", note="")
    run = bundle.Trained(net, done, index, home / "films", home / "runs", home / "runs/whole", 0)
    return bundle.admit(run, anyway)


def test_a_budget_is_shared_by_worth():
    assert bundle.shares(["unet", "cnn-x", "vgg16"], 60) == pytest.approx({"unet": 40, "cnn-x": 10, "vgg16": 10})
    assert bundle.shares(["unet", "cnn-x"], None) == {"unet": None, "cnn-x": None}


@pytest.mark.parametrize(("new", "old", "taken"), [(0.6, 0.7, False), (0.7, 0.7, True), (0.8, 0.7, True)])
def test_weights_in_use_stay_unless_validation_films_find_the_new_ones_as_good(trained, monkeypatch, new, old, taken):
    before, scores = manifest.specs()["whole"].sha256, iter([new, old])
    monkeypatch.setattr(bundle, "validated", lambda *given: next(scores))
    assert admit(trained) is taken
    assert (manifest.specs()["whole"].sha256 != before) is taken


def test_asked_to_replace_nothing_is_compared(trained, monkeypatch):
    monkeypatch.setattr(bundle, "better", lambda *given: pytest.fail("compared"))
    assert admit(trained, anyway=True)
    spec = manifest.specs()["whole"]
    assert spec.thresholds_chosen.endswith("after temperature scaling") and "1 epoch" in spec.training.shortened


def test_the_score_is_macro_f1_of_the_answers(trained):
    """Weights that always say the first class: of the validation films of three classes, F1 is above 0 for one."""
    net, done, index, home = trained
    for p in net.parameters():
        torch.nn.init.zeros_(p)
    with torch.no_grad():
        net.head[1].bias[0] = 1
    spec = bundle.export(net, done, index, home / "runs/whole", 0, manifest.in_use())
    registry.clear()
    val = index[index.split == "val"].label.tolist()
    n, first = len(val), val.count("covid19")
    f1 = 2 * first / (n + first)
    assert validated(spec, index, home / "films", home / "runs") == pytest.approx(f1 / len(set(val)))
