"""The results page from evaluations made by hand, and the one in the repository."""

from pathlib import Path

import pytest

from cxr_models import results, results_page, results_studies
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


def by_study(folder: Path, model_id: str, name: str, study: str, value: float, share: float = 1.0, *notes: str) -> None:
    """An evaluation of a study's member: each of its figures is ``value``, on 50 films of two classes."""
    figures = (("macro-F1", ""), ("accuracy", ""), ("Dice", ""), ("sensitivity", "covid19"), ("PPV", "covid19"))
    measures = tuple(Measure(figure, about, value, value - 0.1, value + 0.1, 50) for figure, about in figures)
    command, said = results_studies.command(study, share), (*notes, f"Trained on a chip for {share:g}.")
    classes = ("covid19", "non_covid19")
    results.save(Evaluation(model_id, classes, 50, "", "", command, (), {}, measures, said, name), folder)


def test_the_leak_is_the_difference_of_the_two_splits(tmp_path):
    stored(tmp_path, "test", 0.8)
    assert "Not measured yet" in results_page.page(tmp_path)
    stored(tmp_path, "by-image", 0.9)
    stored(tmp_path, "stored", 0.75)
    row = "| cnn-x | macro-F1 | 0.900 [0.850, 0.950], n = 100 | 0.750 [0.700, 0.800], n = 100 | +15.0 |"
    text = results_page.page(tmp_path)
    assert row in text and results_page.NO_LEAK not in text
    stored(tmp_path, "stored", 0.85)
    assert results_page.NO_LEAK in results_page.page(tmp_path)


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


def test_a_study_nobody_ran_is_one_line_and_one_under_way_says_what_goes_on_with_it(tmp_path):
    text = results_page.page(tmp_path)
    for name in results_studies.STUDIES:
        assert f"Study `{name}`, not run yet: `python -m cxr_models study {name}`." in text
    assert "Search for" not in text and "The UNet by fold" not in text
    by_study(tmp_path, "vgg16", "scenario-2", "scenarios", 0.6, 0.5)
    text = results_page.page(tmp_path)
    assert "Study `scenarios`, 1 of 39 so far; `python -m cxr_models study scenarios --share 0.5` goes on." in text


def test_a_figure_stands_under_its_protocol_with_how_its_network_was_trained(tmp_path):
    by_study(tmp_path, "cae-5dense", "cae", "heads", 0.8, 0.5, "Started from the encoder of cae.")
    by_study(tmp_path, "cae", "cae", "heads", 0.7, 0.5)
    rows = {(r["system"], r["figure"]): r for r in results_page.tables("CAE", tmp_path)["Table 4 (73/13.5/13.5)"]}
    row = rows["cae-5dense", "accuracy"]
    assert row["its protocol, by group"] == "0.800 [0.700, 0.900], n = 50" and "the paper's way" not in row
    lines = results_page.page(tmp_path).splitlines()
    how = "`python -m cxr_models study heads --share 0.5`."
    assert f"- cae-5dense, cae: {how} Started from the encoder of cae. Trained on a chip for 0.5." in lines
    assert not any("These do not compare" in line for line in lines)
    by_study(tmp_path, "cae-3lstm", "cae", "heads", 0.7)
    warning = "- These do not compare: they were trained for different shares of their recipes (0.5, 1)."
    assert warning in results_page.page(tmp_path).splitlines()


def test_each_fold_stands_beside_the_printed_one_and_the_mean_beside_their_mean(tmp_path):
    for fold in range(10):
        by_study(tmp_path, "hrnet", f"ten-fold-{fold}", "folds", 0.5 + fold / 100)
        by_study(tmp_path, "unet", f"ten-fold-{fold}", "folds", 0.6 + fold / 100)
    by_study(tmp_path, "hrnet", "ten-fold", "folds", 0.545)
    tables = results_page.tables("HRNet", tmp_path)
    table = {(row["row"], row["figure"]): row for row in tables["Table 6 (10-fold)"]}
    assert table["fold 10", "sensitivity"]["its protocol, by group"] == "0.590 [0.490, 0.690], n = 50"
    assert table["fold 1", "accuracy"]["its protocol, by group"] == "0.500 [0.400, 0.600], n = 50"
    mean = table["mean of the folds", "accuracy"]
    assert mean["printed"] == "0.9929" and mean["by definition"] == ""  # table 6 prints 99.29
    assert mean["its protocol, by group"] == "0.545 [0.445, 0.645], n = 50"
    assert table["mean of the folds", "specificity"]["by definition"] == "1.0000"
    text = results_page.page(tmp_path)
    assert "| unet | fold 2 | 0.610 [0.510, 0.710], n = 50 |" in text
    assert "hrnet, ten-fold (as in its first fold)" in text


def test_a_search_shows_its_grid_and_tests_the_best_of_a_whole_grid_only(tmp_path):
    heads = results_studies.STUDIES["head-search"].ids
    for head in heads[:-1]:
        by_study(tmp_path, head, "transfer-val", "head-search", 0.9 if head.endswith("-2x64") else 0.8, 1.0)
    by_study(tmp_path, "resnet50-frozen-2x64", "transfer", "head-search", 0.7, 1.0, "Chosen among 20 heads.")
    assert "Chosen: " not in results_page.page(tmp_path)
    by_study(tmp_path, heads[-1], "transfer-val", "head-search", 0.85, 0.5)
    assert results_studies.chosen("resnet50-frozen", tmp_path) is None
    by_study(tmp_path, heads[-1], "transfer-val", "head-search", 0.85)
    text = results_page.page(tmp_path)
    cell, best, last = (f"{v:.3f} [{v - 0.1:.3f}, {v + 0.1:.3f}], n = 50" for v in (0.8, 0.9, 0.85))
    assert f"| 2 | {cell} | {cell} | {cell} | {best} | {cell} |" in text and f"| {last} |" in text
    assert (
        "- Chosen: resnet50-frozen-2x64. On the test films, which no other head was measured on: macro-F1 0.7" in text
    )
    row = "| resnet50-frozen | Model 2 (ResNet50) | covid19 | PPV | 0.9000 | 0.700 [0.600, 0.800], n = 50 |"
    assert row in text and "Study `head-search`," not in text
    by_study(tmp_path, "resnet50-frozen-2x64", "transfer", "head-search", 0.7, 0.5)
    assert "On the test films, which no other" not in results_page.page(tmp_path)


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
