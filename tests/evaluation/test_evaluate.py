import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from small_models import installed
from trees import film, save

from cxr_models import manifest
from cxr_models.errors import RefusedFilm
from cxr_models.evaluation import evaluate as evaluation
from cxr_models.evaluation import predictions

CLASSES = ("covid19", "normal", "pneumonia")


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Twelve phantoms, half validation and half test, and a model that says what brightness tells it to."""
    with installed(tmp_path):
        rows = []
        for i, label in enumerate(CLASSES * 4):
            picture = film(i)
            picture[:, :8] = 40 + 100 * CLASSES.index(label)
            save(tmp_path / f"films/{i}.png", picture)
            rows.append(
                {"path": f"films/{i}.png", "sha256": f"{i}", "source": "a", "label": label, "group": i, "mask": ""}
            )
        index = pd.DataFrame(rows)
        index["split"] = ["val"] * 6 + ["test"] * 6
        spec = manifest.specs()["whole"]
        monkeypatch.setattr(evaluation, "FOLDER", tmp_path / "results")
        monkeypatch.setattr(predictions.registry, "load", lambda name: SimpleNamespace(spec=spec, run=by_brightness))
        yield tmp_path, index


def by_brightness(x: np.ndarray) -> tuple[torch.Tensor, None]:
    """Logits by the grey value of the film's left edge: dark is COVID-19, middle normal, bright pneumonia."""
    grey = float(x[0, 0, :, 0].mean())
    return torch.tensor([[-40 * abs(grey - at) for at in (0.1, 0.5, 0.9)]]), None


def test_calibration_and_evaluation_by_hand(measured):
    root, index = measured
    file = root / "weights_manifest.toml"
    spec = evaluation.calibrate("whole", index, root, root / "runs", file)
    assert "6 validation films" in spec.thresholds_chosen and 0.01 <= spec.threshold <= 0.99
    found = evaluation.evaluate("whole", index, root, root / "runs", file)
    assert found.n == 6 and found.confusion == ((2, 0, 0), (0, 2, 0), (0, 0, 2))
    assert found.measure("macro-F1").value == 1 and found.measure("ROC AUC", "covid19").value == 1
    assert found.measure("accuracy", "collection a").n == 6


def test_what_is_stored_is_what_was_measured(measured):
    root, index = measured
    found = evaluation.evaluate("whole", index, root, root / "runs", root / "weights_manifest.toml")
    stored = json.loads((root / "results/whole.json").read_text())
    assert stored["confusion"] == [list(r) for r in found.confusion]
    results = manifest.specs(root / "weights_manifest.toml")["whole"].results
    assert {r.name for r in results} >= {"macro-F1", "accuracy"} and all(r.n == 6 for r in results)


def test_labels_a_two_class_model_does_not_name_are_its_last_class():
    rows = pd.DataFrame({"label": ["normal", "covid19", "pneumonia"]})
    assert predictions.truth_of(rows, ("covid19", "non_covid19")).tolist() == [1, 0, 1]


def test_an_evaluation_broken_off_goes_on_where_it_stopped(measured, monkeypatch):
    root, index = measured
    rows = predictions.labelled(index, "test")
    whole = predictions.logits("whole", rows, root, root / "runs")
    (file,) = (root / "runs/predictions").glob("whole-*.csv")
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:3]) + lines[3][:20])
    asked = []
    answers = predictions._answers
    monkeypatch.setattr(predictions, "_answers", lambda m, r, root: asked.extend(r.sha256) or answers(m, r, root))
    again = predictions.logits("whole", rows, root, root / "runs")
    assert np.array_equal(again, whole) and asked == list(rows.sha256[3:])
    assert file.read_text() == "".join(lines)


def test_a_film_without_lungs_has_no_answer_of_a_model_on_the_lungs(measured, monkeypatch):
    root, index = measured

    def refuse(film):
        def inputs(spec, lungs=None):
            raise RefusedFilm("none were found")

        return inputs

    monkeypatch.setattr(predictions.inference, "Inputs", refuse)
    rows = predictions.labelled(index, "test")
    assert np.isnan(predictions.logits("whole", rows, root, root / "runs")).all()
