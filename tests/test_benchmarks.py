"""The benchmark compares like with like: both paths give the same answers, and each timed film is computed anew."""

import cv2
import numpy as np
import pytest
from small_models import film, installed

from benchmarks import machine, panel
from benchmarks.plain import Plain
from cxr_models import inference, registry


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory):
    with installed(tmp_path_factory.mktemp("models")) as folder:
        yield folder


@pytest.fixture
def folder(tmp_path):
    """Two films and a text."""
    for i in range(2):
        pixels = np.rint(film().pixels * 255).astype(np.uint8)
        pixels[:20] -= 40 * i
        cv2.imwrite(str(tmp_path / f"{i}.png"), pixels)
    (tmp_path / "notes.txt").write_text("not a film")
    return tmp_path


def test_the_plain_path_gives_the_answers_of_the_fast_one():
    plain = Plain()
    lungs = plain.lungs(film())
    for name in ("whole", "inside"):
        answer, cam = plain.answer(film(), lungs, name)
        fast = inference.predict(film(), inference.find_lungs(film()), name)
        np.testing.assert_allclose(fast.probabilities, answer, atol=1e-3)
        np.testing.assert_allclose(plain.forward_only(film(), lungs, name), answer, atol=1e-6)
        assert cam.shape == film().pixels.shape


def test_agreement_counts_every_film_and_every_class_change(folder, monkeypatch):
    plain = Plain()
    whole, inside, unet = panel.agreement(plain, panel.films_of(folder))
    assert (whole["net"], whole["films"], whole["class_changes"]) == ("whole", 2, 0)
    assert whole["largest"] < 1e-3 and unet["dice_least"] > 0.999
    monkeypatch.setattr(
        plain, "forward_only", lambda film, lungs, name: np.array([0.0, 0.0, 1.0])[-2 - (name == "whole") :]
    )
    decided = inference.predict(film(), None, "whole").decided
    changed, _, _ = panel.agreement(plain, panel.films_of(folder))
    assert changed["class_changes"] == 2 * (decided != "pneumonia")
    assert changed["largest"] > 0.3


def test_timed_films_are_computed_anew(folder):
    films, computed = list(panel.films_of(folder)), []
    model = registry.load("whole")
    run = model.engine.run
    object.__setattr__(model.engine, "run", lambda x: computed.append(1) or run(x))
    panel.timed({"fast": lambda f: inference.predict(f, None, "whole")}, films, 4)
    object.__setattr__(model.engine, "run", run)
    assert len(computed) == 5


def test_a_file_that_is_no_film_is_left_out_and_said(folder, capsys):
    assert len(list(panel.films_of(folder))) == 2
    assert "notes.txt" in capsys.readouterr().err


def test_nothing_is_compared_when_a_model_did_not_answer():
    with pytest.raises(SystemExit, match="vgg did not read"):
        panel.fast_panel(film(), ["whole", "vgg"])


def test_memory_is_in_megabytes_and_the_peak_is_the_highest():
    assert 50 < machine.resident() <= machine.peak() * 1.01


def test_a_figure_that_a_row_does_not_have_is_a_dash():
    assert panel.table([{"net": "a", "ms": 1.5}, {"net": "b"}]).splitlines() == ["net  ms ", "a    1.5", "b    -  "]
