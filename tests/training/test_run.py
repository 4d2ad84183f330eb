"""Runs: the same weights however often they are broken off, and by one process or several."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from tiny_recipe import STAGE, films, long, lungs, recipe

from cxr_models.errors import TrainingError
from cxr_models.training import recipes
from cxr_models.training.run import numbered, train, wanted

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from pathlib import Path
import pandas as pd
import tiny_recipe
from cxr_models.training.run import train
root, folder, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
index = pd.read_csv(root / "index.csv", keep_default_na=False, dtype={"sha256": str})
train(getattr(tiny_recipe, kind)(), index, root, folder)
"""


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    root = tmp_path_factory.mktemp("films")
    index = films(root)
    index.to_csv(root / "index.csv", index=False)
    return root, index


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "net.safetensors")


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def command(given, folder: Path, kind: str) -> list[str]:
    return ["-c", SCRIPT, str(given[0]), str(folder), kind]


def environment() -> dict[str, str]:
    path = os.pathsep.join(str(p) for p in (ROOT, ROOT / "tests/training", ROOT / "tests/data", ROOT / "tests"))
    return os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}


def test_a_finished_run_is_not_trained_again(given, tmp_path):
    root, index = given
    train(recipe(), index, root, tmp_path / "runs/tiny")
    first = weights_of(tmp_path / "runs/tiny")
    took = (tmp_path / "runs/tiny/one/stage.json").stat().st_mtime_ns
    train(recipe(), index, root, tmp_path / "runs/tiny")
    assert same(first, weights_of(tmp_path / "runs/tiny"))
    assert (tmp_path / "runs/tiny/one/stage.json").stat().st_mtime_ns == took


def test_a_run_that_was_killed_goes_on_to_the_same_weights(given, tmp_path):
    root, index = given
    folder = tmp_path / "runs/killed"
    process = subprocess.Popen([sys.executable, *command(given, folder, "long")], env=environment())
    checkpoint = folder / "one/last.ckpt"
    while not checkpoint.is_file() and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL and not (folder / "one/stage.json").is_file()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    train(long(), index, root, folder)
    train(long(), index, root, tmp_path / "runs/whole")
    torch.set_num_threads(threads)
    assert same(weights_of(folder), weights_of(tmp_path / "runs/whole"))
    curves = [pd.read_csv(f / "one/metrics.csv").dropna() for f in (folder, tmp_path / "runs/whole")]
    assert curves[0].val_loss.tolist() == curves[1].val_loss.tolist() and len(curves[0]) == 15


def test_two_processes_of_torchrun_learn_what_one_does(given, tmp_path):
    """A UNet: it has no batch norm, whose statistics each process would take of its own films on a CPU."""
    root, index = given
    one, two = tmp_path / "runs/one", tmp_path / "runs/two"
    train(lungs(), index, root, one)
    start = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--no-python", sys.executable]
    subprocess.run([sys.executable, *start, *command(given, two, "lungs")], env=environment(), check=True)
    alone, together = (pd.read_csv(f / "one/metrics.csv").dropna(subset="val_loss").to_numpy() for f in (one, two))
    assert alone[:, 0].tolist() == together[:, 0].tolist() == [2, 4, 6]
    assert together[:, 3] == pytest.approx(alone[:, 3], rel=2e-3)
    assert alone[0, 3] - alone[-1, 3] > 10 * abs(together[:, 3] - alone[:, 3]).max()
    assert json.loads((two / "run.json").read_text())["device"].startswith("2 x CPU")


def test_the_folder_of_another_run_is_not_overwritten(given, tmp_path):
    root, index = given
    train(recipe(), index, root, tmp_path / "runs/tiny")
    with pytest.raises(TrainingError, match="holds a run of another seed"):
        train(recipe(), index, root, tmp_path / "runs/tiny", seed=1)
    with pytest.raises(TrainingError, match="another recipe and data"):
        train(recipe(replace(STAGE, lr=1.0)), index[:-1], root, tmp_path / "runs/tiny")


def test_another_seed_gives_other_weights(given, tmp_path):
    root, index = given
    for seed in (0, 1):
        train(recipe(), index, root, tmp_path / f"runs/{seed}", seed=seed)
    assert not same(weights_of(tmp_path / "runs/0"), weights_of(tmp_path / "runs/1"))


def test_a_run_says_what_it_is_and_how_it_ended(given, tmp_path):
    root, index = given
    train(recipe(), index, root, tmp_path / "runs/tiny")
    run = json.loads((tmp_path / "runs/tiny/run.json").read_text())
    assert run["model"] == "tiny" and run["films"] == {"train": 12, "val": 4} and len(run["data"]) == 64
    assert run["recipe"]["stages"][0]["lr"] == 1e-3
    assert json.loads((tmp_path / "runs/tiny/status.json").read_text())["state"] == "done"
    took = json.loads((tmp_path / "runs/tiny/one/stage.json").read_text())
    assert (took["epochs"], took["films"], took["lr_divided_by"]) == (2, 16, 1.0)


def test_an_index_without_training_films_is_an_error(given):
    _, index = given
    with pytest.raises(TrainingError, match="no films to train resnet18"):
        wanted(index[index.split == "val"], recipes.get("resnet18"))


def test_films_without_a_label_are_for_pre_training_only(given):
    _, index = given
    index = index.assign(label=["", *index.label[1:]])
    assert len(wanted(index, recipe())) == len(index) - 1
    pretrained = recipe(replace(STAGE, task="Reconstruct"), STAGE)
    assert len(wanted(index, pretrained)) == len(index)
    assert numbered(index[:3], pretrained) == [-1, 1, 2]
    assert numbered(index[1:3], recipe(classes=("covid19", "non_covid19"))) == [1, 1]
