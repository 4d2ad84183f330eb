"""A film of the index, read when it is first needed: a film of which everything is kept is not opened."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ... import inference
from ...data.masks import lung_mask
from ...errors import TrainingError
from ...imaging.preprocess import resize
from ...imaging.read import read_film
from ...types import Film, Lungs


class Case:
    """One row of the index. name: the film's SHA-256."""

    def __init__(self, root: Path, row: Any):
        self._root, self.row, self.name = root, row, str(row.sha256)

    @cached_property
    def film(self) -> Film:
        """Raises TrainingError where it is not the film of the index any more."""
        film = read_film((self._root / self.row.path).read_bytes())
        if film.sha256 != self.name:
            raise TrainingError(f"{self.row.path} has changed since the index was made: make the index anew.")
        return film

    @cached_property
    def lungs(self) -> Lungs:
        """As the UNet finds them."""
        return inference.find_lungs(self.film)

    @cached_property
    def drawn_lungs(self) -> np.ndarray:
        """(H, W) bool, drawn by hand. Raises TrainingError for a mask that cannot be read."""
        return resize(lung_mask(self._root, self.row.mask), self.film.pixels.shape) >= 0.5

    @cached_property
    def alone(self) -> Film:
        """The film with everything outside the lungs, as found and widened, set to 0."""
        region = resize(self.lungs.region, self.film.pixels.shape) >= 0.5
        return Film(self.film.pixels * region, self.name, self.film.name, self.film.kind)

    def decided(self, model_id: str) -> str:
        """The most probable class. Raises RefusedFilm where the model reads the lungs alone and there are none."""
        return inference.predict(self.film, self.lungs, model_id).decided


def cases(root: Path, rows: pd.DataFrame) -> Iterator[Case]:
    return (Case(root, row) for row in rows.itertuples())
