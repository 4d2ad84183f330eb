"""How often the gate refuses frontal films, which it should not, and everything else, through the app's own path."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from .. import inference
from ..architectures.gate_net import GateNet
from ..evaluation.intervals import proportion
from ..imaging.gate import judge
from ..imaging.preprocess import InputSpec, grey, prepare
from ..imaging.read import read_film
from ..results import Measure
from ..types import Film, Lungs, Status
from .gate_films import SPOILT
from .gate_pool import Sources, picture

MOST = 60  # test films a collection
SQUARE = 512
SHOWN = ("inverted", "rotated", "part", "doubled")
VIEWS = ("lateral", "ct")


class Judge:
    """Verdicts of any gate network; the lungs of a film are found once, whichever network judges it."""

    def __init__(self, find_lungs: Callable[[Film], Lungs] = inference.find_lungs):
        self._find, self._found = find_lungs, dict[str, Lungs]()

    @torch.no_grad()
    def __call__(self, net: GateNet, film: Film, spec: InputSpec) -> Status:
        if film.sha256 not in self._found:
            self._found[film.sha256] = self._find(film)
        maps = net.features(torch.from_numpy(prepare(film.pixels, spec)[None]))
        return judge(film, self._found[film.sha256], net.looks(net.head(maps), maps)).status


class Measuring:
    """The test films and other pictures at hand, and what networks make of them."""

    def __init__(self, sources: Sources, root: Path, spec: InputSpec, judge_film: Judge | None = None):
        self.sources, self.root, self.spec, self.judge = sources, root, spec, judge_film or Judge()

    def figures(self, net: GateNet, films: Sequence[Film], about: str) -> list[Measure]:
        """Shares refused, and stopped (refused or warned), with Wilson intervals."""
        said = [self.judge(net, film, self.spec) for film in films]
        stopped = sum(status != "ok" for status in said)
        return [
            *proportion("refused", about, said.count("refused"), len(said)),
            *proportion("refused or warned", about, stopped, len(said)),
        ]

    def unseen(self, net: GateNet, kinds: Sequence[str], collections: Sequence[str]) -> list[Measure]:
        """Everything there is of the kinds, and test films of the collections, that this network never saw."""
        found = []
        for kind in kinds:
            films = self._views(kind, ("train", "val", "test")) if kind in VIEWS else self._foreign(kind)
            found += self.figures(net, films, f"unseen kind: {kind}")
        for name in collections:
            found += self.figures(net, self._collection(name), f"unseen collection: {name}")
        return found

    def seen(self, net: GateNet) -> list[Measure]:
        """Test films: all collections together and apart, laterals and CT slices, and films spoilt on purpose."""
        names = sorted(set(self.sources.rows.source))
        apart = {name: self._collection(name) for name in names}
        everyone = [film for films in apart.values() for film in films]
        found = self.figures(net, everyone, "all collections")
        for name, films in apart.items():
            found += self.figures(net, films, f"collection: {name}")
        for view in VIEWS:
            found += self.figures(net, self._views(view, ("test",)), view)
        for name in SHOWN:
            found += self.figures(net, spoilt(everyone[::4], name), name)
        return found

    def _collection(self, name: str) -> list[Film]:
        rows = self.sources.rows
        return self._films(rows[(rows.split == "test") & (rows.source == name) & (rows["view"] == "frontal")][:MOST])

    def _views(self, view: str, splits: tuple[str, ...]) -> list[Film]:
        rows = self.sources.rows
        return self._films(rows[rows.split.isin(splits) & (rows["view"] == view)])

    def _films(self, rows: pd.DataFrame) -> list[Film]:
        return [read_film((self.root / path).read_bytes()) for path in rows.path]

    def _foreign(self, kind: str) -> list[Film]:
        files = sorted((self.root.parent / "notchest" / kind).glob("*.jpg"))
        return [made(picture(file), str(file)) for file in files]


def made(pixels: np.ndarray, identity: str) -> Film:
    return Film(np.asarray(pixels, np.float32), identity, "Film", "PNG")


def spoilt(films: Sequence[Film], name: str) -> list[Film]:
    """Each film, squashed to a square, after ``SPOILT[name]``; its neighbour is the second film where one is needed."""
    rng, squares = np.random.default_rng(0), [grey(film.pixels, SQUARE) for film in films]
    pairs = zip(films, squares, np.roll(np.arange(len(films)), 1), strict=True)
    return [made(SPOILT[name](square, squares[other], rng), f"{film.sha256}-{name}") for film, square, other in pairs]
