"""The whole measurement on small networks and phantoms, stopped and gone on with."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pandas as pd
import pytest
from small_models import BOXES, film, installed
from trees import save

from cxr_models import results
from cxr_models.errors import TrainingError
from cxr_models.evaluation import maps
from cxr_models.evaluation.maps import Plan, plan
from cxr_models.training import cli

LABELS = ("covid19", "normal", "pneumonia")


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Six films of two dark lungs, a validation and a test film a label; the test films have masks."""
    monkeypatch.setattr(maps, "FOLDER", tmp_path / "results")
    with installed(tmp_path):
        yield tmp_path, index_of(tmp_path)


def index_of(root):
    mask = np.zeros(film().pixels.shape, np.uint8)
    for box in BOXES:
        mask[box] = 255
    save(root / "mask.png", mask)
    rows = []
    for i in range(6):
        picture = np.rint(film().pixels * 255).astype(np.uint8)
        cv2.circle(picture, (80 + 20 * i, 120), 15, 230, -1)
        save(root / f"{i}.png", picture)
        sha256 = hashlib.sha256((root / f"{i}.png").read_bytes()).hexdigest()
        split = ("val", "test")[i // 3]
        rows.append({"path": f"{i}.png", "sha256": sha256, "label": LABELS[i % 3], "split": split, "group": i})
    return pd.DataFrame(rows).assign(source="a", mask=["", "", "", *["mask.png"] * 3])


def test_all_parts_are_measured_stored_and_gone_on_with(small, monkeypatch):
    root, index = small
    asked = Plan(("whole", "inside"), ("cam", "grad_cam_pp"), 2)
    found = maps.measure(asked, index, root, root / "runs", " --films 2")
    assert results.evaluation("maps", root / "results") == found
    assert found.command == "python -m cxr_models evaluate maps --films 2"
    assert found.measure("odds doubled", "opacity, whole").n == 4  # two people, two findings
    assert found.measure("floor", "lungs drawn by hand").n == 2
    passes = found.measure("badge passes", "whole, grad_cam_pp")
    assert passes.n == 2 and 0 <= passes.low <= passes.value <= passes.high <= 1
    kept = {file.stem: file.read_text() for file in (root / "runs/maps").iterdir()}
    assert set(kept) == set(maps.PARTS)
    monkeypatch.setattr(plan.explain, "explain_all", lambda *given: pytest.fail("made a second time"))
    assert maps.measure(asked, index, root, root / "runs", " --films 2") == found
    assert {file.stem: file.read_text() for file in (root / "runs/maps").iterdir()} == kept


def test_what_was_broken_off_goes_on(small, monkeypatch):
    root, index = small
    asked, real, made = Plan(("whole",), ("cam", "grad_cam_pp"), 2), plan.explain.explain_all, []

    def breaks(questions, *given):
        made.append(given)
        if len(made) == 2:
            raise KeyboardInterrupt
        return real(questions, *given)

    monkeypatch.setattr(plan.explain, "explain_all", breaks)
    with pytest.raises(KeyboardInterrupt):
        maps.limit_table(asked, index, root, root / "runs")
    assert len((root / "runs/maps/limits.jsonl").read_text().splitlines()) == 1
    assert maps.limit_table(asked, index, root, root / "runs").startswith("LIMITS")
    assert len(made) == 5  # four maps, one of them twice


def test_a_changed_film_is_a_sentence(small):
    root, index = small
    with pytest.raises(TrainingError, match="has changed since the index was made"):
        maps.limit_table(Plan(("whole",), ("cam",), 2), index.assign(sha256="0" * 64), root, root / "runs")


def options(**given):
    values = {"models": ["maps"], "of": None, "methods": None, "films": None, "limits": False, "taught": False,
              "compare": False, "index": None, "name": None, "seed": 0, "runs": Path("runs")}  # fmt: skip
    return SimpleNamespace(**values | given)


def test_the_command_line(small, monkeypatch, capsys):
    root, index = small
    monkeypatch.setattr(cli, "index_of", lambda args: index)
    monkeypatch.setattr(maps, "PARTS", {"limits": maps.PARTS["limits"]})
    given = options(of="whole", methods="cam,grad_cam_pp", films=2, root=root, runs=root / "runs")
    assert cli.run_evaluate(given) == 0
    assert "repeat limit                  cam " in capsys.readouterr().out
    assert results.evaluation("maps", root / "results").command.endswith(" --methods cam,grad_cam_pp --films 2")
    given.limits = True
    assert cli.run_evaluate(given) == 0
    assert capsys.readouterr().out.startswith("LIMITS = {")


@pytest.mark.parametrize("given", [{"models": ["whole", "maps"]}, {"models": ["whole"], "films": 0}, {"compare": True}])
def test_options_that_do_not_go_together_are_a_sentence(given):
    with pytest.raises(TrainingError, match="belong to `evaluate maps`, which stands alone"):
        cli.run_evaluate(options(**given))


def test_networks_that_are_taught_one_thing_are_asked_for_alone(monkeypatch, capsys):
    given = []
    monkeypatch.setattr(cli.taught, "measure", lambda *found: given.append(found) or maps.store([], "", "", "x", ()))
    monkeypatch.setattr(maps, "save", lambda *found: None)
    assert cli.run_evaluate(options(taught=True, methods="cam", films=3)) == 0
    assert given == [(("cam",), Path("runs"), 0, 3, " --methods cam --films 3")]
    with pytest.raises(TrainingError, match="leave --models, --name, --limits out"):
        cli.run_evaluate(options(taught=True, of="whole"))
