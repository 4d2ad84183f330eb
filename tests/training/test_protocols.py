"""A protocol run whole, on phantoms and with a tiny network."""

import hashlib
import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import tiny_recipe
from small_models import installed
from trees import film, save

from cxr_models import manifest, registry, results
from cxr_models.data.protocols import Protocol
from cxr_models.data.splits import assign
from cxr_models.training import protocols, recipes

STAGE = replace(tiny_recipe.STAGE, epochs=2, films=0, size=64, augment="")
TINY = tiny_recipe.recipe(
    STAGE, id="cnn-x", input=replace(tiny_recipe.GREY, size=64), settings={"size": 64, "classes": 3}, store=64
)
RESNET18, HRNET = recipes.get("resnet18"), recipes.get("hrnet")
LABELS = ["covid19", "normal", "pneumonia"]


@pytest.fixture
def index(tmp_path):
    rows = []
    for i in range(30):
        save(tmp_path / f"{i}.png", film(i, LABELS[i % 3]))
        sha256 = hashlib.sha256((tmp_path / f"{i}.png").read_bytes()).hexdigest()
        rows.append({"path": f"{i}.png", "source": "a", "label": LABELS[i % 3], "sha256": sha256, "group": i})
    return pd.DataFrame(rows).assign(subtype="", patient="", view="frontal", mask="", note="", split="train")


@pytest.fixture
def apart(tmp_path, monkeypatch):
    """Results go into a folder of their own."""
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")
    monkeypatch.setattr("cxr_models.evaluation.evaluate.FOLDER", tmp_path / "results")
    return tmp_path


def test_a_protocol_is_trained_and_measured_apart_from_the_bundle(apart, index):
    with installed(apart):
        before = (apart / "weights_manifest.toml").read_text()
        found = protocols.run(TINY, "cae", index, apart, apart / "runs", share=0.5)
        assert (apart / "weights_manifest.toml").read_text() == before
        assert os.environ["CXR_MANIFEST"] == str(apart / "weights_manifest.toml")
        assert "cnn-x" not in manifest.specs() and "whole" in manifest.specs()
        assert registry.spec("whole").id == "whole"
    assert found.name == "cae" and found.command.endswith("protocol cae --models cnn-x --share 0.5")
    assert any("one: 1 epoch, 20 film views, 64 px" in note for note in found.notes)
    stored = results.evaluation("cnn-x", apart / "results", "cae")
    assert stored.n == found.n and sum(map(sum, found.confusion)) == found.n
    assert (apart / "runs/protocols/cae/cnn-x/net.safetensors").is_file()


def test_every_fold_is_trained_and_measured_and_their_mean_is_stored(apart, index, monkeypatch):
    def three_folds(films, seed):
        number = assign(films, {"0": 1 / 3, "1": 1 / 3}, seed).map({"0": 0, "1": 1}).fillna(2).astype(int)
        table = {"path": films.path, "role": "fold", "fold": number, "class": films.label}
        return Protocol(pd.DataFrame(table), ("Three folds.",))

    monkeypatch.setattr(protocols, "protocol", lambda name, films, seed: three_folds(films, seed))
    with installed(apart):
        found = protocols.run(TINY, "ten-fold", index, apart, apart / "runs", share=0.5)
    folds = [results.evaluation("cnn-x", apart / "results", f"ten-fold-{fold}") for fold in range(3)]
    assert found.n == sum(fold.n for fold in folds) == 30
    mean = sum(fold.measure("accuracy").value for fold in folds) / 3
    assert found.measure("accuracy").value == pytest.approx(mean) and "Three folds." in found.notes
    assert results.evaluation("cnn-x", apart / "results", "ten-fold").measure("accuracy") == found.measure("accuracy")


def test_where_a_paper_names_no_validation_films_some_training_groups_become_them(index):
    table = pd.DataFrame({"path": index.path, "fold": -1, "class": index.label})
    table["role"] = np.where(index.index < 20, "train", "test")
    films = protocols.split_by(Protocol(table), index, seed=0)
    assert set(films.split) == {"train", "val", "test"}
    assert list(films.path[films.split == "test"]) == list(index.path[20:])


def test_a_network_gets_the_classes_of_the_protocol(index):
    four = index.assign(label=["covid19", "normal", "bacterial", "viral", "viral"] * 6)
    recipe = protocols.for_classes(RESNET18, four)
    assert recipe.classes == ("covid19", "bacterial", "normal", "viral") and recipe.settings["classes"] == 4
    assert protocols.for_classes(RESNET18, index) is RESNET18
    assert protocols.for_classes(HRNET, four) is HRNET
