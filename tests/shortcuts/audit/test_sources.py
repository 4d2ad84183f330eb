"""The matrix: what is learned in one collection and turned round in the other, and cells without a figure."""

import numpy as np
import pandas as pd
import pytest

from cxr_models.shortcuts.audit.sources import matrix


@pytest.fixture(scope="module")
def found():
    """Feature 0: high in normal films of "north", low in those of "south". "single" has no normal film, "small" two."""
    parts = [("north", "normal", 20, 5), ("north", "covid19", 20, -5), ("south", "normal", 20, -5)]
    parts += [("south", "pneumonia", 20, 5), ("single", "covid19", 30, 0), ("small", "normal", 2, 0)]
    parts += [("small", "covid19", 15, 0)]
    rows = pd.DataFrame([{"source": s, "label": label, "at": at} for s, label, n, at in parts for _ in range(n)])
    features = np.random.default_rng(0).normal(size=(len(rows), 4))
    features[:, 0] += rows["at"]
    return matrix(features, rows.assign(group=range(len(rows))))


def test_within_a_collection_it_holds_and_in_the_other_it_is_turned_round(found):
    assert found.cell("north", "north").found.value == found.cell("south", "south").found.value == 1
    assert found.cell("north", "south").found.value == found.cell("south", "north").found.value == 0
    assert (found.same.value, found.other.value) == (1, 0)
    assert found.cell("north", "south").found.n == 40 and found.same.n == 80


def test_cells_that_confound_have_a_reason_and_no_figure(found):
    assert len(found.cells) == 16
    hatched = [cell for cell in found.cells if cell.found is None]
    assert len(hatched) == 12 and all(cell.reason for cell in hatched)
    assert found.cell("north", "single").reason == "single: no normal film"
    assert found.cell("small", "north").reason == "small: fewer than 10 normal films (2)"


def test_counts_and_association_stand_beside_it(found):
    assert found.counts["single"] == {"not normal": 30, "normal": 0}
    # chi2 / n of the 4 x 2 table, columns 42 normal and 85 not of 127.
    table = np.array([[20, 20], [20, 20], [0, 30], [2, 15]])
    expected = table.sum(1, keepdims=True) * table.sum(0) / table.sum()
    assert found.cramers_v == pytest.approx(np.sqrt(((table - expected) ** 2 / expected).sum() / 127), abs=1e-4)


def test_without_any_collection_of_both_kinds_nothing_is_fitted():
    rows = pd.DataFrame({"source": ["a"] * 12 + ["b"] * 12, "label": ["normal"] * 12 + ["covid19"] * 12})
    found = matrix(np.zeros((24, 2)), rows.assign(group=range(24)))
    assert found.same is None and all(cell.found is None for cell in found.cells) and found.cramers_v == 1
