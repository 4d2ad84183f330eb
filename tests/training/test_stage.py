"""What a stage does when something goes wrong, and what it leaves alone."""

import errno
import json
from dataclasses import replace

import pytest
import torch
from tiny_recipe import STAGE, films, recipe

from cxr_models.errors import TrainingError
from cxr_models.registry import build
from cxr_models.training import stage
from cxr_models.training.run import gather
from cxr_models.training.stage import Material, nearby, told
from cxr_models.training.tasks import Classify, Films
from cxr_models.training.watch import Best, Status


@pytest.fixture
def material(tmp_path):
    index = films(tmp_path)
    return Material(index, gather(index, recipe(), tmp_path, tmp_path / "cache"), recipe().input)


def net() -> torch.nn.Module:
    torch.manual_seed(0)
    return build("cnn_x", {"size": 32, "classes": 3})


def go(network, one, material, folder) -> dict:
    return stage.run(network, one, material, folder / one.name, Status(folder, one.name, 1, 1))


def test_a_loss_that_is_no_number_goes_on_at_half_the_learning_rate(material, tmp_path, monkeypatch, capsys):
    loss = Classify.loss

    def breaks(task, rows):
        value = loss(task, rows)
        return value * float("nan") if task.training and task.current_epoch == 1 and task.slower == 1 else value

    monkeypatch.setattr(Classify, "loss", breaks)
    took = go(net(), STAGE, material, tmp_path)
    assert took["lr_divided_by"] == 2 and took["epochs"] == 2
    assert "It goes on from the last checkpoint, at lr 0.0005." in capsys.readouterr().out
    assert json.loads((tmp_path / "one/stage.json").read_text()) == took


def test_a_loss_that_is_never_a_number_is_a_sentence_and_keeps_no_weights(material, tmp_path, monkeypatch):
    monkeypatch.setattr(Classify, "loss", lambda task, rows: sum(p.sum() for p in task.parameters()) * float("nan"))
    with pytest.raises(TrainingError, match="not a number in epoch 1. Lower lr"):
        go(net(), STAGE, material, tmp_path)
    assert Best(tmp_path / "one").least() == float("inf")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full. Make room. The last checkpoint"),
        (RuntimeError("[enforce fail] PytorchStreamWriter failed writing file"), "the disk is full"),
        (RuntimeError("CUDA error: unspecified launch failure\nmore"), "the GPU is lost .*launch failure"),
        (torch.OutOfMemoryError("CUDA out of memory"), "batch of 4 films does not fit"),
    ],
)
def test_failures_of_the_machine_say_how_to_go_on(error, says, tmp_path):
    with pytest.raises(TrainingError, match=says), told(STAGE, tmp_path):
        raise error


def test_an_error_of_ours_is_not_taken_for_the_machine(tmp_path):
    with pytest.raises(RuntimeError, match="shapes"), told(STAGE, tmp_path):
        raise RuntimeError("shapes differ")


def test_frozen_parts_stay_and_learn_again_afterwards(material, tmp_path):
    network = net()
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    go(network, replace(STAGE, frozen=("paths",)), material, tmp_path)
    moved = {name.split(".")[0] for name, p in network.named_parameters() if not torch.equal(p, before[name])}
    assert moved == {"head"} and all(p.requires_grad for p in network.parameters())
    assert network.paths[0][1].running_mean.abs().max() == 0


def test_it_stops_once_validation_films_gain_nothing(material, tmp_path, monkeypatch):
    monkeypatch.setattr("cxr_models.training.schedule.shape", lambda name, done: 0.0)
    took = go(net(), replace(STAGE, epochs=9, patience=2, frozen=("paths",)), material, tmp_path)
    assert took["epochs"] == 3


def test_the_weights_kept_are_those_of_the_least_validation_loss(material, tmp_path):
    network = net()
    took = go(network, replace(STAGE, epochs=4, lr=0.3, schedule="flat", augment=""), material, tmp_path)
    assert took["val_loss"] == round(Best(tmp_path / "one").least(), 4)
    losses = [row.split(",")[3] for row in (tmp_path / "one/metrics.csv").read_text().splitlines()[1:]]
    assert took["val_loss"] == round(min(float(one) for one in losses if one), 4)


def test_films_stay_where_they_are_without_a_gpu():
    given = Films(torch.zeros(2, 4, 4, dtype=torch.uint8), torch.zeros(2, dtype=torch.int64))
    assert nearby(given, torch.device("cpu")) is given and given.size() == 32 + 16
