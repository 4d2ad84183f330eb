"""Films of people who do not exist: the healthy and the ill drawing of a person are blended.

So the disease can be made as faint as one likes without drawing anew, and is known pixel by pixel.
"""

from collections.abc import Callable, Sequence

import numpy as np

from ...errors import Cancelled
from .films import Example, Films, Material
from .people import Person, person

LEARN, TEST = 150, 50  # people, of whom each is seen both healthy and ill
LARGE = 512  # pixels a side of the one more to look at


def phantoms(
    visibility: float,
    seed: int,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
    learn: int = LEARN,
    test: int = TEST,
) -> Material:
    """``learn`` people to learn from and ``test`` others, each both healthy and ill; the seed says who is who.

    Raises Cancelled.
    """
    people = []
    for number in range(learn + test):
        if cancelled():
            raise Cancelled("Cancelled while the phantoms were drawn.")
        progress(number / (learn + test), f"Drawing person {number + 1} of {learn + test}")
        people.append(person(number))
    who = np.random.default_rng(seed).permutation(learn + test)
    return Material(
        films([people[at] for at in who[:learn]], visibility),
        films([people[at] for at in who[learn:]], visibility),
        examples(person(learn + test, LARGE), visibility),
    )


def films(people: Sequence[Person], visibility: float) -> Films:
    """Two films a person, ill and healthy."""
    ill = np.tile([True, False], len(people))
    pixels = np.stack([one.film(sick, visibility) for one in people for sick in (True, False)])
    return Films(pixels, ill, np.stack([one.opacity & sick for one in people for sick in (True, False)]))


def examples(one: Person, visibility: float) -> tuple[Example, Example]:
    """One person ill and healthy, both with the letter."""
    ill, healthy = one.film(True, visibility), one.film(False, visibility)
    return Example.of(ill, True, one.opacity), Example.of(healthy, False, np.zeros_like(one.opacity))
