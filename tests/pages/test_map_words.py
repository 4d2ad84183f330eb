"""What maps and residuals are said to show."""

from dataclasses import replace

import numpy as np
import pytest

from cxr_models import explain
from cxr_models.explain.checks import badge
from cxr_models.results import Measure
from cxr_models.types import COVID19, Check, Evidence, Lungs, Map, Residual, Zone
from pages.shared import map_words

ZONES = (Zone("part 0", 0.7, 0.1), Zone("part 1", 0.3, 0.9))
LUNGS = Lungs(np.array([[True, False], [True, False]]), 0.25, (0.25,), 0.9)


def residual(left: np.ndarray, identity: np.ndarray) -> Residual:
    return Residual("F_H", left, left, left, identity)


def result(inside: float | None, method: str = "cam", unit: str = "unit", signed: bool = True, **extra: float) -> Map:
    extra = {name: np.float32(value) for name, value in extra.items()}
    return Map(np.ones((2, 2), np.float32), "one", method, COVID19, signed, unit, inside_lungs=inside, extra=extra)


def evidence(kind: str = "passes", *shares: float, ceiling: float | None = None) -> Evidence:
    zones = tuple(Zone(f"part {i}", share, 0.1) for i, share in enumerate(shares))
    return Evidence(kind, (), zones, ceiling=ceiling)


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
    [(0.10, "less than a map spread evenly"), (0.25, "as much"), (0.60, "2.4 times"), (None, "No lungs were found")],
)
def test_the_share_in_the_lungs_stands_beside_its_floor(share: float | None, said: str):
    sentence = map_words.inside(result(share), LUNGS, lungs_only=False)
    assert said in sentence
    assert share is None or "the lungs, which are 25% of the film" in sentence


def test_where_there_is_little_room_the_share_has_its_floor_too():
    assert map_words.in_lungs(result(0.5), LUNGS, lungs_only=False) == (
        "50% of what it marks for the answer lies in the lungs (of an even map: 25%)"
    )
    assert "; the model is shown nothing else)" in map_words.in_lungs(result(0.5, signed=False), LUNGS, lungs_only=True)
    assert map_words.in_lungs(result(None), LUNGS, lungs_only=False) == ""
    assert map_words.in_lungs(result(0.5), None, lungs_only=False) == ""


def test_a_map_that_holds_nothing_is_a_sentence():
    assert map_words.nothing(COVID19) == (
        "By this method nothing on the film speaks for COVID-19: there is no map to show."
    )


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


@pytest.mark.parametrize(
    ("found", "of", "claimed"),
    [(evidence("passes"), result(0.1), True),
     (evidence("doubtful"), result(0.1), False),
     (evidence("fails"), result(0.1), False),
     (None, result(0.1), False),  # not checked, or not yet
     (evidence("passes"), result(0.1, before=0.9, after=0.88), False),  # taking it away changed nothing
     (evidence("passes"), result(0.1, before=0.9, after=0.2), True),
     (evidence("passes"), result(0.1, method="residual"), False)],  # the same for every answer
)  # fmt: skip
def test_what_the_answer_rests_on_is_said_only_of_maps_that_show_it(found: Evidence | None, of: Map, claimed: bool):
    assert map_words.claims(found, of) == claimed
    share = map_words.inside(of, LUNGS, lungs_only=False, evidence=found)
    assert ("the answer rests" in share) == claimed
    assert ("% of the evidence" in share) == claimed and ("% of what it marks" in share) != claimed
    if found is not None:
        sentence = map_words.rests(replace(found, zones=ZONES), of, "Alpha", "COVID-19")
        assert sentence.startswith("The evidence for COVID-19 that Alpha used") == claimed
        does = "may" if found.badge == "doubtful" else "does"
        neutral = "This map marks mostly: part 0 (70% of it, on 10% of the film)."
        assert (sentence == f"{neutral} It {does} not show what the answer rests on.") != claimed


def test_a_doubtful_map_whose_removal_changed_nothing_shows_nothing():
    told = map_words.rests(replace(evidence("doubtful"), zones=ZONES), result(0.1, before=0.9, after=0.88), "A", "B")
    assert told.endswith("It does not show what the answer rests on.")


def test_a_fall_must_be_clear_to_be_called_a_change():
    assert map_words.changes_answer(result(None, before=0.9, after=0.7))
    assert not map_words.changes_answer(result(None, before=0.9, after=0.85))
    assert map_words.changes_answer(result(None))  # a map that took nothing away has nothing to answer for


def test_the_ceiling_stands_beside_the_share_and_its_floor():
    sentence = map_words.inside(result(0.5), LUNGS, lungs_only=False, evidence=evidence(ceiling=0.8))
    assert sentence == (
        "50% of the evidence lies inside the lungs, which are 25% of the film; a map as coarse as this one, wholly on "
        "the lungs, would have 80% there. That is 2.0 times what a map spread evenly would reach."
    )


def test_every_method_has_a_question_a_paper_and_words():
    assert map_words.METHODS.keys() == explain.METHODS.keys()
    assert map_words.question("cam") == map_words.question("grad_cam") == "Where the answer comes from"
    for name, about in map_words.METHODS.items():
        assert not any(word in about.question.lower() for word in ("gradient", "cam", "network's", name)), name


@pytest.mark.parametrize(
    ("shares", "said"),
    [((0.1, 0.7, 0.2), "lies mostly in: part 1 (70% of it, on 10% of the film)."),
     ((0.3, 0.4, 0.3), "lies mostly in: part 1 (40% of it, on 10% of the film); part 0 (30% of it"),
     ((0.1,) * 10, "lies in many places, the most in: part 0 (10% of it, on 10% of the film).")],
)  # fmt: skip
def test_the_parts_that_hold_half_of_the_evidence_are_named(shares: tuple[float, ...], said: str):
    sentence = map_words.rests(evidence("passes", *shares), result(0.5), "Alpha", "COVID-19")
    assert sentence.startswith("The evidence for COVID-19 that Alpha used lies ")
    assert said in sentence
    assert "see" not in sentence


def test_without_zones_no_place_is_named():
    assert map_words.rests(evidence("passes"), result(0.5), "Alpha", "COVID-19") == ""


THERE = Check("evidence", True, "The map is not empty.", 1, 0.02)
FOLLOWS = Check("curves", True, "It follows.", 1, 0)
UNTRIED = Check("curves", None, "Whether it follows cannot be tested.", 0, 0)
MOVES = Check("repeat", False, "It moves.", 0, 1)
ALONE = Check("agreement", None, "No other map.", float("nan"), 0.2)
AGAINST = Check("evidence", False, "Nothing speaks for it (0.1% of what the map holds).", 0.001, 0.02)


@pytest.mark.parametrize(
    ("checks", "kind", "said"),
    [((THERE, FOLLOWS, MOVES, ALONE), "doubtful", "It moves."),
     ((THERE, UNTRIED, ALONE), "doubtful", "Whether it follows cannot be tested."),
     ((THERE, FOLLOWS, ALONE), "passes", "All 2 checks that could be made were passed."),
     ((AGAINST,), "no evidence", "By this method nothing on the film speaks for COVID-19: there is no map to show.")],
)  # fmt: skip
def test_a_badge_gives_what_keeps_the_map_from_passing_or_how_much_was_checked(checks: tuple, kind: str, said: str):
    assert badge.badge(checks) == kind
    assert map_words.reasons(Evidence(kind, checks), COVID19) == [said]


def test_the_badge_says_when_a_map_is_not_checked_yet_or_could_not_be():
    assert map_words.verdict(None, "") == map_words.CHECKING
    assert map_words.verdict(None, "The weights are missing.") == map_words.UNCHECKED
    assert map_words.verdict(Evidence("fails", ()), "").mark == "✕"


NINE = "On test films 9 of 30 such maps of Alpha's most probable answer passed."
REMOVED = 'Clearly more did for the question "What must be removed to change the answer" (5 of 5).'


@pytest.mark.parametrize(
    ("kind", "method", "said"),
    [("fails", "cam", f"{NINE} {REMOVED}"),
     ("passes", "cam", NINE),
     ("doubtful", "perturbation", "On test films 5 of 5 such maps of Alpha's most probable answer passed."),
     ("fails", "residual", "")],
)  # fmt: skip
def test_a_map_stands_beside_how_often_such_maps_pass(kind: str, method: str, said: str):
    """Occlusion passed more often, but so few films do not show it."""
    shares = {"cam": (0.3, 0.17, 0.48, 30), "occlusion": (0.6, 0.23, 0.88, 5), "perturbation": (1.0, 0.57, 1.0, 5)}
    passing = {name: Measure("badge passes", "", *figures) for name, figures in shares.items()}
    assert map_words.usual(evidence(kind), method, "Alpha", passing) == said


def test_the_cascade_is_one_line():
    assert map_words.cascade((("head", 0.91), ("later half", 0.4), ("whole network", 0.05))) == (
        "Likeness of the map as more of the network is shuffled: its last layers 0.91, also its later half 0.40 and "
        "all of it 0.05."
    )
    assert map_words.cascade(()) == ""


@pytest.mark.parametrize(
    ("unit", "temperature", "said"),
    [("contribution to the logit of one cell", 1.0, "before it becomes a probability: 0.69 more doubles the odds."),
     ("contribution to the logit of one cell", 2.0, "before it becomes a probability: 1.39 more doubles the odds."),
     ("fall of the log odds", 2.0, "another way to write a probability: 0.69 more doubles the odds."),
     ("share of the film's detail removed", 1.0, "")],
)  # fmt: skip
def test_a_unit_is_told_in_odds(unit: str, temperature: float, said: str):
    """Odds double where the logit, divided by the temperature, is log 2 more."""
    sentence = map_words.unit(result(None, unit=unit), temperature)
    assert sentence.endswith(said) and bool(sentence) == bool(said)


def test_maps_side_by_side_have_their_units_and_colours_only_where_they_have_them():
    signed, unsigned = result(None, unit="logit"), result(None, unit="score", signed=False)
    assert map_words.side_by_side({"Alpha": signed, "Beta": signed}) == (
        f"{map_words.COLOURS} {map_words.OWN_SCALES} {map_words.CAUTION} Unit: logit."
    )
    both = map_words.side_by_side({"Alpha": signed, "Beta": unsigned, "Gamma": unsigned})
    assert both.endswith("Units: Alpha: logit; Beta and Gamma: score.")
    assert map_words.COLOURS not in map_words.side_by_side({"Beta": unsigned})
    assert map_words.side_by_side({}) == f"{map_words.OWN_SCALES} {map_words.CAUTION}"


def test_agreement_is_said_in_questions_not_in_methods():
    said = map_words.agreement({"occlusion": 0.617, "grad_cam": 0.9})
    assert "where covering the film changes the answer: 0.62 and where the answer comes from: 0.90" in said
    assert map_words.agreement({}) == ""
