"""Maps against a cause that is known exactly: two phantoms that differ in one thing, which moves the answer.

The pointing game (Zhang 2016): a map hits when its maximum lies on the cause, 15 pixels of 256 to spare. A drawn
opacity is no sample of how disease looks; but where adding it raises an answer by 0.2, it is what raised the answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from ... import inference
from ...errors import RefusedFilm
from ...explain import Question, inside
from ...imaging.phantom import thorax
from ...results import Measure
from ...results_maps import AREA, CHANCE, HIT, MARKER, ON_CAUSE, OPACITY, RAISED, about
from ...types import COVID19, NON_COVID19, PNEUMONIA, Film, Lungs, Map, Prediction
from ..intervals import mean_of, proportion
from .kept import Kept, Record
from .plan import Plan, maps_of

PEOPLE = 30
SIZE = 512
SPARE = 15 / 256  # of the side
RISE = 0.2
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
        for person, model_id, method in plan.asked("Phantoms", everyone, PEOPLE, kinds)
    ]
    return figures(pd.DataFrame(records))


def looked(person: Person, model_id: str, method: str) -> Record:
    """rise of the class's probability, None where the model does not read the film; and of the map what it hits."""
    pair = person.pair
    try:
        before, after = (inference.predict(film, person.lungs, model_id) for film in (pair.without, pair.added))
    except RefusedFilm:
        return {"rise": None}
    asked = spoken_for(pair.finding, before, after)
    rise = after.of(asked) - before.of(asked)
    if rise < RISE:
        return {"rise": rise}
    (made,) = maps_of([Question(pair.added, person.lungs, asked)], model_id, method)
    return {"rise": rise, "target": asked} | found_by(made, pair.region)


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
    """From one row a map: rise, hit, share, chance, area, cause, seed, kind, model, method."""
    frame = frame.reindex(columns=list(dict.fromkeys([*frame, "hit", "share", "chance", "area"])))
    found: list[Measure] = []
    answers = frame.drop_duplicates(["kind", "seed", "model"]).dropna(subset="rise")
    for (cause, model_id), part in answers.groupby(["cause", "model"], sort=False):
        found += proportion(RAISED, about(cause, model_id), (part.rise >= RISE).sum(), len(part))
    raised = frame[frame.rise >= RISE]
    for (cause, model_id, method), part in raised.groupby(["cause", "model", "method"], sort=False):
        where, seeds = about(cause, model_id, method), part.seed.to_numpy()
        found += proportion(HIT, where, part.hit.sum(), len(part))
        for name, column in ((ON_CAUSE, "share"), (CHANCE, "chance"), (AREA, "area")):
            found += mean_of(name, where, part[column].to_numpy(float), seeds)
    return found
