"""The results page from evaluations made by hand, and the one in the repository."""

from pathlib import Path

import pytest

from cxr_models import results, results_page
from cxr_models.manifest import ROOT
from cxr_models.results import Evaluation, Measure
from cxr_models.types import THREE_CLASSES


def stored(folder: Path, name: str, macro_f1: float, **changes) -> None:
    """An evaluation of cnn-x on 100 films."""
    measures = (
        Measure("macro-F1", "", macro_f1, macro_f1 - 0.05, macro_f1 + 0.05, 100),
        Measure("macro-F1", "source alone", 0.7, 0.6, 0.8, 100),
        Measure("sensitivity", "covid19", 0.5, 0.4, 0.6, 30),
        Measure("ROC AUC", "covid19", 0.65, 0.6, 0.7, 100),
    )
    one = Evaluation("cnn-x", THREE_CLASSES, 100, "", "", "", (), {}, measures, name=name, cramers_v=0.8, **changes)
    results.save(one, folder)


def test_the_leak_is_the_difference_of_the_two_splits(tmp_path):
    stored(tmp_path, "test", 0.8)
    assert "Not measured yet" in results_page.page(tmp_path)
    stored(tmp_path, "by-image", 0.9)
    stored(tmp_path, "stored", 0.75)
    row = "| cnn-x | macro-F1 | 0.900 [0.850, 0.950], n = 100 | 0.750 [0.700, 0.800], n = 100 | +15.0 |"
    assert row in results_page.page(tmp_path)


def test_the_reading_names_the_best_model_the_collection_alone_and_the_other_source(tmp_path):
    stored(tmp_path, "test", 0.8)
    stored(tmp_path, "other-source", 0.6)
    text = results_page.page(tmp_path)
    assert "The best model of three classes, cnn-x: macro-F1 0.800 [0.750, 0.850], n = 100" in text
    assert "without looking at a film: 0.700 [0.600, 0.800], n = 100" in text and "class 0.80)" in text
    assert "cnn-x, asked about a source it never trained on: ROC AUC of COVID-19 0.650 [0.600, 0.700]" in text


def test_printed_figures_stand_beside_ours_and_what_they_are_by_definition(tmp_path):
    stored(tmp_path, "test", 0.8)
    lines = results_page.page(tmp_path).splitlines()
    assert "| cnn-x | CNN-X | covid19 | sensitivity | 1.0000 | 0.500 [0.400, 0.600], n = 30 |" in lines
    assert "| alexnet | AlexNet | normal | specificity | 0.7624 | 0.9931 |  |" in lines


def test_a_table_is_put_in_the_place_of_the_one_before():
    text = "Before\n\n| a |\n| --- |\n| 1 |\n\nAfter\n"
    assert (
        results_page.with_table(text, "| a |\n| --- |\n| 2 |\n| 3 |")
        == "Before\n\n| a |\n| --- |\n| 2 |\n| 3 |\n\nAfter\n"
    )
    with pytest.raises(ValueError, match="substring"):
        results_page.with_table("no table", "| a |")


def test_the_page_in_the_repository_is_what_the_stored_results_give():
    assert (ROOT / "docs" / "results.md").read_text(encoding="utf-8") == results_page.page()
