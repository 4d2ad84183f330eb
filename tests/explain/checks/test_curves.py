"""Deletion and insertion, on a network of which we know what it looks at: the lower right quarter."""

import numpy as np
import pytest
from explain.checks.nets import a_map

from cxr_models import registry
from cxr_models.errors import Cancelled
from cxr_models.explain import Question
from cxr_models.explain.checks.curves import LOOKS, STEPS, Curves, area, curves, judged, ranked
from cxr_models.inference import predict


def quarter(row, column):
    values = np.zeros((128, 192))
    values[64 * row : 64 * row + 64, 96 * column : 96 * column + 96] = 1
    return a_map(values, model="detail")


def followed(made, film, progress=lambda share, doing: None, cancelled=lambda: False):
    return curves(made, registry.load("detail"), Question(film, None, made.target), progress, cancelled)


def test_true_map_by_hand(serve, textured):
    found = followed(quarter(1, 1), textured)
    film, blurred = found.deletion[[0, -1]]
    assert len(found.deletion) == len(found.insertion) == STEPS + 1
    assert film == pytest.approx(predict(textured, None, "detail").of("covid19")) and film > 0.9 and blurred < 0.1
    assert found.insertion[0] == blurred and found.insertion[-1] == film
    assert found.deletion[3:].max() < 0.1 and found.insertion[3:].min() > 0.9  # the quarter is 25 % of the film
    assert found.gap > max(found.turned) + 0.3 and judged(found).passed


def test_map_of_another_quarter_is_not_followed(serve, textured):
    found = followed(quarter(0, 0), textured)
    assert found.gap < max(found.turned) - 0.3
    check = judged(found)
    assert check.passed is False and check.sentence.startswith("The answer does not follow the map")


def test_map_that_looks_the_same_however_turned_is_no_better_than_chance(serve, textured):
    rows, columns = np.ogrid[-1:1:128j, -1:1:192j]
    found = followed(a_map(2 - rows**2 - columns**2, model="detail"), textured)
    assert found.gap == pytest.approx(max(found.turned), abs=0.02)
    even = followed(a_map(np.ones((128, 192)), model="detail"), textured)
    assert set(even.turned) == {even.gap} and judged(even).passed is False


def test_noise_says_nothing(serve, textured):
    for seed in range(3):
        noise = np.random.default_rng(seed).normal(size=(128, 192))
        found = followed(a_map(noise, model="detail"), textured)
        assert abs(found.gap) < 0.05 and max(map(abs, found.turned)) < 0.05


def test_class_that_nothing_moves_cannot_be_tested():
    flat = np.full(STEPS + 1, 0.5, np.float32)
    found = judged(Curves(flat, flat, (0.0, 0.0, 0.0), 0.004))
    assert found.passed is None and "within 0.004" in found.sentence


def test_sentence_gives_the_figures():
    found = Curves(np.array([1, 0, 0], np.float32), np.array([0, 1, 1], np.float32), (0.1, 0.2, -0.3), 1.0)
    assert found.gap == 0.5  # 3/4 - 1/4
    assert judged(found).sentence == (
        "The answer follows the map: the mean probability is 0.25 as its places are blurred first and 0.75 as they are "
        "shown first, a gap of 0.50; the same map turned round reaches 0.20."
    )


def test_no_minus_before_a_zero():
    ends = np.linspace(0, 1, STEPS + 1)
    assert "reaches 0.00." in judged(Curves(ends, ends, (-0.001,) * 3, 1.0)).sentence


def test_a_gap_that_is_not_above_zero_follows_nothing():
    """Better than the map turned round, and yet the answer is surer with its places blurred first."""
    deletion, insertion = np.full(STEPS + 1, 0.5), np.full(STEPS + 1, 0.47)
    check = judged(Curves(deletion, insertion, (-0.05, -0.08, -0.1), 0.4))
    assert check.passed is False and check.value == pytest.approx(-0.03) and check.limit == 0


def test_area_by_hand():
    assert area(np.array([1, 0.5, 0])) == 0.5 and area(np.array([1, 1, 0])) == 0.75


def test_ranks_by_hand():
    square = np.array([[3, 1], [2, -5]])
    np.testing.assert_array_equal(ranked(square, np.ones((2, 2))), [[0, 0.5], [0.25, 0.75]])
    np.testing.assert_array_equal(ranked(square, np.array([[0, 1], [1, 0]])), [[1, 0.5], [0, 1]])


def test_ties_favour_no_part_of_the_film():
    values = np.zeros((64, 64))
    values[:8, :8] = 1
    rank = ranked(values, np.ones_like(values))
    assert rank[:8, :8].max() < 64 / 4096
    rest = rank[16:]
    halves = [rest[:24].mean(), rest[24:].mean(), rest[:, :32].mean(), rest[:, 32:].mean()]
    assert np.ptp(halves) < 0.03
    assert len(np.unique(rank)) == rank.size


def test_progress_counts_the_looks(serve, textured):
    told = []
    followed(quarter(1, 1), textured, lambda share, doing: told.append((share, doing)))
    assert len(told) == LOOKS == 74
    assert [share for share, _ in told] == sorted(share for share, _ in told) and told[-1][0] < 1
    assert told[9][1] == "Blurring what the map marks: look 10 of 74"


def test_cancelled_between_looks(serve, textured):
    asked = iter([False] * 5)
    with pytest.raises(Cancelled):
        followed(quarter(1, 1), textured, cancelled=lambda: next(asked, True))
