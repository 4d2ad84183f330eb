"""The command line: one line a film whatever the film, files beside it, exit status, what it does not start with."""

import argparse
import hashlib
import json
import shutil
from typing import get_args

import cv2
import numpy as np
import pytest
from explain.tiny import settings
from small_models import BOXES, film, installed

from cxr_models import explain, inference, weights
from cxr_models.__main__ import TRAINING, main
from cxr_models.commands.analyse import METHODS
from cxr_models.errors import MapError, WeightsMissing
from cxr_models.training import cli
from cxr_models.types import Badge, Reason, Verdict

KEYS = ["file", "sha256", "status", "reasons", "lungs", "predictions", "maps"]
REFUSED = Verdict("refused", (Reason("not_chest", "refuse", "This is not a chest film.", 0.9, 0.5),))
FIT = Verdict("ok")


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory):
    with installed(tmp_path_factory.mktemp("models")) as folder:
        yield folder


@pytest.fixture(autouse=True)
def fit(monkeypatch):
    monkeypatch.setattr(inference, "_check", lambda inputs, lungs: FIT)


@pytest.fixture(scope="module")
def png():
    return cv2.imencode(".png", np.rint(film().pixels * 255).astype(np.uint8))[1].tobytes()


@pytest.fixture
def films(tmp_path, png):
    """A folder: a text called b.png, and the film as a.png and c (no suffix)."""
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "c").write_bytes(png)
    (folder / "a.png").write_bytes(png)
    (folder / "b.png").write_text("Dear colleague, ")
    (folder / ".hidden").write_text("left by a file manager")
    return folder


def analyse(*arguments: object) -> int:
    return main(["analyse", *map(str, arguments)])


def lines(out) -> list[dict]:
    """Fails on NaN and infinity, which are no JSON."""
    read = (out / "results.jsonl").read_text().splitlines()
    return [json.loads(line, parse_constant=pytest.fail) for line in read]


def test_a_folder_is_read_in_name_order_and_a_bad_film_is_a_line(films, tmp_path, png):
    assert analyse(films, "--out", tmp_path / "out") == 0
    first, bad, last = lines(tmp_path / "out")
    assert [line["file"] for line in (first, bad, last)] == [str(films / name) for name in ("a.png", "b.png", "c")]
    assert [line["status"] for line in (first, bad, last)] == ["ok", "error", "ok"]
    assert all(list(line) == KEYS for line in (first, bad, last))
    assert first["sha256"] == last["sha256"] == hashlib.sha256(png).hexdigest()
    assert bad["sha256"] == hashlib.sha256(b"Dear colleague, ").hexdigest()
    assert (bad["lungs"], bad["predictions"], bad["maps"]) == (None, {}, {})
    assert len(bad["reasons"]) == 1 and bad["reasons"][0].endswith(".")


def test_a_line_holds_probabilities_and_the_mask_in_the_film_frame(films, tmp_path):
    analyse(films / "a.png", "--out", tmp_path / "out")
    (line,) = lines(tmp_path / "out")
    assert {name: set(p) for name, p in line["predictions"].items()} == {
        "whole": {"covid19", "normal", "pneumonia"},
        "inside": {"covid19", "non_covid19"},
    }
    assert all(sum(p.values()) == pytest.approx(1) for p in line["predictions"].values())
    mask = cv2.imread(str(tmp_path / "out" / line["lungs"]["mask"]), cv2.IMREAD_UNCHANGED)
    assert mask.shape == (320, 300) and mask.dtype == np.uint8 and set(np.unique(mask)) == {0, 255}
    assert line["lungs"]["area_fraction"] == pytest.approx((mask == 255).mean())
    assert all(mask[box].mean() > 250 for box in BOXES)


def test_paths_are_taken_in_the_order_given(films, tmp_path):
    analyse(films / "c", films / "a.png", films / "c", "--out", tmp_path)
    assert [line["file"][-1] for line in lines(tmp_path)] == ["c", "g", "c"]


def test_only_the_models_asked_for_answer(films, tmp_path):
    assert analyse(films / "a.png", "--out", tmp_path, "--models", "inside") == 0
    assert list(lines(tmp_path)[0]["predictions"]) == ["inside"]


def test_maps_lie_beside_the_line_as_float32_in_the_film_frame(films, tmp_path):
    analyse(films / "a.png", "--out", tmp_path, "--explain", "cam,residual")
    maps = lines(tmp_path)[0]["maps"]
    assert {name: set(made) for name, made in maps.items()} == {"whole": {"cam"}, "inside": {"cam"}}
    for made in maps.values():
        values = np.load(tmp_path / made["cam"])
        assert (values.shape, values.dtype) == ((320, 300), np.float32)


def test_all_maps_are_those_that_each_model_has(films, tmp_path, monkeypatch):
    monkeypatch.setattr(settings("integrated_gradients"), "STEPS", 2)
    for name in ("WINDOW", "STRIDE"):
        monkeypatch.setattr(settings("occlusion"), name, 1 / 2)
    monkeypatch.setattr(settings("search"), "LOOKS", 3)
    assert analyse(films / "a.png", "--out", tmp_path, "--explain", "all") == 0
    (line,) = lines(tmp_path)
    assert "failures" not in line
    for model in ("whole", "inside"):
        assert tuple(line["maps"][model]) == explain.methods_for(model)
        assert all(np.load(tmp_path / made).shape == (320, 300) for made in line["maps"][model].values())


def test_checked_maps_say_whether_to_believe_them(films, tmp_path):
    command = (films / "a.png", "--out", tmp_path, "--models", "whole", "--explain", "cam,grad_cam_pp")
    assert analyse(*command) == 0
    assert "evidence" not in lines(tmp_path)[0]
    assert analyse(*command, "--check") == 0
    (line,) = lines(tmp_path)
    assert list(line["evidence"]["whole"]) == list(line["maps"]["whole"]) == ["cam", "grad_cam_pp"]
    for found in line["evidence"]["whole"].values():
        assert found["badge"] in get_args(Badge)
        assert bool(found["reasons"]) == (found["badge"] != "passes")


def test_all_that_the_checks_found_is_in_the_line(films, tmp_path):
    """Other methods are made for the agreement and not written out."""
    analyse(films / "a.png", "--out", tmp_path, "--models", "whole", "--explain", "cam", "--check")
    (line,) = lines(tmp_path)
    found = line["evidence"]["whole"]["cam"]
    assert list(found["checks"]) == ["evidence", "curves", "random", "repeat", "agreement"]
    assert all(check["limit"] is not None for check in found["checks"].values())
    assert len(found["deletion"]) == len(found["insertion"]) == 11
    p = line["predictions"]["whole"]
    assert found["deletion"][0] == found["insertion"][-1] == pytest.approx(max(p.values()), abs=1e-4)
    assert found["floor"] == pytest.approx(line["lungs"]["area_fraction"]) and found["floor"] < found["ceiling"] <= 1
    for name in ("share", "floor"):
        assert sum(zone[name] for zone in found["zones"].values()) == pytest.approx(1)
    assert list(found["cascade"]) == ["head", "later half", "whole network"]
    assert abs(found["cascade"]["whole network"]) == pytest.approx(found["checks"]["random"]["value"])
    assert found["agreement"] == {"grad_cam_pp": pytest.approx(found["checks"]["agreement"]["value"])}
    assert line["maps"] == {"whole": {"cam": next(tmp_path.glob("*.npy")).name}}


def test_the_maps_that_can_be_asked_for_are_those_there_are():
    """Named twice, so that the command line answers before it has loaded a network."""
    assert tuple(explain.METHODS) == METHODS


def test_a_map_that_comes_to_nothing_is_said_beside_the_others(films, tmp_path, monkeypatch):
    def nothing(*asked):
        raise MapError("There is nothing to show.")

    monkeypatch.setitem(explain.METHODS, "cam", nothing)
    assert analyse(films / "a.png", "--out", tmp_path, "--models", "whole", "--explain", "cam,grad_cam_pp") == 0
    (line,) = lines(tmp_path)
    assert line["status"] == "ok" and set(line["maps"]["whole"]) == {"grad_cam_pp"}
    assert line["failures"] == {"whole cam": "There is nothing to show."}


def test_file_names_tell_nothing_of_the_film(films, tmp_path):
    shutil.copy(films / "a.png", films / "Miller_1950.png")
    analyse(films / "Miller_1950.png", "--out", tmp_path / "out", "--explain", "cam")
    assert not any("miller" in file.name.lower() for file in (tmp_path / "out").iterdir())


def test_a_refused_film_has_reasons_and_lungs_but_no_answers(films, tmp_path, monkeypatch):
    monkeypatch.setattr(inference, "_check", lambda inputs, lungs: REFUSED)
    assert analyse(films / "a.png", "--out", tmp_path, "--explain", "cam") == 0
    (line,) = lines(tmp_path)
    assert (line["status"], line["reasons"]) == ("refused", ["This is not a chest film."])
    assert line["lungs"]["area_fraction"] > 0.2
    assert (line["predictions"], line["maps"]) == ({}, {})


def test_a_model_that_cannot_be_used_is_said_beside_the_others(films, tmp_path, monkeypatch):
    load = inference.registry.load

    def broken(model_id):
        if model_id == "inside":
            raise WeightsMissing("The weights of inside are missing.")
        return load(model_id)

    monkeypatch.setattr(inference.registry, "load", broken)
    assert analyse(films / "a.png", "--out", tmp_path) == 0
    (line,) = lines(tmp_path)
    assert list(line["predictions"]) == ["whole"]
    assert line["failures"] == {"inside": "The weights of inside are missing."}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--models", "vgg"], "no 'vgg'. There are: whole, inside"),
        (["--models", "whole,unet"], "no 'unet'"),
        (["--explain", "lime"], "no 'lime'. There are: cam, grad_cam, grad_cam_pp, integrated_gradients, occlusion"),
        (["--explain", ""], "no ''"),
    ],
)
def test_unusable_options_are_status_2_and_a_sentence(films, tmp_path, capsys, arguments, says):
    assert analyse(films, "--out", tmp_path / "out", *arguments) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_path_that_is_not_there_and_an_empty_folder_are_status_2(films, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert analyse(films, tmp_path / "nowhere", "--out", tmp_path / "out") == 2
    assert "nowhere does not exist" in capsys.readouterr().err
    assert analyse(tmp_path / "empty", "--out", tmp_path / "out") == 2
    assert "no files" in capsys.readouterr().err


def test_a_results_folder_that_is_a_file_is_status_2(films, capsys):
    assert analyse(films, "--out", films / "a.png") == 2
    assert "cannot be made a folder" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["analyse"], ["diagnose"], ["analyse", "film.png"]])
def test_missing_arguments_are_status_2(arguments):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_a_broken_manifest_is_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CXR_MANIFEST", str(tmp_path / "none.toml"))
    assert main(["weights"]) == 1
    assert "none.toml cannot be read" in capsys.readouterr().err


def test_weights_has_a_line_a_model(models, capsys):
    assert main(["weights"]) == 0
    found = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in found] == [["unet", "ok"], ["whole", "ok"], ["inside", "ok"]]


def test_weights_says_which_are_not_ready(monkeypatch, capsys):
    monkeypatch.setattr(weights, "status", lambda specs: [weights.Status("unet", "nowhere", False, "Missing.")])
    assert main(["weights"]) == 0
    assert "NOT READY" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["--revision", "main"], ["whole", "--revision", "main"]])
def test_a_pull_of_nothing_named_is_status_2(arguments, capsys):
    assert main(["weights", "pull", *arguments]) == 2
    assert "name models, or a repository by --repo" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["push", "--repo", "a/b"], ["push", "whole"], ["weigh"]])
def test_a_push_needs_models_and_a_repository(arguments):
    with pytest.raises(SystemExit) as stopped:
        main(["weights", *arguments])
    assert stopped.value.code == 2


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    told = capsys.readouterr().out
    assert all(name in told for name in ("analyse", "weights", "data", "train", "evaluate", "Not a diagnostic"))


def test_help_says_what_a_check_writes_and_where_batches_are(capsys):
    with pytest.raises(SystemExit):
        analyse("--help")
    told = " ".join(capsys.readouterr().out.split())
    assert all(name in told for name in ("zone", "deletion and insertion", "shuffling weights", "other methods"))
    assert "Film by film" in told and "explain_all" in told and callable(explain.explain_all)


def test_every_training_command_is_known_before_training_is_imported():
    commands = argparse.ArgumentParser().add_subparsers()
    cli.register(commands)
    assert set(TRAINING) == set(commands.choices)
