"""The benchmark of training compares like with like, and counts and divides as can be checked by hand."""

import itertools
import json
from dataclasses import replace

import pandas as pd
import pytest
import torch
from tiny_recipe import GREY, STAGE, lungs, recipe
from torch import nn

from benchmarks import growth, operations, plain_training, training, training_films
from cxr_models.imaging.preprocess import InputSpec
from cxr_models.registry import build
from cxr_models.training.tasks import TASKS, Films

SHORT = training.Length(warm=1, steps=2, rounds=2, batch=2)
INSIDE = recipe(replace(STAGE, batch=2, films=6), input=InputSpec(32, 1, (0.5,), (0.25,), "lungs"))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module")
def files(root):
    return training_films.drawn(root, 2, side=128)


@pytest.fixture
def ticking(monkeypatch):
    """A clock that goes on by a second whenever it is read."""
    seconds = itertools.count()
    for module in (training, plain_training, operations):
        monkeypatch.setattr(module, "now", lambda _: float(next(seconds)))


class OneLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.reconstruct = nn.Conv2d(1, 1, 3, padding=1)


def case(of, net="tiny") -> training.Case:
    return training.Case(net, of, training.shortened(of.stages[0], SHORT))


def test_few_files_are_shown_again_until_there_are_enough(files, root):
    given = training_films.material(files, root, INSIDE, 5)
    assert given.rows.split.tolist() == ["train"] * 5 + ["val"] * 2
    assert torch.equal(given.films.grey[0], given.films.grey[2]) and len(given.films.grey) == 7
    assert given.films.labels.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert given.films.masks.unique().tolist() == [0, 255]
    assert training_films.material(files, root, recipe(), 5).films.masks is None


def test_films_of_a_folder_take_the_place_of_the_drawn_ones(files, root, tmp_path):
    (tmp_path / "a.JPG").write_bytes((root / "1.jpg").read_bytes())
    found = training_films.given(tmp_path, root, files["mask"])
    assert found.path.tolist() == [str(tmp_path / "a.JPG")] and found["sha256"].tolist() == [files["sha256"][1]]
    with pytest.raises(SystemExit, match="holds no JPEG films"):
        training_films.given(root / "cache", root, files["mask"])


def test_the_plain_loader_shows_the_same_kind_of_films(files, root):
    given = training_films.material(files, root, INSIDE, 4)
    shown = plain_training.Files(root, given, plain_training.changes(STAGE, 32))
    x, label, mask = shown[1]
    assert x.shape == mask.shape == (1, 32, 32) and label == 1 and len(shown) == 4
    assert 0 <= x.min() < x.max() <= 1.1 and mask.unique().tolist() == [0, 1]
    window = plain_training.changes(replace(STAGE, size=16, crop=True), 32)
    x, _ = plain_training.Files(root, training_films.material(files, root, recipe(), 4), window)[0]
    assert x.shape == (1, 16, 16)


@pytest.mark.parametrize("task", ["Reconstruct", "Classify", "Segment"])
def test_both_loops_learn_from_the_same_loss(task):
    torch.manual_seed(0)
    net = {
        "Reconstruct": OneLayer(),
        "Classify": build("cnn_x", {"size": 32, "classes": 3}),
        "Segment": build("unet", lungs().settings),
    }[task].eval()
    grey, masks = torch.randint(0, 256, (4, 32, 32), dtype=torch.uint8), torch.zeros(4, 32, 32, dtype=torch.uint8)
    masks[:, 8:24, 8:24] = 255
    films = Films(grey, torch.tensor([0, 1, 2, 1]), None if task == "Reconstruct" else masks)
    stage = replace(STAGE, task=task, augment="")
    spec = GREY if task == "Segment" else INSIDE.input
    ours = TASKS[task](net, stage, spec, films, 0).loss(torch.arange(4))
    shown = [films.labels] if films.masks is None else [films.labels, (masks / 255)[:, None]]
    plain = plain_training.loss(net, task, spec, [(grey / 255)[:, None], *shown])
    assert plain.item() == pytest.approx(ours.item(), rel=1e-5)


def test_operations_of_one_layer_by_hand():
    """9 products and sums for each of 64 pixels, once forward and once for the gradient of the weights."""
    batch = [torch.rand(3, 1, 8, 8), torch.zeros(3)]
    assert operations.a_film(OneLayer(), "Reconstruct", GREY, batch) == 2 * (2 * 9 * 64)


def test_the_first_steps_are_not_counted(files, root, tmp_path, ticking):
    """Two steps of two films within one tick of the clock, in either loop."""
    of = case(INSIDE)
    given = training_films.material(files, root, INSIDE, SHORT.films(of.stage))
    net = build("cnn_x", {"size": 32, "classes": 3})
    task = TASKS["Classify"](net, of.stage, given.spec, given.films, 0)
    before = [p.detach().clone() for p in net.parameters()]
    assert training.ours(task, given, tmp_path, SHORT) == 4
    assert any(not torch.equal(p.cpu(), was) for p, was in zip(net.parameters(), before, strict=True))
    assert {file.name for file in tmp_path.glob("*/*")} >= {"metrics.csv", "best.safetensors", "last.ckpt"}
    batch = [torch.rand(2, 1, 32, 32), torch.tensor([0, 1])]
    assert plain_training.speed(net.cpu(), of.stage, GREY, [batch] * 3, 1) == 4


def test_the_peak_is_that_of_the_fastest_product(ticking, monkeypatch):
    """A product of 16 x 16 matrices in a second."""
    monkeypatch.setitem(operations.SIDES, "cpu", (8, 16))
    assert operations.peak("cpu", repeats=3) == 2 * 16**3


def test_ratios_and_shares_are_taken_round_by_round():
    """Ratios 4, 2 and 6 although the machine slows down; 3e9 operations a film, a peak of 1e12 a second."""
    reached = {"ours": [40.0, 10.0, 30.0], "plain": [10.0, 5.0, 5.0], "plain_net": [20.0, 5.0, 15.0]}
    row = training.row(case(recipe()), 3 * 10**9, reached | {"peak": [1e12] * 3})
    assert (row["ratio"], row["ratio_least"], row["ratio_most"], row["ratio_net"]) == (4, 2, 6, 2)
    assert (row["ours_films_s"], row["plain_films_s"], row["share"], row["plain_share"]) == (30, 5, 0.09, 0.015)
    assert row["gflop_a_film"] == 3 and row["peak_tflops"] == 1


@pytest.mark.parametrize("of", [INSIDE, lungs()])
def test_every_contestant_runs_in_every_round(of, files, root, monkeypatch):
    monkeypatch.setitem(operations.SIDES, "cpu", (32,))
    one = case(of)
    row = training.measured(one, training_films.material(files, root, of, SHORT.films(one.stage)), root, "cpu", SHORT)
    assert (row["net"], row["size"], row["batch"]) == ("tiny", 32, 2)
    assert 0 < row["ratio_least"] <= row["ratio"] <= row["ratio_most"] and row["share"] > 0


def test_the_nets_and_sizes_measured():
    found = training.cases("cpu", training.LENGTHS["cpu"])
    assert [(c.stage.task, c.stage.size, c.stage.crop, c.stage.batch) for c in found] == [
        ("Reconstruct", 128, True, 16),
        ("Reconstruct", 224, False, 16),
        ("Classify", 224, False, 16),
        ("Classify", 224, False, 32),
        ("Segment", 512, False, 2),
    ]
    assert all(c.stage.films == 8 * c.stage.batch for c in found)


def test_films_are_made_once_and_every_one_is_shown(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(growth, "epoch", lambda task, rows, device: shown.append(len(task.films.grey)) or 6.0)
    cpu = torch.device("cpu")
    assert set(growth.child(96, tmp_path / "cache", cpu)) == {"make_s", "make_peak_mb"}
    used = growth.child(96, tmp_path / "cache", cpu)
    assert (used["cache_mb"], used["batch_ms"], shown) == (96 * 224 * 224 / 1e6, 2000, [96])
    assert 0 < used["own_mb"] < used["peak_mb"]


def test_an_epoch_draws_every_film():
    stage = replace(growth.STAGE, batch=2, size=32)
    task = TASKS["Classify"](nn.Identity(), stage, GREY, Films(torch.zeros(6, 32, 32, dtype=torch.uint8)), 0)
    seen = []
    task.inputs = lambda rows: seen.extend(rows.tolist()) or (torch.zeros(1), None)
    rows = pd.DataFrame({"path": list("abcdef"), "label": "n", "source": "n", "split": "train"})
    growth.epoch(task, rows, torch.device("cpu"))
    assert sorted(seen) == [0, 1, 2, 3, 4, 5]


def test_a_line_through_the_growth_by_hand():
    rows = [{"films": n, **dict.fromkeys(growth.OF_FILMS, 2.0 * n), "batch_ms": 5.0} for n in (1000, 2000, 4000)]
    lines = {line["figure"]: line for line in growth.fitted(rows)}
    assert lines["epoch_s"] == {"figure": "epoch_s", "per_1000_films": 2000, "at_none": 0, "exponent": 1}
    assert (lines["batch_ms"]["per_1000_films"], lines["batch_ms"]["exponent"]) == (0, 0)


def test_one_device_does_not_wipe_out_the_other(tmp_path):
    for found in ({"cuda": 1}, {"cpu": 2}, {"cpu": 3}):
        training.keep(found, tmp_path / "new" / "training.json")
    assert json.loads((tmp_path / "new/training.json").read_text()) == {"cuda": 1, "cpu": 3}


def test_a_gpu_that_is_not_there_is_a_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr("sys.argv", ["training", "--device", "cuda"])
    with pytest.raises(SystemExit, match="no GPU here"):
        training.main()
