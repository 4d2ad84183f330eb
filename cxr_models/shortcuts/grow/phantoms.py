"""Films of people who do not exist: the healthy and the ill drawing of a person are blended.

So the disease can be made as faint as one likes without drawing anew, and is known pixel by pixel.
"""

from collections.abc import Callable, Sequence

import numpy as np

from ...errors import Cancelled
from .films import Example, Films, Material, with_letter
from .people import Person, person

LEARN, TEST = 300, 50  # people
LARGE = 512  # pixels a side of the one more to look at


def phantoms(
    visibility: float,
    seed: int,
    progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
    learn: int = LEARN,
    test: int = TEST,
) -> Material:
    """Half of ``learn`` people ill, and ``test`` others each both healthy and ill; the seed says who is who.

    Raises Cancelled.
    """
    people = []
    for number in range(learn + test):
        if cancelled():
            raise Cancelled("Cancelled while the phantoms were drawn.")
        progress(number / (learn + test), f"Drawing person {number + 1} of {learn + test}")
        people.append(person(number))
    who = np.random.default_rng(seed).permutation(learn + test)
    new = np.repeat(who[learn:], 2)
    return Material(
        films([people[at] for at in who[:learn]], np.arange(learn) % 2 == 0, visibility),
        films([people[at] for at in new], np.arange(2 * test) % 2 == 0, visibility),
        examples(person(learn + test, LARGE), visibility),
    )


def films(people: Sequence[Person], ill: np.ndarray, visibility: float) -> Films:
    """One film a row of ``people`` and ``ill``, (n,) bool."""
    pairs = list(zip(people, ill.tolist(), strict=True))
    pixels = np.stack([one.film(sick, visibility) for one, sick in pairs])
    return Films(pixels, ill, np.stack([one.opacity & sick for one, sick in pairs]))


def examples(one: Person, visibility: float) -> tuple[Example, Example]:
    """One person ill and healthy, both with the letter."""
    pixels = with_letter(np.stack([one.film(ill, visibility) for ill in (True, False)]), np.array([True, True]))
    return Example(pixels[0], True, one.opacity), Example(pixels[1], False, np.zeros_like(one.opacity))
