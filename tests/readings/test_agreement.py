"""Agreement, kappa, intervals and changes of mind, against figures by hand."""

from datetime import date

import pytest
from scipy.stats import binomtest

from cxr_models.readings.agreement import agrees, kappa, move, summary, wilson
from cxr_models.readings.record import Answer, FilmRead, Opinion
from cxr_models.types import COVID19, NON_COVID19, NORMAL, PNEUMONIA, THREE_CLASSES, TWO_CLASSES, Prediction

DAY = date(2026, 11, 21)


def opinion(diagnosis: str, seconds: float = 10.0) -> Opinion:
    return Opinion(diagnosis, 3, ("right lower",), seconds, DAY)


def film(before: str | None, after: str | None = None, seconds: float = 10.0, **said: str) -> FilmRead:
    """A film on which each model said a class with a probability of 0.7."""
    answers = tuple(Answer(name, what, 0.7, 0.7 if what == COVID19 else 0.2) for name, what in said.items())
    both = (opinion(one, seconds) if one else None for one in (before, after))
    return FilmRead("s", 1, *both, answers)


@pytest.mark.parametrize(
    ("diagnosis", "said", "same"),
    [(COVID19, COVID19, True), (COVID19, NON_COVID19, False), (PNEUMONIA, NON_COVID19, True), (NORMAL, COVID19, False),
     (NORMAL, NON_COVID19, True), (PNEUMONIA, NORMAL, False), (PNEUMONIA, PNEUMONIA, True)],
)  # fmt: skip
def test_pneumonia_and_normal_are_both_not_covid_to_a_two_class_model(diagnosis: str, said: str, same: bool):
    assert agrees(diagnosis, said) is same


def test_a_model_says_covid_from_its_threshold_on_and_else_its_most_probable_other_class():
    low = Prediction("m", THREE_CLASSES, (0.4, 0.5, 0.1), 0.3, True, NORMAL, 0.1)
    assert Answer.of(low) == Answer("m", COVID19, 0.4, 0.4)
    high = Prediction("m", THREE_CLASSES, (0.5, 0.1, 0.4), 0.6, False, COVID19, 0.1)
    assert Answer.of(high) == Answer("m", PNEUMONIA, 0.4, 0.5)
    two = Prediction("m", TWO_CLASSES, (0.2, 0.8), 0.5, False, NON_COVID19, 0.1)
    assert Answer.of(two) == Answer("m", NON_COVID19, 0.8, 0.2)


def test_agreement_counts_films_read_before_the_answers_only():
    films = [film(COVID19, a=COVID19, b=NON_COVID19), film(NORMAL, a=PNEUMONIA, b=NON_COVID19),
             film(None, NORMAL, a=NORMAL, b=NON_COVID19), film(NORMAL, a=NORMAL)]  # fmt: skip
    found = summary(films)
    assert (found.n, found.late) == (3, 1)
    assert [(one.model_id, one.hits, one.n, one.kappa) for one in found.agreements] == [
        ("a", 2, 3, None),
        ("b", 1, 2, None),
    ]


def test_no_films_have_no_figures():
    found = summary([])
    assert (found.n, found.late, found.seconds, found.agreements, dict(found.moves)) == (0, 0, None, (), {})


def test_the_median_time_is_of_readings_before_the_answers():
    films = [film(NORMAL, seconds=one) for one in (4.0, 30.0, 10.0)] + [film(None, NORMAL, seconds=900.0)]
    assert summary(films).seconds == 10.0


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (7, 12), (10, 10), (33, 90)])
def test_wilson_is_scipys(hits: int, n: int):
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_kappa_by_hand():
    """20 yes-yes, 15 no-no, 5 and 10 apart: observed 0.7, chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([("y", "y")] * 12) is None


def test_kappa_stands_from_ten_films_on_and_folds_the_readers_classes_for_a_two_class_model():
    said = [(COVID19, COVID19)] * 4 + [(NORMAL, NON_COVID19)] * 3 + [(PNEUMONIA, NON_COVID19)] * 2
    assert summary(film(ours, two=theirs) for ours, theirs in said).agreements[0].kappa is None
    one = summary(film(ours, two=theirs) for ours, theirs in [*said, (PNEUMONIA, COVID19)]).agreements[0]
    # reader: 4 COVID-19, 6 not; model: 5 and 5; observed 0.9, chance 0.4 * 0.5 + 0.6 * 0.5 = 0.5
    assert (one.hits, one.n, one.kappa) == (9, 10, pytest.approx(0.8))


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [(NORMAL, COVID19, "towards"), (COVID19, NORMAL, "away"), (COVID19, COVID19, "kept"), (COVID19, None, None),
     (None, COVID19, None), (NORMAL, PNEUMONIA, "neither")],
)  # fmt: skip
def test_a_change_of_mind_is_towards_the_models_when_more_of_them_agree(before, after, moved):
    one = film(before, after, a=COVID19, b=COVID19, c=NON_COVID19)  # COVID-19 has two of three, the others one
    assert move(one) == moved


def test_moves_are_counted():
    films = [film(NORMAL, COVID19, a=COVID19), film(NORMAL, NORMAL, a=COVID19), film(COVID19, a=COVID19)]
    assert dict(summary(films).moves) == {"towards": 1, "kept": 1}


@pytest.mark.parametrize(
    "wrong",
    [{"diagnosis": NON_COVID19}, {"confidence": 0}, {"confidence": 6}, {"regions": ("lingula",)}, {"seconds": -1.0},
     {"seconds": float("nan")}],
)  # fmt: skip
def test_there_is_no_reading_of_what_there_is_not(wrong: dict):
    right = {"diagnosis": NORMAL, "confidence": 3, "regions": (), "seconds": 1.0, "day": DAY}
    with pytest.raises(ValueError):
        Opinion(**right | wrong)
