from dataclasses import replace

from cxr_models.evaluation.report import comparison, text
from cxr_models.results import Comparison, Difference, Evaluation, Measure

FOUND = Evaluation(
    "m", ("covid19", "normal"), 100, "some films", "2026-01-31", "a command", ((27, 3), (7, 63)), {},
    (
        Measure("accuracy", "collection b", 0.8, 0.7, 0.9, 50),
        Measure("sensitivity at threshold", "covid19", 0.9, 0.7, 0.97, 30),
        Measure("specificity at threshold", "covid19", 0.9, 0.8, 0.95, 70),
        Measure("accuracy", "", 0.9, 0.83, 0.94, 100),
    ),
    ("Know this.",), groups=80, cramers_v=0.625, threshold=0.4,
)  # fmt: skip


def test_headlines_come_first_and_have_cramers_v_beside_them():
    lines = text(FOUND).splitlines()
    assert lines[:2] == ["m, test: 100 films of 80 groups, some films", "  ! Know this."]
    first = next(line for line in lines if "accuracy" in line)
    assert "0.900   0.830 to 0.940   n = 100   Cramér's V 0.62" in first
    apart = next(line for line in lines if "collection b" in line)
    assert "Cramér" not in apart and lines.index(apart) > lines.index(first)


def test_the_threshold_is_told_in_films():
    said = text(FOUND)
    assert "At the threshold 0.40: Of 100 such films, 30 show covid19. The model names 34: 27 rightly and 7" in said
    assert "Of 1000 such films, 10 show covid19. The model names 108: 9 rightly and 99 wrongly. It misses 1." in said


def test_the_confusion_matrix_has_names():
    assert text(FOUND).splitlines()[-2:] == ["  covid19         27        3", "  normal           7       63"]


def test_an_evaluation_without_classes_is_printed_too():
    bare = replace(FOUND, classes=(), confusion=(), cramers_v=None, threshold=None)
    assert "Cramér" not in text(bare) and "truth down" not in text(bare)


def test_a_comparison_says_who_is_right_alone_and_p_where_there_is_a_test():
    differences = (
        Difference("accuracy", "", 0.9, 0.8, 0.1, 0.05, 0.15, "McNemar, exact", 0.002),
        Difference("macro-F1", "", 0.8, 0.9, -0.1, -0.2, 0.01),
    )
    found = Comparison(
        "a", "b", "test", ("x", "y"), 100, 80, 12, 2, differences, "films", "2026-01-31", "c", ("Note.",)
    )
    lines = comparison(found).splitlines()
    assert "a alone is right on 12 films, b alone on 2" in lines[0] and lines[1] == "  ! Note."
    assert "0.900 - 0.800 = +0.100   +0.050 to +0.150   p = 0.002 (McNemar, exact)" in lines[2]
    assert lines[3].endswith("-0.200 to +0.010")
