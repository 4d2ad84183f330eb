"""Many films, the same answers as one by one."""

import numpy as np
import pytest
from shortcuts.conftest import film_of, lungs_of

from cxr_models import inference
from cxr_models.errors import Cancelled
from cxr_models.imaging.preprocess import InputSpec
from cxr_models.shortcuts.looks import Looks, probabilities
from cxr_models.types import TWO_CLASSES

FILMS = [film_of(np.random.default_rng(seed).random((70, 90))) for seed in range(5)]


def test_the_same_as_one_by_one(serve):
    found = probabilities("pooled", [(film, None) for film in FILMS])
    assert found.shape == (5, 2) and found.dtype == np.float64
    for row, film in zip(found, FILMS, strict=True):
        assert row.tolist() == pytest.approx(inference.predict(film, None, "pooled").probabilities)
    assert np.allclose(Looks([(film, None) for film in FILMS]).probabilities("curved").sum(1), 1)


def test_films_that_a_model_does_not_read_have_no_answer(serve):
    from explain.tiny import SIZE, Pooled, spec_of

    serve(spec_of("inside", TWO_CLASSES, input=InputSpec(SIZE, 1, (0.0,), (1.0,), "lungs")), Pooled())
    left = np.zeros((70, 90), bool)
    left[:, :40] = True
    shown = [(FILMS[0], None), (FILMS[1], lungs_of(left)), (FILMS[2], lungs_of(np.zeros((70, 90))))]
    found = probabilities("inside", shown)
    assert np.isnan(found[[0, 2]]).all() and found[1].sum() == pytest.approx(1)
    assert np.isnan(probabilities("inside", shown[:1])).all()
    assert probabilities("inside", []).shape == (0, 2)


def test_cancelled_between_films(serve):
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        probabilities("pooled", [(film, None) for film in FILMS], lambda: next(asked))


def test_films_may_come_one_by_one_and_are_not_kept(serve):
    assert np.array_equal(
        probabilities("pooled", ((film, None) for film in FILMS)), probabilities("pooled", [(f, None) for f in FILMS])
    )
