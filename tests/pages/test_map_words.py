"""What maps and residuals are said to show."""

from dataclasses import replace

import numpy as np
import pytest

from cxr_models.types import COVID19, Lungs, Map, Residual
from pages.shared import map_words

LUNGS = Lungs(np.array([[True, False], [True, False]]), 0.25, (0.25,), 0.9)


def residual(left: np.ndarray, identity: np.ndarray) -> Residual:
    return Residual("F_H", left, left, left, identity)


def result(inside: float | None, **extra: float) -> Map:
    extra = {name: np.float32(value) for name, value in extra.items()}
    return Map(np.ones((2, 2), np.float32), "one", "cam", COVID19, True, "unit", inside_lungs=inside, extra=extra)


@pytest.mark.parametrize(
    ("left", "alike", "said"),
    [([1, 2, 3, 4], 1.0, "mostly the film's own brightness"),
     ([1, 2, 4, 3], 0.8, "partly the film's own brightness"),
     ([4, 1, 3, 2], -0.4, "mostly what the network fails to rebuild")],
)  # fmt: skip
def test_a_residual_is_told_from_a_copys(left: list[int], alike: float, said: str):
    one = residual(np.array(left, float), np.array([1.0, 2.0, 3.0, 4.0]))
    assert map_words.similarity(one) == pytest.approx(alike)
    assert f"It leaves 2.500 on average, a plain copy would leave 2.500. Correlation of the two maps: {alike:.2f}." in (
        map_words.copying(one)
    )
    assert said in map_words.copying(one)


def test_a_copy_that_leaves_nothing_has_no_correlation():
    one = residual(np.array([0.1, 0.2]), np.zeros(2))
    assert map_words.similarity(one) is None
    assert "would leave nothing" in map_words.copying(one)
    flat = residual(np.full(2, 0.1), np.array([0.1, 0.2]))
    assert "the same everywhere" in map_words.copying(flat)


def test_means_inside_and_outside_the_lungs():
    assert map_words.inside_outside(np.array([[0.4, 0.1], [0.2, 0.1]]), LUNGS) == pytest.approx((0.3, 0.1))
    empty = Lungs(np.zeros((2, 2), bool), 0.0, (), 0.9)
    within, without = map_words.inside_outside(np.full((2, 2), 0.2), empty)
    assert within is None
    assert without == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.10, "less than a map spread evenly"), (0.25, "as much"), (0.60, "2.4 times"), (None, "no evidence")],
)
def test_the_share_in_the_lungs_stands_beside_its_floor(share: float | None, said: str):
    sentence = map_words.inside(result(share), LUNGS, lungs_only=False)
    assert said in sentence
    assert share is None or "the lungs, which are 25% of the film" in sentence


def test_a_map_that_speaks_against_its_answer_points_nowhere():
    against = replace(result(0.4), values=np.array([[-1.0, -1.0], [-1.0, 0.01]], np.float32))
    assert "speaks against it" in map_words.inside(against, LUNGS, lungs_only=False)


def test_a_model_of_the_lungs_alone_is_not_praised_for_looking_at_them():
    sentence = map_words.inside(result(0.99), LUNGS, lungs_only=True)
    assert "shown the lungs alone" in sentence
    assert "times" not in sentence


def test_without_lungs_nothing_is_claimed():
    assert "cannot be said" in map_words.inside(result(None), None, lungs_only=False)


def test_probabilities_before_and_after():
    fell = map_words.probabilities(result(None, before=0.9, after=0.12), "COVID-19")
    assert fell == "Probability of COVID-19: 0.90 on the film as it is, 0.12 with the marked parts blurred."
    assert "do not read this map" in map_words.probabilities(result(None, before=0.9, after=0.85), "COVID-19")
    assert map_words.probabilities(result(None), "COVID-19") == ""


def test_a_fall_must_be_clear_to_be_called_a_change():
    assert map_words.changes_answer(result(None, before=0.9, after=0.7))
    assert not map_words.changes_answer(result(None, before=0.9, after=0.85))
    assert map_words.changes_answer(result(None))  # a map that took nothing away has nothing to answer for


def test_a_method_without_words_is_called_by_its_key():
    assert map_words.question("cam") == "Where the answer comes from"
    assert map_words.question("integrated_gradients") == "Integrated gradients"
