"""Repeatability: how the film is disturbed, and maps that do or do not stay."""

from dataclasses import replace

import numpy as np
import pytest
from explain.checks.nets import Learned, a_map, lungs_of, two_lungs
from explain.tiny import a_film, spec_of

from cxr_models import registry
from cxr_models.errors import Cancelled, MapError
from cxr_models.explain import METHODS, Question, explain
from cxr_models.explain.checks.repeat import disturbed, judged, moved, repeatability


@pytest.fixture
def question(serve, textured):
    serve(spec_of("learned"), Learned())
    return Question(textured, None, "covid19")


def repeated(made, question, progress=lambda share, doing: None, cancelled=lambda: False):
    return repeatability(made, registry.load("learned"), question, progress, cancelled)


def test_moved_by_hand():
    values = np.array([[1, 2], [3, 4]])
    np.testing.assert_array_equal(moved(values, 0.5), [[1, 1], [1, 1]])
    np.testing.assert_array_equal(moved(values, -0.5), [[4, 4], [4, 4]])
    rows = np.repeat(np.arange(50)[:, None], 100, axis=1)
    np.testing.assert_array_equal(moved(rows, 0.02)[:3, 0], [0, 0, 1])
    np.testing.assert_array_equal(moved(moved(rows, 0.02), -0.02)[:-1], rows[:-1])


def test_film_and_lungs_move_together():
    film = a_film(two_lungs() * 0.5 + 0.25)
    lungs = replace(lungs_of(two_lungs()), region=np.kron(two_lungs(), np.ones((5, 5), bool)))
    found = disturbed(Question(film, lungs, "covid19"), 1, 50)
    np.testing.assert_array_equal(found.lungs.mask, moved(two_lungs(), 0.02))
    assert found.lungs.region.shape == (500, 500) and found.lungs.region[110, 85] and not found.lungs.region[109, 85]
    noise = found.film.pixels - moved(film.pixels, 0.02)
    assert noise.std() == pytest.approx(0.01, rel=0.05) and found.film.pixels.dtype == np.float32
    assert np.ptp(noise[:2, :2]) < 1e-6  # one value for each of the network's pixels


def test_noise_is_the_same_at_every_call_and_leaves_the_film_in_its_range():
    question = Question(a_film(np.tile([0.0, 1.0], (40, 20))), None, "covid19")
    first, second = (disturbed(question, 1, 40).film.pixels for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.min() >= 0 and first.max() <= 1


def test_map_that_moves_with_the_film_stays(question):
    value = repeated(explain(question.film, None, "learned", "cam", "covid19"), question)
    assert value > 0.9
    assert judged(value, 0.5).passed


def test_map_that_is_noise_does_not_stay(question, monkeypatch):
    dice = np.random.default_rng(0)
    monkeypatch.setitem(METHODS, "cam", lambda *asked: [a_map(dice.normal(size=(128, 192)))])
    value = repeated(a_map(dice.normal(size=(128, 192))), question)
    assert abs(value) < 0.1 and judged(value, 0.5).passed is False


def test_the_worse_of_both_ways_counts(question, monkeypatch):
    values = np.random.default_rng(0).normal(size=(128, 192))
    answers = iter([values, -values])
    monkeypatch.setitem(METHODS, "cam", lambda *asked: [a_map(next(answers))])
    assert repeated(a_map(values), question) < 0


def test_no_map_of_the_disturbed_film_is_no_likeness(question, monkeypatch):
    made = explain(question.film, None, "learned", "cam", "covid19")

    def fails(*asked):
        raise MapError("Nothing to show.")

    monkeypatch.setitem(METHODS, "cam", fails)
    assert repeated(made, question) == 0


def test_sentences():
    assert judged(0.93, 0.5).sentence == (
        "After moving the film by 2% and adding faint noise the map stays alike (likeness 0.93 of 1)."
    )
    assert "the map changes (likeness 0.31 of 1)" in judged(0.31, 0.5).sentence


def test_cancelled_between_the_two(question):
    made = explain(question.film, None, "learned", "cam", "covid19")
    asked = iter([False])
    with pytest.raises(Cancelled):
        repeated(made, question, cancelled=lambda: next(asked, True))
