"""The Residuals page, with autoencoders made by hand."""

from dataclasses import replace

import numpy as np
import pytest
from by_hand import SPECS
from film_open import FILM, html, visit, words
from streamlit.testing.v1 import AppTest

from cxr_models import inference, manifest
from cxr_models.errors import WeightsMissing
from cxr_models.types import Residual, Residuals
from pages.shared import cached

INPUT = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
CORONET = replace(SPECS["one"], architecture="coronet")
CAE = replace(SPECS["two"], architecture="cae")


def autoencoder(name: str, rebuilt: float, identity: np.ndarray) -> Residual:
    return Residual(name, INPUT, np.full_like(INPUT, rebuilt), np.abs(INPUT - rebuilt), identity)


@pytest.fixture
def rebuilt(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Alpha has two autoencoders that rebuild a flat grey, Beta one; lists the models asked."""
    asked = []
    first, second = autoencoder("F_H", 0.0, INPUT), autoencoder("F_P", 1.0, INPUT)
    tensor = np.stack([first.residual, second.residual, np.abs(2 * INPUT - 1)])
    found = {
        "one": Residuals("one", (first, second), tensor),
        "two": Residuals("two", (autoencoder("CAE", 0.5, np.zeros_like(INPUT)),)),
    }

    def residuals(film, model_id):
        asked.append(model_id)
        return found[model_id]

    cached.specs.clear()
    monkeypatch.setattr(manifest, "specs", lambda path=None: {"one": CORONET, "two": CAE, "three": SPECS["three"]})
    monkeypatch.setattr(inference, "residuals", residuals)
    yield asked
    cached.specs.clear()


def fresh() -> dict:
    """Residuals are kept as long as the film object: each test brings its own."""
    return {"film": replace(FILM)}


def test_without_a_film_it_offers_the_next_step(app: AppTest, rebuilt: list):
    app.switch_page("pages/residuals.py").run()
    assert not app.exception
    assert "No film is open" in html(app)


def test_both_autoencoders_and_the_tensor_are_drawn_once_each(app: AppTest, rebuilt: list):
    visit(app, "residuals", **fresh())
    assert not app.exception
    assert [one.value for one in app.subheader] == [
        "Autoencoder of healthy films (F_H)", "Autoencoder of pneumonia films (F_P)", "What CoroNet's classifier reads"
    ]  # fmt: skip
    assert len(app.get("plotly_chart")) == 3
    app.run()
    assert rebuilt == ["one"]


def test_the_reader_is_told_whether_the_map_is_a_copys(app: AppTest, rebuilt: list):
    visit(app, "residuals", **fresh())
    healthy, pneumonia = (one.value for one in app.markdown if "plain copy" in one.value)
    assert "of the two maps: 1.00. You see mostly the film's own brightness" in healthy
    assert "of the two maps: -1.00. You see mostly what the network fails to rebuild" in pneumonia
    assert "straight to its output" in words(app)


def test_means_inside_and_outside_stand_beside_the_film(app: AppTest, rebuilt: list):
    visit(app, "residuals", **fresh())
    shown = {one.label for one in app.metric}
    assert shown == {"Mean inside the lungs", "Mean outside"}
    inside = [float(one.value) for one in app.metric if one.label == "Mean inside the lungs"]
    assert sum(inside) == pytest.approx(1.0, abs=0.002)  # |x - 0| and |x - 1| add up to 1 everywhere


def test_a_net_with_one_autoencoder_has_no_tensor(app: AppTest, rebuilt: list):
    visit(app, "residuals", **fresh())
    app.button_group(key="residuals-of").set_value("two").run()
    assert not app.exception
    assert [one.value for one in app.subheader] == ["Autoencoder (CAE)"]
    assert "would leave nothing" in words(app)
    assert app.button_group(key="residuals-of").options[0] == "Alpha"
    assert len(app.button_group(key="residuals-of").options) == 2  # Gamma cannot give a film back


def test_weights_that_are_missing_are_a_sentence(app: AppTest, rebuilt: list, monkeypatch: pytest.MonkeyPatch):
    def missing(film, model_id):
        raise WeightsMissing("The weights of one are not on this machine.")

    monkeypatch.setattr(inference, "residuals", missing)
    visit(app, "residuals", **fresh())
    assert not app.exception
    assert app.error[0].value.endswith("could not rebuild the film. The weights of one are not on this machine.")
