"""A protocol run whole, on phantoms and with a tiny network."""

import hashlib
import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_models import installed
from trees import film, save

from cxr_models import manifest, registry, results
from cxr_models.data.protocols import Protocol
from cxr_models.errors import TrainingError
from cxr_models.training import protocols, recipes
from cxr_models.training.recipes import CNN_X, GREY, HRNET, RESNET18, Stage

STAGE = Stage("one", "Classify", epochs=1, batch=4, lr=1e-3, size=64, augment=None)
TINY = replace(
    CNN_X, input=replace(GREY, size=64), stages=(STAGE, replace(STAGE, name="two")), settings={"size": 64, "classes": 3}
)
LABELS = ["covid19", "normal", "pneumonia"]


@pytest.fixture
def index(tmp_path):
    rows = []
    for i in range(30):
        save(tmp_path / f"{i}.png", film(i, LABELS[i % 3]))
        sha256 = hashlib.sha256((tmp_path / f"{i}.png").read_bytes()).hexdigest()
        rows.append({"path": f"{i}.png", "source": "a", "label": LABELS[i % 3], "sha256": sha256, "group": i})
    return pd.DataFrame(rows).assign(subtype="", patient="", view="frontal", mask="", note="", split="train")


def test_a_protocol_is_trained_and_measured_apart_from_the_bundle(tmp_path, index, monkeypatch):
    monkeypatch.setitem(recipes.RECIPES, "cnn-x", TINY)
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")
    monkeypatch.setattr("cxr_models.evaluation.evaluate.FOLDER", tmp_path / "results")
    with installed(tmp_path):
        before = (tmp_path / "weights_manifest.toml").read_text()
        found = protocols.run("cnn-x", "cae", index, tmp_path, tmp_path / "runs", stages=1)
        assert (tmp_path / "weights_manifest.toml").read_text() == before
        assert os.environ["CXR_MANIFEST"] == str(tmp_path / "weights_manifest.toml")
        assert "cnn-x" not in manifest.specs() and "whole" in manifest.specs()
        assert registry.spec("whole").id == "whole"
    assert found.name == "cae" and found.command.endswith("protocol cae --models cnn-x --stages 1")
    assert any("one: 1 x all films" in note for note in found.notes)
    stored = results.evaluation("cnn-x", tmp_path / "results", "cae")
    assert stored.n == found.n and sum(map(sum, found.confusion)) == found.n
    assert (tmp_path / "runs/protocols/cae/cnn-x/one/stage.json").is_file()
    assert not (tmp_path / "runs/protocols/cae/cnn-x/two").exists()


def test_where_a_paper_names_no_validation_films_some_training_groups_become_them(index):
    table = pd.DataFrame({"path": index.path, "fold": -1, "class": index.label})
    table["role"] = np.where(index.index < 20, "train", "test")
    films = protocols.split_by(Protocol(table), index, seed=0)
    assert set(films.split) == {"train", "val", "test"}
    assert list(films.path[films.split == "test"]) == list(index.path[20:])
    with pytest.raises(TrainingError, match="folds"):
        protocols.split_by(Protocol(table.assign(role="fold")), index, seed=0)


def test_a_network_gets_the_classes_of_the_protocol(index):
    four = index.assign(label=["covid19", "normal", "bacterial", "viral", "viral"] * 6)
    recipe = protocols.for_classes(RESNET18, four)
    assert recipe.classes == ("covid19", "bacterial", "normal", "viral") and recipe.settings["classes"] == 4
    assert protocols.for_classes(RESNET18, index) is RESNET18
    assert protocols.for_classes(HRNET, four) is HRNET


def test_more_stages_than_a_recipe_has_are_refused():
    with pytest.raises(TrainingError, match="2 stages"):
        protocols.first_stages(TINY, 3)
    assert protocols.first_stages(TINY, None) is TINY


def test_a_recipe_cut_short_reads_films_at_the_size_of_its_last_stage():
    assert RESNET18.input.size == 224
    assert protocols.first_stages(RESNET18, 1).input.size == RESNET18.stages[0].size == 112
