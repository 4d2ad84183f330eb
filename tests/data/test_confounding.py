import math

import pytest

from cxr_models.data.confounding import cramers_v, perfectly_confounded


def test_v_by_hand():
    """Table [[3, 1], [1, 3]]: every expected count is 2, chi2 = 4 * 1 / 2 = 2, V = sqrt(2 / 8) = 0.5."""
    source = ["a"] * 4 + ["b"] * 4
    label = ["x", "x", "x", "y", "y", "y", "y", "x"]
    assert cramers_v(source, label) == pytest.approx(0.5)


def test_v_of_independent_columns_is_zero_and_of_a_function_one():
    assert cramers_v(["a", "a", "b", "b"], ["x", "y", "x", "y"]) == pytest.approx(0)
    assert cramers_v(["a", "a", "b", "c"], ["x", "x", "y", "y"]) == pytest.approx(1)


@pytest.mark.parametrize("source, label", [(["a", "a"], ["x", "y"]), (["a", "b"], ["x", "x"]), ([], [])])
def test_with_a_constant_there_is_no_association(source, label):
    assert math.isnan(cramers_v(source, label))
    assert not perfectly_confounded(source, label)


@pytest.mark.parametrize(
    "source, label, wanted",
    [
        (["a", "b", "c"], ["x", "y", "y"], True),
        (["a", "b", "b"], ["x", "y", "z"], True),
        (["a", "a", "b"], ["x", "y", "y"], False),
    ],
)
def test_perfect_confounding_is_a_v_of_one(source, label, wanted):
    assert perfectly_confounded(source, label) is wanted
    assert (cramers_v(source, label) == pytest.approx(1)) is wanted
