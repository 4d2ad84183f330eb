"""The Models page: a card for each entry, with nothing left out and nothing that could run."""

from dataclasses import replace

import pytest
from by_hand import SPECS, TRAINED
from film_open import html
from streamlit.testing.v1 import AppTest

from cxr_models import manifest, weights
from cxr_models.manifest import Result
from cxr_models.weights import Status
from pages.shared import cached, cards

READY = Status("one", "bundled", True, "Verified by SHA-256, 2.0 MB.")
MEASURED = Result("ROC AUC, covid19", 0.91, 0.88, 0.93, 412, "eight collections", "python -m cxr_models evaluate one")
SHORT = replace(TRAINED, data={"A": 1200, "B": 34}, shortened="Trained far shorter than the paper.", minutes=95.0)
SPEC = replace(SPECS["one"], training=SHORT, results=(MEASURED,), settings={"name": "resnet18", "classes": 3})


def test_a_card_says_what_the_manifest_says():
    text = cards.card(SPEC, READY)
    for said in (
        "Alpha", "Trained far shorter than the paper.", "COVID-19, normal or pneumonia", "224 × 224",
        "1,234 (1,200 A, 34 B)", "95 minutes on cpu", "by patient", "COVID-19 from 0.50; by hand",
        "0.0 MB", "0" * 64, "MIT", "random",
        "Alpha cannot tell adults from children.", "<td>ROC AUC, COVID-19</td><td><b>0.910</b></td>",
        "<td>0.880 to 0.930</td><td>412</td>", "On eight collections.", "Verified by SHA-256",
    ):  # fmt: skip
        assert said in text, said


def test_parameters_are_counted_from_the_network_itself():
    assert cards.parameters(SPEC) == 11_178_051  # ResNet-18 of three classes: 11,176,512 + 3 x 513


def test_a_network_that_cannot_be_built_is_a_sentence_on_its_card():
    text = cards.card(replace(SPECS["one"], architecture="resnet", settings={"depth": 18}), READY)
    assert "which cannot be built. Settings of" in text


def test_what_was_not_measured_is_said_not_hidden():
    assert "No measured result is stored with it" in cards.card(replace(SPEC, results=()), READY)


@pytest.mark.parametrize(
    ("classes", "said"),
    [(("lungs",), "which part of the film is lung"), (("frontal", "lateral"), "what kind of picture it is: frontal")],
)
def test_a_network_that_does_not_classify_disease_says_what_it_does(classes: tuple[str, ...], said: str):
    assert said in cards.card(replace(SPEC, classes=classes, thresholds={}), READY)


def test_weights_that_are_not_ready_give_the_reason():
    text = cards.card(SPEC, Status("one", "nowhere", False, "Put <one.safetensors> there."))
    assert '<p class="state missing"><b>Not ready.</b> Put &lt;one.safetensors&gt; there.</p>' in text


def test_markup_in_a_manifest_is_text():
    text = cards.card(replace(SPEC, title="<script>x</script>", limits="<b>"), READY)
    assert "<script>" not in text
    assert "&lt;script&gt;" in text and "&lt;b&gt;" in text


def test_there_is_a_card_for_every_entry(app: AppTest, monkeypatch: pytest.MonkeyPatch):
    cached.specs.clear()
    known = {name: replace(spec, settings=SPEC.settings) for name, spec in SPECS.items()}
    monkeypatch.setattr(manifest, "specs", lambda path=None: known)
    monkeypatch.setattr(weights, "status", lambda specs: [replace_id(READY, name) for name in specs])
    app.switch_page("pages/models.py").run()
    cached.specs.clear()
    assert not app.exception
    assert [f'<article class="card" id="{name}"' in html(app) for name in known] == [True] * 3


def replace_id(status: Status, model_id: str) -> Status:
    return status._replace(id=model_id)
