"""The lab's benchmark compares like with like: all ways give the same answers."""

import numpy as np
import pytest
from small_models import film, installed

from benchmarks import shortcuts
from benchmarks.plain import Plain
from cxr_models import inference
from cxr_models.shortcuts import EDITS
from cxr_models.shortcuts.bench import bench


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory):
    with installed(tmp_path_factory.mktemp("models")) as folder:
        yield folder


def test_the_plain_way_gives_the_answers_of_the_bench():
    lungs, plain = inference.find_lungs(film()), Plain()
    assert lungs.mask.any()
    reference, found = shortcuts.plain_alone(film(), lungs, plain), bench(film(), lungs)
    assert set(reference) == set(found.after) and not found.failures
    for name, p in reference.items():
        assert p.shape[0] == len(EDITS)
        np.testing.assert_allclose(found.after[name], p, atol=2e-3)


def test_every_way_is_timed_and_compared():
    found = shortcuts.compared([film()], 1)
    ways = ("plain_whole", "app_whole", "plain_alone")
    for way in ways:
        ratio = found[f"{way}_s"] / found["bench_s"]
        assert found[f"faster_than_{way}"] == pytest.approx(ratio, rel=0.2)
    assert found["largest_difference"] < 2e-3 and found["edits"] == 20


def test_a_row_of_places_a_model(monkeypatch):
    monkeypatch.setattr(shortcuts, "GRID", 2)
    rows = shortcuts.places(film(), inference.find_lungs(film()))
    assert [row["net"] for row in rows] == list(inference.classifiers())
    assert all(row["places"] == 4 and row["seconds"] >= 0 for row in rows)
