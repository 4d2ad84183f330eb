"""The card says what the manifest says, and of a model that was not measured that nothing is known."""

import re

from test_manifest import an_entry

from cxr_models.manifest import ModelSpec, Result
from cxr_models.model_card import card

REPO = "some-owner/cxr-models"


def test_everything_a_stranger_must_know_is_in_it():
    spec = ModelSpec(**an_entry())
    text = card(REPO, [spec])
    assert text.startswith("---\nlicense: mit\ntags:\n- chest-x-ray\n---\n\n# " + spec.title)
    assert "For research and teaching, not a diagnostic device" in text
    assert f"python -m cxr_models weights pull --repo {REPO}" in text
    for said in (spec.paper, spec.limits, spec.training.shortened, spec.training.split, spec.sha256, spec.licence):
        assert said in text
    assert "covid19, normal, pneumonia" in text and "the lungs alone at 224 x 224 px" in text
    for source, films in spec.training.data.items():
        assert f"| {source} | {films} |" in text


def test_a_measured_figure_comes_with_interval_n_and_the_command_that_prints_it():
    result = Result("Dice", 0.96, 0.95, 0.97, 93, "test films | masks", "python -m cxr_models evaluate unet")
    text = card(REPO, [ModelSpec(**an_entry(results=(result,)))])
    row = "| Dice | 0.96 | 0.95 to 0.97 | 93 | test films / masks | `python -m cxr_models evaluate unet` |"
    assert row in text.splitlines()


def test_a_model_without_figures_claims_nothing():
    text = card(REPO, [ModelSpec(**an_entry(results=()))])
    assert "Nothing was measured with these weights" in text and "95 % interval" not in text


def test_several_models_have_a_section_each_in_their_order_and_the_hub_a_licence_it_knows():
    one = ModelSpec(**an_entry(id="one", title="One"))
    two = ModelSpec(**an_entry(id="two", title="Two", licence="CC-BY-4.0, with a condition"))
    text = card(REPO, [one, two])
    assert re.findall(r"^## (.+)$", text, re.M) == ["One (`one`)", "Two (`two`)"]
    assert "# Chest X-ray models\n" in text and "\nlicense: other\n" in text
    assert "- Licence: CC-BY-4.0, with a condition" in text
