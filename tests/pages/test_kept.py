"""What the lab keeps of a film goes when the film goes."""

import gc
import weakref

import numpy as np
from by_hand import reading_of

from cxr_models.types import Film
from pages.shared import session
from pages.shared.lab import kept
from pages.shared.opened import Opened


def test_nothing_that_is_kept_of_a_film_holds_it(known_specs: dict):
    film = Film(np.zeros((100, 90), np.float32), "a" * 64, "Film", "PNG")
    here = Opened(session.Case(film, "Film 1"), reading_of(film), None, None)
    small, _ = kept.small(here)
    assert small.sha256 == film.sha256
    gone = weakref.ref(film)
    del film, here, small
    gc.collect()
    assert gone() is None
