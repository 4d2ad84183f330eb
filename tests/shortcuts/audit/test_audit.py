"""The audit from films to what is stored, with small networks."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from small_models import film, installed
from trees import save

from cxr_models import audits, inference, registry
from cxr_models.errors import TrainingError
from cxr_models.evaluation.maps import cases
from cxr_models.shortcuts import EDITS, audit
from cxr_models.shortcuts.audit import views
from cxr_models.shortcuts.edit import edited
from cxr_models.shortcuts.looks import Looks
from cxr_models.types import Lungs

LABELS, VIEWS = ("covid19", "normal", "pneumonia"), 1 + len(EDITS) + len(views.MARKS)


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory):
    with installed(tmp_path_factory.mktemp("models")) as folder:
        yield folder


@pytest.fixture(scope="module")
def collections(tmp_path_factory):
    """30 films from two collections, half of them test films, and their index."""
    root, rows = tmp_path_factory.mktemp("films"), []
    for i in range(30):
        noise = np.random.default_rng(i).normal(scale=0.02, size=(320, 300))
        pixels = film().pixels + noise
        pixels[:40, :40] = 0.4 + 0.1 * (i % 3)
        save(root / f"{i}.png", np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8))
        sha256 = hashlib.sha256((root / f"{i}.png").read_bytes()).hexdigest()
        rows.append({"path": f"{i}.png", "sha256": sha256, "label": LABELS[i % 3], "source": "ab"[i // 3 % 2]})
    rows = pd.DataFrame(rows).assign(split=["test"] * 15 + ["train"] * 15, group=range(30), view="frontal", mask="")
    (root / "runs").mkdir()
    rows.assign(age_group="", subtype="").to_csv(root / "runs/index.csv", index=False)
    return root


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "FOLDER", tmp_path)
    return tmp_path


def made(root):
    return audit.audit(audit.Plan(("whole", "inside"), 6), root / "runs/index.csv", root, " --films 6")


def test_what_is_found_is_stored_and_a_second_audit_opens_no_film(collections, results, monkeypatch):
    found = made(collections)
    assert audits.stored(results) == {one.model_id: one for one in found}
    one = found[0]
    assert (one.n, one.probed, one.region) == (6, 15, "film") and one.command == f"{audits.COMMAND} --films 6"
    assert sum(n for labels in one.films.values() for n in labels.values()) == 6
    assert len(one.of(audits.FLIPS)) == VIEWS - 1 and one.measure(audits.FLIPS, "Mirrored").n == 6
    assert found[1].region == "lungs" and found[1].notes[-1].startswith("This model is shown nothing but the lungs")

    def closed(data):
        raise AssertionError("a film was opened")

    monkeypatch.setattr(cases, "read_film", closed)
    assert made(collections) == found


def test_a_film_that_changed_since_is_refused(collections, results, tmp_path):
    rows = pd.read_csv(collections / "runs/index.csv", keep_default_na=False).assign(sha256="0" * 64)
    rows.to_csv(tmp_path / "index.csv", index=False)
    with pytest.raises(TrainingError, match="has changed since the index was made"):
        audit.audit(audit.Plan(("whole",), 2), tmp_path / "index.csv", collections)


def test_a_folder_that_is_not_there_is_named(results, tmp_path):
    with pytest.raises(TrainingError, match="--root or CXR_FILMS"):
        audit.audit(audit.Plan(("whole",)), tmp_path / "index.csv", tmp_path / "gone")


def test_models_are_asked_about_the_film_the_bench_shows():
    one = film()
    lungs = inference.find_lungs(one)
    shown = views.views(one, lungs)
    assert len(shown) == VIEWS and all(shown)
    said = views.said("whole", Looks(shown), [True] * VIEWS)
    at = 1 + list(EDITS).index("inverted")
    after = edited(EDITS["inverted"], one, lungs)
    assert said[at] == pytest.approx(inference.predict(after.film, after.lungs, "whole").probabilities, abs=1e-5)
    assert said[0] == pytest.approx(inference.predict(one, lungs, "whole").probabilities, abs=1e-5)


def test_without_lungs_their_edits_are_left_out_and_the_others_keep_their_place():
    one = film()
    shown = views.views(one, Lungs(np.zeros(one.pixels.shape, bool), 0.0, (), 1.0))
    assert [view is None for view in shown[1:7]] == [True] * 6 and all(shown[7:])
    there = [view is not None for view in shown]
    said = views.said("whole", Looks([view for view in shown if view]), there)
    assert [answer is not None for answer in said] == there
    assert views.said("inside", Looks([shown[0]]), [True]) == [None]
    assert views.features(registry.load("inside"), one, None) is None


def test_features_are_the_means_of_the_maps():
    one, model = film(), registry.load("whole")
    maps = model.maps(inference.Inputs(one)(model.spec.input))
    assert views.features(model, one, None) == pytest.approx(maps.mean((0, 2, 3)).tolist(), rel=1e-4)
