import pytest

from cxr_models import published
from cxr_models.published import Published


def one(system: str, table: str, row: str, about: str, figure: str, protocol: str = "") -> Published:
    found = [
        f
        for f in published.of(system)
        if (f.table, f.row, f.about, f.figure) == (table, row, about, figure) and protocol in ("", f.protocol)
    ]
    assert len(found) == 1
    return found[0]


def test_every_figure_is_a_share_and_every_system_has_a_paper():
    figures = published.figures()
    assert all(0 <= f.value <= 1 for f in figures)
    assert {f.paper for f in figures} == {"CAE", "Transfer learning", "CoroNet", "CNN-X", "HRNet"}


def test_the_coronet_confusion_matrix_gives_its_printed_figures():
    confusion = [[845, 39, 1], [86, 972, 0], [1, 0, 9]]
    hits, total = sum(confusion[k][k] for k in range(3)), sum(map(sum, confusion))
    assert one("coronet", "table 2", "CoroNet", "", "accuracy").value == pytest.approx(hits / total, abs=1e-4)
    said = sum(row[1] for row in confusion)
    assert one("coronet", "tables 3 and 4", "CoroNet", "pneumonia", "PPV").value == pytest.approx(972 / said, abs=1e-4)


def test_a_specificity_that_is_an_npv_is_computed_back_by_hand():
    """AlexNet, normal: 100 of 234 found, 134 missed; 430 / (430 + 134) is the printed 76.24 %, 430 / 433 is true."""
    printed = one("alexnet", "table 2", "AlexNet", "normal", "specificity", "scenario 2")
    assert printed.value == 0.7624 and published.corrected(printed) == pytest.approx(430 / 433)
    fold = one("hrnet", "table 6", "fold 1", "covid19", "specificity")
    assert fold.value == 0.9803 and published.corrected(fold) == 1  # 50 / (50 + 1): nothing was wrongly called COVID


def test_every_specificity_of_table_2_with_a_missed_film_is_an_npv():
    printed = [f for f in published.figures() if (f.table, f.figure) == ("table 2", "specificity")]
    missed = [f for f in printed if published.sensitivity_beside(f) < 1]
    assert len(printed) == 104 and len(missed) == 94
    assert all(published.corrected(f) is not None for f in missed)


def test_what_is_a_specificity_is_left_alone():
    assert published.corrected(one("alexnet", "table 1", "AlexNet", "covid19", "specificity")) is None
    assert published.corrected(one("resnet152", "table 7", "ResNet152", "covid19", "specificity")) is None
    assert published.corrected(one("densenet121", "table 7", "DenseNet121", "covid19", "specificity")) is None
