"""The gate's verdicts on lungs drawn by hand and on what its network might say."""

import numpy as np
import pytest

from cxr_models.imaging import gate
from cxr_models.imaging.gate import judge, lung_measures
from cxr_models.types import Film, Lungs

CHEST = {
    "frontal": 0.97,
    "lateral": 0.01,
    "inverted": 0.0,
    "rotated": 0.0,
    "part": 0.01,
    "other": 0.01,
    "distance": 0.5,
}


def film(side: int = 400) -> Film:
    return Film(np.linspace(0, 1, side * side, dtype=np.float32).reshape(side, side), "0" * 64, "Film 1", "PNG")


def lungs(*boxes: tuple[int, int, int, int], side: int = 400) -> Lungs:
    """Lungs of (row0, column0, row1, column1) boxes."""
    mask = np.zeros((side, side), bool)
    for row0, column0, row1, column1 in boxes:
        mask[row0:row1, column0:column1] = True
    return Lungs(mask, float(mask.mean()), tuple(sorted((b[2] - b[0]) * (b[3] - b[1]) / side**2 for b in boxes)), 0.97)


RIGHT, LEFT = (80, 60, 320, 180), (80, 220, 320, 340)  # two lungs of 240 x 120 pixels, centres 160 pixels apart
PAIR = lungs(RIGHT, LEFT)


def looking(like: str, share: float, distance: float = 0.5) -> dict[str, float]:
    return (
        CHEST | {"frontal": 1 - share, "lateral": 0.0, "part": 0.0, "other": 0.0} | {like: share, "distance": distance}
    )


def codes(verdict) -> list[tuple[str, str]]:
    return [(reason.code, reason.severity) for reason in verdict.reasons]


def test_a_frontal_film_with_two_lungs_passes():
    verdict = judge(film(), PAIR, CHEST)
    assert verdict.status == "ok" and verdict.reasons == ()


def test_lungs_are_measured_in_shares_of_the_film():
    found = lung_measures(PAIR.mask)
    assert found["lungs"] == 2
    assert found["lung_area"] == pytest.approx(2 * 240 * 120 / 400**2)
    assert found["smaller_lung"] == pytest.approx(240 * 120 / 400**2, abs=0.01)
    assert found["lung_spacing"] == pytest.approx(160 / 400, abs=0.01)
    assert found["lung_level"] == pytest.approx(0, abs=0.01)
    assert found["lung_slenderness"] == pytest.approx(2, abs=0.1)
    assert found["lungs_at_edge"] == 0


def test_everything_measured_is_told_even_when_all_is_well():
    measured = judge(film(), PAIR, CHEST).measured
    assert {"shorter_side", "grey_range", "not_frontal", "distance", "lung_area", "lateral"} <= set(measured)
    assert measured["not_frontal"] == pytest.approx(0.03)


@pytest.mark.parametrize(("like", "code"), [
    ("lateral", "lateral"), ("inverted", "inverted"), ("rotated", "rotated"), ("part", "part"), ("other", "not_chest"),
])  # fmt: skip
def test_when_the_network_is_sure_good_lungs_do_not_help(like, code):
    verdict = judge(film(), PAIR, looking(like, 0.99))
    assert verdict.status == "refused" and codes(verdict) == [(code, "refuse")]
    assert verdict.reasons[0].value == pytest.approx(0.99) and verdict.reasons[0].limit == gate.SURE


def test_a_doubt_is_a_warning_with_good_lungs_and_a_refusal_with_odd_ones_or_none():
    doubt = looking("lateral", 0.7)
    assert codes(judge(film(), PAIR, doubt)) == [("lateral", "warn")]
    assert ("lateral", "refuse") in codes(judge(film(), lungs(RIGHT), doubt))
    assert codes(judge(film(), None, doubt)) == [("lateral", "refuse")]


def test_a_film_unlike_all_others_is_refused_far_away_or_when_its_lungs_are_odd_too():
    near, far = (CHEST | {"distance": distance} for distance in (1.2, 3.0))
    assert codes(judge(film(), PAIR, near)) == [("unfamiliar", "warn")]
    assert ("unfamiliar", "refuse") in codes(judge(film(), lungs(RIGHT), near))
    assert codes(judge(film(), PAIR, far)) == [("unfamiliar", "refuse")]


@pytest.mark.parametrize(("found", "expected"), [
    (lungs(), ("no_lungs", "warn")),
    (lungs(RIGHT), ("lungs", "warn")),
    (lungs((0, 60, 320, 180), (0, 220, 320, 340)), ("cut_off", "warn")),
    (lungs((20, 60, 200, 180), (200, 220, 380, 340)), ("odd_lungs", "warn")),
    (lungs((80, 140, 320, 195), (80, 205, 320, 260)), ("odd_lungs", "warn")),  # centres 65 of 400 pixels apart
], ids=["none", "one", "cut off", "one above the other", "too close"])  # fmt: skip
def test_lungs_that_are_not_as_lungs_are(found, expected):
    assert codes(judge(film(), found, CHEST)) == [expected]


def test_small_films_are_warned_of_and_tiny_ones_refused():
    assert codes(judge(film(150), None, CHEST)) == [("small", "warn")]
    verdict = judge(film(50), None, CHEST)
    assert codes(verdict) == [("small", "refuse")] and verdict.reasons[0].value == 50


def test_a_film_without_content_is_refused():
    blank = Film(np.full((400, 400), 0.5, np.float32), "0" * 64, "Film 1", "PNG")
    assert ("blank", "refuse") in codes(judge(blank, None, CHEST))


def test_each_reason_says_what_to_do():
    for like in ("lateral", "inverted", "rotated", "part", "other"):
        sentence = judge(film(), PAIR, looking(like, 0.99)).reasons[0].sentence
        assert sentence.endswith(".") and ("Upload" in sentence or "upload" in sentence)
