"""The section on maps, from figures made by hand."""

from dataclasses import replace

import pytest

from cxr_models import results, results_maps, results_page
from cxr_models.results import Evaluation, Measure
from cxr_models.results_maps import ALONE, BY_HAND, FOUND, WHOLE, about


def m(name, where, value, n=20, low=None, high=None):
    return Measure(name, where, value, value - 0.1 if low is None else low, value + 0.1 if high is None else high, n)


@pytest.fixture
def stored(tmp_path):
    measures = (
        m("probability raised by 0.2", "opacity, resnet18", 0.5, 40),
        m("odds doubled", "opacity, resnet18", 0.7, 40),
        m("hit", "opacity, resnet18, cam", 0.6),
        m("hit", "opacity, resnet18, occlusion", 0.3, 8),
        m("chance of a hit", "opacity, resnet18, cam", 0.25),
        m("chance of a hit", "opacity, resnet18, occlusion", 0.2, 8),
        m("evidence on the cause", "opacity, resnet18, cam", 0.4),
        m("area of the cause", "opacity, resnet18, cam", 0.1),
        m("probability raised by 0.2", "marker, resnet18", 0.0, 30),
        m("odds doubled", "marker, resnet18", 0.0, 30),
        m("floor", BY_HAND, 0.25, 93),
        m("evidence in the lungs", about(WHOLE, "covid19", "resnet18", "cam"), 0.4, 93),
        m("evidence in the lungs", about(ALONE, "covid19", "resnet18", "cam"), 0.7, 93),
        m("ceiling", about(ALONE, "covid19", "resnet18", "cam"), 0.72, 93),
        m("gain by showing the lungs alone", "covid19, resnet18, cam", 0.3, 93),
        m("evidence in the lungs", about(ALONE, "covid19", "hrnet", "cam"), 0.8, 90),
        m("evidence in the lungs", about(FOUND, "normal", "resnet18", "cam"), 0.35, 30),
        m("floor", about(FOUND, "normal"), 0.3, 30),
        m("repeat limit", "cam", 0.7, 30),
        m("random limit", "cam", 0.4, 30),
        m("agreement limit", "cam", 0.6, 30),
        m("badge passes", "resnet18, cam", 0.55, 30),
        m("badge fails", "resnet18, cam", 0.45, 30),
        m("fails random", "resnet18, cam", 0.45, 30),
    )
    command = "python -m cxr_models evaluate maps --films 30"
    results.save(Evaluation("maps", (), 93, "", "", command, (), {}, measures, ("A drawing is no film.",)), tmp_path)
    return tmp_path


def test_before_anything_is_measured_the_command_stands_there(tmp_path):
    assert results_maps.said(tmp_path) == "Not measured yet: `python -m cxr_models evaluate maps`."
    assert not list(results_maps.tables(tmp_path))


def test_the_tables(stored):
    text = results_page.page(stored)
    lines = text.splitlines()
    assert "`python -m cxr_models evaluate maps --films 30` makes all of this" in text
    assert "| probability raised by 0.2 | 0.500 [0.400, 0.600], n = 40 |" in lines
    assert "| odds doubled | 0.700 [0.600, 0.800], n = 40 |" in lines
    assert "| occlusion | 0.300 [0.200, 0.400], n = 8 |" in lines
    assert "| chance of a hit | 0.250 [0.150, 0.350], n = 20 |" in lines  # of the method with the most pairs
    assert "No marker raised an answer of resnet18: there n = 0, and nothing can be hit." in lines
    row = "| resnet18 | cam | 0.400 [0.300, 0.500], n = 93 | 0.700 [0.600, 0.800], n = 93 |"
    assert f"{row} 0.300 [0.200, 0.400], n = 93 | 0.250 | 0.720 |" in lines
    assert "| hrnet | cam |  | 0.800 [0.700, 0.900], n = 90 |  | 0.250 |  |" in lines
    assert "|  | floor | 0.300 [0.200, 0.400], n = 30 |" in lines
    limits = ("0.700 [0.600, 0.800]", "0.400 [0.300, 0.500]", "0.600 [0.500, 0.700]")
    assert f"| cam | {' | '.join(f'{one}, n = 30' for one in limits)} |" in lines
    assert "| resnet18 | cam | 0.550 [0.450, 0.650], n = 30 |  | 0.450 [0.350, 0.550], n = 30 |  |" in lines
    assert "| model | method | random |" in lines


def test_the_reading_counts_what_the_tables_bear_out(stored):
    lines = results_page.page(stored).splitlines()
    assert "- On a drawn opacity, 1 of 2 pairs of model and method hit more often than chance." in lines
    assert any(line.startswith("- On whole films, 1 of 1 maps (model, method, class) have more") for line in lines)
    assert "- Shown the lungs alone, 1 of 1 have a larger share there, 0 a smaller one." in lines
    assert '- Of 1 pairs of model and method 1 carry "passes" on half of the films or more.' in lines
    assert "- A drawing is no film." in lines


def test_the_shares_that_pass_are_found_by_model_and_method(stored, tmp_path):
    assert results_maps.passing("resnet18", stored) == {"cam": m("badge passes", "resnet18, cam", 0.55, 30)}
    assert results_maps.passing("hrnet", stored) == {}
    assert results_maps.passing("resnet18", tmp_path / "empty") == {}


def test_other_tables_of_the_page_do_not_mind_it(stored):
    assert "maps" not in results.table(stored) and [one.model_id for one in results.stored(stored)] == ["maps"]


def test_what_was_measured_by_commands_of_their_own_is_one_section(stored):
    """Occlusion's badge comes from the second file; CAM's stays that of the first."""
    first = results.evaluation("maps", stored)
    more = (m("badge passes", "resnet18, cam", 0.1, 5), m("badge passes", "resnet18, occlusion", 0.2, 5))
    results.save(replace(first, name="slow", command="slowly", measures=more, notes=("Few films.",)), stored)
    found = results_maps.measured(stored)
    assert found.measure("badge passes", "resnet18, cam").n == 30
    assert found.measure("badge passes", "resnet18, occlusion").value == 0.2
    assert "`slowly`" in results_maps.said(stored) and "Few films." in results_maps.said(stored)
    assert results_maps.measured(stored / "nowhere") is None


def test_networks_that_were_taught_the_cause_are_counted_apart(stored):
    measures = (
        m("hit", "opacity, taught-opacity, cam", 0.9),
        m("chance of a hit", "opacity, taught-opacity, cam", 0.2),
    )
    command = "python -m cxr_models evaluate maps --taught"
    results.save(Evaluation("maps", (), 20, "", "", command, (), {}, measures, ("Taught.",), "taught"), stored)
    lines = results_page.page(stored).splitlines()
    assert "- On a drawn opacity, 1 of 2 pairs of model and method hit more often than chance." in lines
    told = "methods hit more often than chance on a network that was taught the opacity alone."
    assert f"- On a drawn opacity, 1 of 1 {told}" in lines
