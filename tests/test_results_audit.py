"""The section on shortcuts, from an audit made by hand."""

import pytest
from audit_by_hand import audit

from cxr_models import audits, results_audit, results_page


@pytest.fixture
def stored(tmp_path):
    for one in (audit("net", "Net"), audit("net-lungs", "Net on lungs", "lungs")):
        audits.save(one, tmp_path)
    return tmp_path


def test_before_anything_is_audited_the_command_stands_there(tmp_path):
    assert results_audit.said(tmp_path) == "Not measured yet: `python -m cxr_models audit`."
    assert not list(results_audit.tables(tmp_path))
    assert "## Shortcuts\n\nNot measured yet" in results_page.page(tmp_path)


def test_the_tables(stored):
    lines = results_page.page(stored).splitlines()
    assert "| shown | published | net | net-lungs |" in lines
    assert "| Whole film | 0.852 | 0.800 [0.750, 0.850], n = 40 | 0.800 [0.750, 0.850], n = 40 |" in lines
    assert any(line.startswith("| Lungs erased: black | 0.829 | 0.720") for line in lines)
    assert any(line.startswith("| Border only |  | 0.400") for line in lines)
    assert any(line.startswith("| Tube | 0.250 [0.200, 0.300], n = 40 |") for line in lines)
    assert any(line.startswith("| collection | 0.500 |  | 0.940 [0.890, 0.990], n = 160 |") for line in lines)
    assert any(line.startswith("| disease | 0.333 | 0.60 | 0.700") for line in lines)


def test_the_matrix_names_its_confounded_collections_below(stored):
    text = results_page.page(stored)
    row = "| north | 0.900 [0.850, 0.950], n = 60 | 0.550 [0.500, 0.600], n = 60 |"
    assert row in text and "one_sided: no normal film." in text
    assert "Cramér's V of collection and normal or not: 0.45" in text


def test_the_same_network_with_and_without_lungs(stored):
    text = results_page.page(stored)
    assert "With or without lungs" in text and "| lungs alone | Net on lungs |" in text


def test_sentences_of_several_models_stand_once(stored):
    text = results_audit.said(stored)
    assert text.count("Without any network, from 8 × 8 grey tiles") == 1
    assert "- Net, Net on lungs: Without any network" in text and "- Films of a test." in text
