"""What ``analyse --check`` says of a map: all figures, JSON that any program reads, in company of the right maps."""

import json
from math import nan
from pathlib import Path

import numpy as np
import pytest
from explain.checks.nets import a_map
from explain.tiny import a_film

from cxr_models import explain
from cxr_models.architectures.cnn_x import CNNX, FILTERS, PATHS
from cxr_models.commands import checked
from cxr_models.errors import MapError
from cxr_models.explain.checks import company as company_of
from cxr_models.types import Check, Evidence, Zone

ROOT = Path(__file__).parent.parent
FILM = a_film(np.full((8, 8), 0.5))
FOUND = Evidence(
    "doubtful",
    (
        Check("repeat", False, "The map changes.", 0.25, 0.5),
        Check("agreement", None, "No map of another method was there.", nan, 0.75),
    ),
    zones=(Zone("border", 0.75, 0.25), Zone("corners", 0.25, 0.75)),
    inside=0.5,
    floor=0.25,
    deletion=np.array([1, 0.5, nan], np.float32),
    insertion=np.array([0.25, 0.5, 1], np.float32),
    cascade=(("head", 0.5), ("whole network", nan)),
    agreement={"grad_cam_pp": 0.5},
)


def test_every_figure_is_told_and_what_is_no_number_is_null():
    said = json.loads(json.dumps(checked.told(FOUND), allow_nan=False))
    assert said == {
        "badge": "doubtful",
        "reasons": ["The map changes."],
        "checks": {
            "repeat": {"passed": False, "value": 0.25, "limit": 0.5},
            "agreement": {"passed": None, "value": None, "limit": 0.75},
        },
        "inside": 0.5,
        "floor": 0.25,
        "ceiling": None,
        "zones": {"border": {"share": 0.75, "floor": 0.25}, "corners": {"share": 0.25, "floor": 0.75}},
        "deletion": [1, 0.5, None],
        "insertion": [0.25, 0.5, 1],
        "cascade": {"head": 0.5, "whole network": None},
        "agreement": {"grad_cam_pp": 0.5},
    }


@pytest.fixture
def company(monkeypatch):
    """Every method applies to the model; yields, of each map that was checked, the methods beside it."""
    beside = {}

    def check(made, question, others):
        beside[made.method] = [other.method for other in others if other.method != made.method]
        return FOUND

    monkeypatch.setattr(company_of, "methods_for", lambda model_id: tuple(explain.METHODS))
    monkeypatch.setattr(checked, "explain", lambda film, lungs, model, method, target: a_map(FILM.pixels, method))
    monkeypatch.setattr(checked, "check", check)
    return beside


def maps(*methods):
    return {method: a_map(FILM.pixels, method) for method in methods}


def test_the_company_is_that_of_the_stored_figures_whatever_was_asked_for(company):
    """Not ``residual``, the same for every class, nor those that take long."""
    checked.checked(FILM, None, maps(*explain.METHODS))
    everything = company.copy()
    assert everything["perturbation"] == everything["residual"] == ["cam", "grad_cam", "grad_cam_pp"]
    assert everything["cam"] == ["grad_cam", "grad_cam_pp"]
    for method in explain.METHODS:
        assert list(checked.checked(FILM, None, maps(method))) == [method]
    assert company == everything


def test_a_map_that_was_made_is_not_made_again(company, monkeypatch):
    again = []

    def explained(film, lungs, model, method, target):
        again.append(method)
        return a_map(FILM.pixels, method)

    monkeypatch.setattr(checked, "explain", explained)
    checked.checked(FILM, None, maps("cam", "residual"))
    assert again == ["grad_cam", "grad_cam_pp"]


def test_a_companion_that_comes_to_nothing_is_left_out(company, monkeypatch):
    def nothing(*asked):
        raise MapError("There is nothing to show.")

    monkeypatch.setattr(checked, "explain", nothing)
    assert checked.checked(FILM, None, maps("cam", "occlusion"))["occlusion"]["badge"] == "doubtful"
    assert company == {"cam": [], "occlusion": ["cam"]}


def test_the_documents_name_every_method_and_every_figure():
    manual, readme = (ROOT / "docs" / "explanations.md").read_text(), (ROOT / "README.md").read_text()
    assert all(f"`{method}`" in readme and f"| `{method}` |" in manual for method in explain.METHODS)
    assert "none|all|METHOD" in readme and "[--check]" in readme
    rows = [line.split("|")[1] for line in manual.splitlines() if line.startswith("| `")]
    assert {f"`{key}`" for key in checked.told(FOUND)} <= {name.strip() for row in rows for name in row.split(",")}


def test_the_manual_knows_the_network_whose_exact_map_is_not_pooled():
    """CNN-X joins its places by one linear layer; the table said that all exact maps come from pooling."""
    side = round((CNNX().head[-1].in_features / (len(PATHS) * FILTERS)) ** 0.5)
    (row,) = (
        line for line in (ROOT / "docs" / "explanations.md").read_text().splitlines() if line.startswith("| `cam`")
    )
    assert f"`cnn-x`, no pooling and a weight of its own for each of the {side} x {side} places" in row
