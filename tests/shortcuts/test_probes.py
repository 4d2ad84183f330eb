"""Probes find what was planted in features, and nothing where nothing is."""

import numpy as np
import pytest

from cxr_models.shortcuts import probes

N = 120


@pytest.fixture
def noise():
    """(N, 8)."""
    return np.random.default_rng(0).normal(size=(N, 8))


@pytest.fixture
def names():
    return np.array(["north", "south"])[np.random.default_rng(1).integers(2, size=N)]


def right(features, names, groups=None):
    return (probes.answers(features, names, np.arange(N) if groups is None else groups) == names).mean()


def test_a_planted_collection_is_found(noise, names):
    noise[:, 3] += np.where(names == "south", 8, -8)
    assert right(noise, names) == 1


def test_where_nothing_was_planted_it_is_right_by_chance(noise, names):
    assert 0.35 < right(noise, names) < 0.65


def test_copies_of_a_film_never_stand_on_both_sides(noise, names):
    groups = np.arange(N) // 2
    noise, names = noise[groups], names[groups]  # every film twice: a leak would make every answer right
    spread = noise * np.linspace(1, 40, 8)
    assert 0.3 < right(spread, names, groups) < 0.7


def test_rare_answers_count_as_much_as_frequent_ones():
    features = np.concatenate([np.full((100, 1), 0.0), np.full((20, 1), 1.0)])
    features += np.random.default_rng(2).normal(scale=1.5, size=features.shape)
    names = np.array(["many"] * 100 + ["few"] * 20)
    said = probes.answers(features, names, np.arange(N))
    assert (said == "few").sum() > 20  # unweighted, it would hardly ever be said


def test_the_same_films_get_the_same_answers(noise, names):
    once, again = (probes.answers(noise, names, np.arange(N)) for _ in range(2))
    assert (once == again).all()
