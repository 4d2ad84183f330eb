"""What maps and residuals are said to show."""

from dataclasses import replace

import numpy as np
import pytest

from cxr_models import explain
from cxr_models.types import COVID19, Check, Evidence, Lungs, Map, Residual, Zone
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


def test_the_ceiling_stands_beside_the_share_and_its_floor():
    sentence = map_words.inside(result(0.5), LUNGS, lungs_only=False, ceiling=0.8)
    assert sentence == (
        "50% of the evidence lies inside the lungs, which are 25% of the film; a map as coarse as this one, wholly on "
        "the lungs, would have 80% there. That is 2.0 times what a map spread evenly would reach."
    )


def test_every_method_has_a_question_a_paper_and_words():
    assert map_words.METHODS.keys() == explain.METHODS.keys()
    assert map_words.question("cam") == map_words.question("grad_cam") == "Where the answer comes from"
    for name, about in map_words.METHODS.items():
        assert not any(word in about.question.lower() for word in ("gradient", "cam", "network's", name)), name


def zones(*shares: float) -> Evidence:
    return Evidence("passes", (), tuple(Zone(f"part {i}", share, 0.1) for i, share in enumerate(shares)))


@pytest.mark.parametrize(
    ("shares", "said"),
    [((0.1, 0.7, 0.2), "lies mostly in: part 1 (70% of it, on 10% of the film)."),
     ((0.3, 0.4, 0.3), "lies mostly in: part 1 (40% of it, on 10% of the film); part 0 (30% of it"),
     ((0.1,) * 10, "lies in many places, the most in: part 0 (10% of it, on 10% of the film).")],
)  # fmt: skip
def test_the_parts_that_hold_half_of_the_evidence_are_named(shares: tuple[float, ...], said: str):
    sentence = map_words.rests(zones(*shares), "Alpha", "COVID-19")
    assert sentence.startswith("The evidence for COVID-19 that Alpha used lies ")
    assert said in sentence
    assert "see" not in sentence


def test_without_zones_no_place_is_named():
    assert map_words.rests(zones(), "Alpha", "COVID-19") == ""


def test_a_badge_gives_what_failed_as_its_reasons_or_says_how_much_was_checked():
    good, bad = Check("curves", True, "It follows.", 1, 0), Check("repeat", False, "It moves.", 0, 1)
    untried = Check("agreement", None, "No other map.", float("nan"), 0.2)
    assert map_words.reasons(Evidence("doubtful", (good, bad, untried))) == ["It moves."]
    assert map_words.reasons(Evidence("passes", (good, untried))) == ["All 1 checks that could be made were passed."]
    assert map_words.reasons(Evidence("doubtful", (untried,))) == ["No check could be made."]


def test_the_badge_says_when_a_map_is_not_checked_yet_or_could_not_be():
    assert map_words.verdict(None, "") == map_words.CHECKING
    assert map_words.verdict(None, "The weights are missing.") == map_words.UNCHECKED
    assert map_words.verdict(Evidence("fails", ()), "").mark == "✕"


def test_agreement_is_said_in_questions_not_in_methods():
    said = map_words.agreement({"occlusion": 0.617, "grad_cam": 0.9})
    assert "where covering the film changes the answer: 0.62 and where the answer comes from: 0.90" in said
    assert map_words.agreement({}) == ""
