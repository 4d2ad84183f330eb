"""Maps against a cause that is known exactly: two phantoms that differ in one thing, which moves the answer.

The pointing game (Zhang 2016): a map hits when its maximum lies on the cause, 15 pixels of 256 to spare. A drawn
opacity is no sample of how disease looks; but where adding it raises an answer, it is what raised the answer. Raised:
by 0.2, or to more than twice the odds, for a probability of 0.9 has no 0.2 to rise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from ... import inference
from ...errors import RefusedFilm
from ...explain import Question, inside
from ...imaging.phantom import thorax
from ...results import Measure
from ...results_maps import AREA, CHANCE, DOUBLED, HIT, MARKER, ON_CAUSE, OPACITY, RAISED, about
from ...types import COVID19, NON_COVID19, PNEUMONIA, Film, Lungs, Map, Prediction
from ..intervals import mean_of, proportion
from .kept import Kept, Record
from .plan import Plan, maps_of

PEOPLE = 20
SIZE = 512
SPARE = 15 / 256  # of the side
RISE, ODDS = 0.2, 2.0
FINDINGS = (COVID19, PNEUMONIA)
TEXTS = ("PORTABLE", "L", "AP SUPINE")


@dataclass(frozen=True, eq=False)
class Pair:
    """One person twice, without and with ``cause``. region: (H, W) bool, where the two films differ by it.

    finding: the class that the cause speaks for, "" where it speaks for none.
    """

    without: Film
    added: Film
    region: np.ndarray
    finding: str


@dataclass(eq=False)
class Person:
    """A pair that is drawn when it is first needed. kind: a finding or "marker"."""

    seed: int
    kind: str

    @property
    def cause(self) -> str:
        return MARKER if self.kind == MARKER else OPACITY

    @cached_property
    def pair(self) -> Pair:
        return marked(self.seed) if self.kind == MARKER else filled(self.seed, self.kind)

    @cached_property
    def lungs(self) -> Lungs:
        """Of the film without the cause, for both, so that the cause is all that differs."""
        return inference.find_lungs(self.pair.without)


def filled(seed: int, finding: str) -> Pair:
    """Healthy, and with the opacities of ``finding``."""
    healthy, ill = thorax(seed, size=SIZE), thorax(seed, finding, size=SIZE)
    return Pair(healthy.film, ill.film, ill.opacity, finding)


def marked(seed: int) -> Pair:
    """Healthy, and the same film with letters burnt into a corner."""
    bare, lettered = (thorax(seed, marker=text, size=SIZE) for text in (None, TEXTS[seed % len(TEXTS)]))
    return Pair(bare.film, lettered.film, lettered.film.pixels != bare.film.pixels, "")


def people(count: int) -> Iterator[Person]:
    return (Person(seed, kind) for seed in range(count) for kind in (*FINDINGS, MARKER))


def measured(plan: Plan, kept: Kept, index: pd.DataFrame, root: Path) -> list[Measure]:
    """Hits, evidence on the cause and chance, by cause, model and method; no films of the index are needed."""
    everyone, kinds = people(plan.number(PEOPLE)), len(FINDINGS) + 1
    records = [
        kept.get(f"{person.kind}-{person.seed}", model_id, method, partial(looked, person, model_id, method))
        | {"cause": person.cause, "seed": person.seed, "kind": person.kind, "model": model_id, "method": method}
        for person, model_id, method in plan.asked("Phantoms", everyone, PEOPLE, kinds, PEOPLE)
    ]
    return figures(pd.DataFrame(records))


def looked(person: Person, model_id: str, method: str) -> Record:
    """before and after: probability of the class, None where the film is not read; and what the map hits."""
    if not (answers := answered(person, model_id)):
        return {"before": None, "after": None}
    asked = spoken_for(person.pair.finding, *answers)
    found = dict(zip(("before", "after"), (answer.of(asked) for answer in answers), strict=True))
    if not (raised(**found) or doubled(**found)):
        return found
    (made,) = maps_of([Question(person.pair.added, person.lungs, asked)], model_id, method)
    return found | found_by(made, person.pair.region)


@lru_cache(maxsize=1)
def answered(person: Person, model_id: str) -> tuple[Prediction, ...]:
    """Without and with the cause; none where the model reads the lungs alone and there are none."""
    try:
        return tuple(
            inference.predict(film, person.lungs, model_id) for film in (person.pair.without, person.pair.added)
        )
    except RefusedFilm:
        return ()


def raised(before: float, after: float) -> bool:
    return after - before >= RISE


def doubled(before: float, after: float) -> bool:
    """Odds p / (1 - p)."""
    return after * (1 - before) > ODDS * before * (1 - after)


def spoken_for(finding: str, before: Prediction, after: Prediction) -> str:
    """The class that a finding means to this model; without a finding the class that rises most."""
    if finding:
        return finding if finding in after.classes else NON_COVID19
    return max(after.classes, key=lambda name: after.of(name) - before.of(name))


def found_by(made: Map | None, region: np.ndarray) -> Record:
    """hit: the maximum (of several the most) is positive and lies in the region, widened; no map is no hit.

    share: of the positive evidence in the region. chance and area: of the widened region and of the region itself.
    """
    wide = widened(region)
    found = {"hit": False, "share": None, "chance": float(wide.mean()), "area": float(region.mean())}
    if made is None or made.values.max() <= 0:
        return found
    best = wide[made.values == made.values.max()].mean() > 0.5
    return found | {"hit": bool(best), "share": inside(made.values, region)}


def widened(region: np.ndarray) -> np.ndarray:
    """(S, S) bool and all pixels within 15 / 256 of the side of it; an empty region stays empty."""
    if not region.any():
        return region
    return cv2.distanceTransform((~region).astype(np.uint8), cv2.DIST_L2, 5) <= SPARE * len(region)


def figures(frame: pd.DataFrame) -> list[Measure]:
    """From one row a map: before, after, hit, share, chance, area, cause, seed, kind, model, method."""
    frame = frame.reindex(columns=list(dict.fromkeys([*frame, "hit", "share", "chance", "area"])))
    frame = frame.dropna(subset=["before", "after"])
    for name, test in ((RAISED, raised), (DOUBLED, doubled)):
        frame[name] = [test(b, a) for b, a in zip(frame.before, frame.after, strict=True)]
    found: list[Measure] = []
    answers = frame.drop_duplicates(["kind", "seed", "model"])
    for (cause, model_id), part in answers.groupby(["cause", "model"], sort=False):
        for name in (RAISED, DOUBLED):
            found += proportion(name, about(cause, model_id), part[name].sum(), len(part))
    moved = frame[frame[RAISED] | frame[DOUBLED]]
    for (cause, model_id, method), part in moved.groupby(["cause", "model", "method"], sort=False):
        where, seeds = about(cause, model_id, method), part.seed.to_numpy()
        found += proportion(HIT, where, part.hit.sum(), len(part))
        for name, column in ((ON_CAUSE, "share"), (CHANCE, "chance"), (AREA, "area")):
            found += mean_of(name, where, part[column].to_numpy(float), seeds)
    return found
