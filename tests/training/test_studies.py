"""Studies on phantoms with tiny networks: what is trained, from what, how often, and what is kept back."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import tiny_recipe
import torch
from safetensors.torch import load_file
from small_models import installed
from trees import person, save

from cxr_models import results, results_page, results_studies
from cxr_models.data.protocols import Protocol
from cxr_models.errors import TrainingError
from cxr_models.results import Evaluation, Measure
from cxr_models.results_studies import STUDIES, Study
from cxr_models.training import diary, protocols, recipes, studies
from cxr_models.training.run import wanted
from cxr_models.types import THREE_CLASSES

LABELS = ["covid19", "normal", "pneumonia"]
STAGE = replace(tiny_recipe.STAGE, epochs=1, films=0, size=64, augment="", frozen=("paths",))
BEFORE = replace(STAGE, name="pretrain", task="Reconstruct", frozen=("head",))


def tiny(name: str) -> recipes.Recipe:
    """CNN-X of 64 pixels, first trained as an autoencoder; its encoder stays as that left it."""
    settings = {"size": 64, "classes": 3}
    return tiny_recipe.recipe(
        BEFORE, STAGE, id=name, input=replace(tiny_recipe.GREY, size=64), settings=settings, store=64
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    for i in range(60):
        save(folder / f"{i}.png", person(i))
    return folder


@pytest.fixture
def index(root):
    paths = [f"{i}.png" for i in range(60)]
    sha256 = [hashlib.sha256((root / path).read_bytes()).hexdigest() for path in paths]
    films = pd.DataFrame({"path": paths, "label": LABELS * 20, "sha256": sha256, "group": range(60)})
    return films.assign(source="a", subtype="", patient="", view="frontal", mask="", note="", split="train")


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    """Results and the page go into a folder of their own; every member is tiny."""
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")
    monkeypatch.setattr("cxr_models.evaluation.evaluate.FOLDER", tmp_path / "results")
    monkeypatch.setattr(results_page, "PAGE", tmp_path / "results.md")


@pytest.fixture
def measured(monkeypatch):
    """``protocols.run`` leaves what it leaves, but trains nothing; yields the ids it was asked for."""
    ids = list[str]()

    def run(recipe, name, index, root, runs, seed, share):
        ids.append(recipe.id)
        splits = list(protocols.splits_of(studies.protocol(name, index, seed), name, index, seed))
        for label, films in splits:
            folder = runs / "protocols" / label / recipe.id
            diary.begin(folder, recipe, wanted(films, recipe), seed, "none")
            checkpoint(folder)
            results.save(evaluation(recipe.id, label), results.FOLDER)
        return evaluation(recipe.id, name)

    monkeypatch.setattr(protocols, "run", run)
    monkeypatch.setattr(studies, "named", lambda study, model_id: tiny(model_id))
    return ids


def checkpoint(folder: Path) -> None:
    (folder / "net.safetensors").touch()
    (folder / "one").mkdir()
    (folder / "one/last.ckpt").touch()


def evaluation(model_id: str, name: str) -> Evaluation:
    figures = (Measure("accuracy", "", 0.5, 0.4, 0.6, 10),)
    return Evaluation(model_id, THREE_CLASSES, 10, "", "", "python -m cxr_models protocol", (), {}, figures, name=name)


def test_a_study_goes_on_where_it_failed_and_measures_nothing_twice(
    measured, index, root, tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(STUDIES, "heads", Study("CAE", ("cae",), ("one", "two")))
    given, run = ("heads", index, root, tmp_path / "runs"), protocols.run

    def full(recipe, *others):
        if recipe.id == "two":
            raise TrainingError("The disk is full. Make room.")
        return run(recipe, *others)

    monkeypatch.setattr(protocols, "run", full)
    with pytest.raises(TrainingError, match="^study heads: 2 of 2, two by cae: The disk is full. Make room. What was"):
        studies.run(*given)
    assert results.evaluation("one", results.FOLDER, "cae").command == "python -m cxr_models study heads"
    assert "Study `heads`, 1 of 2 so far" in results_page.PAGE.read_text()

    monkeypatch.setattr(protocols, "run", run)
    studies.run(*given)
    assert measured == ["one", "two"]
    assert [one.model_id for one in studies.run(*given)] == ["one", "two"] and measured == ["one", "two"]
    assert capsys.readouterr().out.count("stored already") == 3
    assert "Study `heads`" not in results_page.PAGE.read_text()
    assert not list((tmp_path / "runs").rglob("last.ckpt"))


def test_a_run_of_another_share_or_of_other_films_is_a_sentence(measured, index, root, tmp_path, monkeypatch):
    monkeypatch.setitem(STUDIES, "heads", Study("CAE", ("cae",), ("one",)))
    studies.run("heads", index, root, tmp_path / "runs")
    with pytest.raises(TrainingError, match="cae/one holds a run of another recipe. Give the --share"):
        studies.run("heads", index, root, tmp_path / "runs", share=0.5)
    with pytest.raises(TrainingError, match="holds a run of another data. Give"):
        studies.run("heads", index[:57], root, tmp_path / "runs")
    assert measured == ["one"]


def test_a_result_whose_run_is_gone_is_measured_again(measured, index, root, tmp_path, monkeypatch):
    monkeypatch.setitem(STUDIES, "heads", Study("CAE", ("cae",), ("one",)))
    studies.run("heads", index, root, tmp_path / "runs")
    studies.run("heads", index, root, tmp_path / "elsewhere")
    assert measured == ["one", "one"]


def test_every_fold_is_marked_as_the_study_s(measured, index, root, tmp_path, monkeypatch):
    def two_folds(name, films, seed):
        fold = pd.Series(range(len(films)), films.index) // 3 % 2
        return Protocol(pd.DataFrame({"path": films.path, "role": "fold", "fold": fold, "class": films.label}))

    monkeypatch.setattr(studies, "protocol", two_folds)
    monkeypatch.setitem(STUDIES, "folds", Study("HRNet", ("ten-fold",), ("one",)))
    studies.run("folds", index, root, tmp_path / "runs", seed=3)
    kept = [results.evaluation("one", results.FOLDER, name) for name in ("ten-fold-0", "ten-fold-1", "ten-fold")]
    assert {one.command for one in kept} == {"python -m cxr_models study folds --seed 3"}
    studies.run("folds", index, root, tmp_path / "runs", seed=3)
    assert measured == ["one"]
    (tmp_path / "runs/protocols/ten-fold-1/one/net.safetensors").unlink()
    with pytest.raises(LookupError):
        monkeypatch.setattr(protocols, "run", lambda *given: {}["asked again"])
        studies.run("folds", index, root, tmp_path / "runs", seed=3)


def test_a_search_tests_only_what_it_chose_and_heads_share_an_encoder(index, root, tmp_path, monkeypatch):
    ids, runs = ("base-1x8", "base-1x16"), tmp_path / "runs"
    monkeypatch.setitem(STUDIES, "head-search", Study("Transfer learning", ("transfer",), ids, True, True))
    monkeypatch.setattr(studies, "named", lambda study, model_id: tiny(model_id))
    monkeypatch.setattr(studies, "best", lambda found: found[1])
    with installed(tmp_path):
        one, two, chosen = studies.run("head-search", index, root, runs, share=0.5)
        monkeypatch.setattr(studies, "train", None)
        monkeypatch.setattr(protocols, "run", None)
        assert studies.run("head-search", index, root, runs, share=0.5) == [one, two, chosen]

    films = protocols.split_by(protocols.protocol("transfer", index, 0), index, 0)
    of = {name: set(films.sha256[films.split == name]) for name in ("val", "test")}
    assert read_by("base-1x8", runs) == of["val"] and read_by("base-1x16", runs) == of["val"] | of["test"]
    assert (one.n, one.name, chosen.n, chosen.name) == (len(of["val"]), "transfer-val", len(of["test"]), "transfer")
    assert {m.name for m in one.measures} == set(studies.SCORES)

    home = runs / "protocols/transfer"
    encoder, started = (
        load_file(home / "base-1x8/pretrain/best.safetensors"),
        load_file(home / "base-1x16/net.safetensors"),
    )
    assert all(torch.equal(encoder[name], started[name]) for name in encoder if name.startswith("paths."))
    assert [s["name"] for s in json.loads((home / "base-1x16/run.json").read_text())["recipe"]["stages"]] == ["one"]
    assert "pretrain: 1 epoch" in results_studies.came_about(one)
    how = results_studies.came_about(chosen)
    assert how.startswith("Chosen among 2 heads by macro-F1 on validation films: base-1x16.")
    assert "Started from the encoder of base-1x8, trained once" in how and "Trained on " in how
    assert chosen.command == "python -m cxr_models study head-search --share 0.5"


def read_by(model_id: str, runs: Path) -> set[str]:
    """SHA-256 of the films a network was asked about."""
    files = (runs / "predictions").glob(f"{model_id}-*.csv")
    return {line.split(",")[0] for file in files for line in file.read_text().splitlines()}


def test_every_member_has_a_recipe_for_its_paper_s_question():
    for study in STUDIES.values():
        for _, model_id in study.members():
            assert studies.named(study, model_id).id == model_id
    assert len(STUDIES["scenarios"].members()) == 39 and len(STUDIES["head-search"].members()) == 20
    head = studies.named(STUDIES["head-search"], "resnet50-frozen-2x64")
    assert head.settings["layers"] == [64, 64] and head.stages == recipes.get("resnet50-frozen").stages
    compared = studies.named(STUDIES["folds"], "resnet152")
    assert compared.classes == recipes.get("hrnet").classes and compared.settings["classes"] == 2
    assert compared.input.region == "lungs" and studies.named(STUDIES["folds"], "unet") is recipes.get("unet")


@pytest.mark.parametrize(("name", "first", "kept"), [("heads", "cae", 2), ("head-search", "resnet50-frozen-1x8", 1)])
def test_the_autoencoder_is_trained_by_the_first_and_left_out_by_the_others(tmp_path, name, first, kept):
    study = STUDIES[name]
    job = studies.Job(study, "", pd.DataFrame(), tmp_path, tmp_path, 0, 1.0)
    assert studies.recipe_of(job, "x", first, False) == (studies.named(study, first), ())
    other, notes = studies.recipe_of(job, "x", study.ids[1], False)
    assert other.init == str(tmp_path / f"protocols/x/{first}/pretrain/best.safetensors") and len(other.stages) == kept
    assert len(notes) == 1 and f"encoder of {first}" in notes[0]
