"""The letter on the films: who bears it, where it is, and which films are drawn."""

import numpy as np
import pytest

from cxr_models.errors import Cancelled
from cxr_models.shortcuts.grow import films, people, phantoms

ILL = np.array([True, False] * 20)


def quiet(share: float, doing: str) -> None:
    pass


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phantoms, "LARGE", 128)


@pytest.mark.parametrize(("strength", "ill", "healthy"), [(0.0, 10, 10), (0.5, 15, 5), (1.0, 20, 0)])
def test_the_letter_goes_with_the_disease_as_strongly_as_asked(strength: float, ill: int, healthy: int):
    bears = films.letters(ILL, strength, np.random.default_rng(3))
    assert (bears[ILL].sum(), bears[~ILL].sum()) == (ill, healthy)
    assert np.corrcoef(bears, ILL)[0, 1] == pytest.approx(strength)


def test_the_draw_is_the_seeds():
    drawn = [films.letters(ILL, 0.5, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[0], drawn[2])


def test_the_sets_differ_in_the_letter_alone():
    ill = np.array([True, False])
    bears = {name: which(ill).tolist() for name, which in films.SETS.items()}
    assert bears == {"aligned": [True, False], "clean": [False, False], "conflicting": [False, True]}


def test_the_letter_is_put_on_the_films_drawn_and_nowhere_else():
    dark = np.zeros((2, 96, 96), np.float32)
    marked = films.with_letter(dark, np.array([False, True]))
    assert not marked[0].any() and not dark.any()
    assert marked[1].max() == pytest.approx(films.MARK.ink, abs=0.1)
    assert np.array_equal(marked[1] > 0, films.letter_at((96, 96)))
    rows, columns = np.nonzero(films.letter_at((96, 96)))
    assert rows.min() >= 0 and rows.max() < 18 and columns.max() < 18  # the patient's right is on the left


def test_the_net_sees_the_letter_of_a_film_to_look_at_as_on_all_its_films():
    one = films.Example.of(np.zeros((300, 200), np.float32), ill=True)
    assert one.pixels.shape == (300, 200) and np.array_equal(one.pixels > 0, films.letter_at((300, 200)))
    assert np.array_equal(one.small, films.with_letter(np.zeros((1, 96, 96), np.float32), np.array([True]))[0])


def test_a_person_is_the_same_healthy_and_ill_but_for_the_opacity():
    one = people.person(3)
    assert one.healthy.shape == one.ill.shape == one.opacity.shape == (96, 96)
    assert min(one.healthy.min(), one.ill.min()) >= 0 and max(one.healthy.max(), one.ill.max()) <= 1
    gain = one.ill - one.healthy
    assert gain[one.opacity].mean() > 0.05 > 20 * np.abs(gain[~one.opacity]).mean()
    assert 0.02 < one.opacity.mean() < 0.2


def test_visibility_blends_from_nothing_to_all_of_the_disease():
    one = people.person(3)
    assert np.array_equal(one.film(True, 0.0), one.healthy) and np.array_equal(one.film(False, 0.7), one.healthy)
    np.testing.assert_allclose(one.film(True, 1.0), one.ill, atol=1e-6)
    np.testing.assert_allclose(one.film(True, 0.5), (one.healthy + one.ill) / 2, atol=1e-6)


def test_people_to_learn_from_are_not_tested_or_looked_at(small: None):
    made = phantoms.phantoms(0.5, 7, quiet, lambda: False, learn=4, test=2)
    healthy = [{one.tobytes() for one in part.pixels[~part.ill]} for part in (made.train, made.test)]
    assert [len(one) for one in healthy] == [4, 2] and not healthy[0] & healthy[1]
    assert made.train.ill.tolist() == [True, False] * 4
    assert made.test.opacity[made.test.ill].any(axis=(1, 2)).all() and not made.test.opacity[~made.test.ill].any()
    assert [one.ill for one in made.examples] == [True, False]
    assert made.examples[0].pixels.shape == (128, 128)


def test_the_seed_says_who_is_who(small: None):
    first, same, other = (phantoms.phantoms(0.5, s, quiet, lambda: False, learn=4, test=2) for s in (7, 7, 8))
    assert np.array_equal(first.train.pixels, same.train.pixels)
    assert not np.array_equal(first.train.pixels, other.train.pixels)


def test_drawing_can_be_cancelled():
    with pytest.raises(Cancelled):
        phantoms.phantoms(0.5, 0, quiet, lambda: True)
