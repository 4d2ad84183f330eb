"""What a model says of each film, kept as it goes: an evaluation that was broken off goes on where it stopped.

Logits are kept by what they hang on, the model and the SHA-256 of the film: a changed one is always read anew.
"""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from .. import inference, registry
from ..errors import RefusedFilm, TrainingError
from ..imaging.read import read_film
from ..manifest import ModelSpec
from ..types import NON_COVID19
from .lines import whole_lines


def labelled(index: pd.DataFrame, split: str) -> pd.DataFrame:
    """Films of ``split`` that have a class, in the index's order."""
    return index[(index.split == split) & (index.label != "")].reset_index(drop=True)


def truth_of(rows: pd.DataFrame, classes: tuple[str, ...]) -> np.ndarray:
    """(N,) class numbers; every label that a two-class model does not name is its "non_covid19".

    Raises TrainingError naming the labels that a model has no class for.
    """
    known = {name: k for k, name in enumerate(classes)}
    strange = sorted(set(rows.label) - set(known))
    if strange and NON_COVID19 not in known:
        raise TrainingError(
            f"The labels {', '.join(strange)} are none of {', '.join(classes)}: leave their films out of the index or"
            " measure a model of two classes."
        )
    return np.array([known.get(name, known.get(NON_COVID19)) for name in rows.label], int)


def logits(model_id: str, rows: pd.DataFrame, root: Path, runs: Path) -> np.ndarray:
    """(N, K) logits, film by film, through reading, lungs, preprocessing and the engine, exactly as the app does.

    NaN for a film that the model does not read because no lungs were found.
    """
    spec = registry.spec(model_id)
    file = runs / "predictions" / f"{model_id}-{_key(spec)}.csv"
    known = _kept(file)
    missing = rows[~rows.sha256.isin(known)].drop_duplicates("sha256")
    if len(missing):
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", newline="", buffering=1) as lines:
            for sha256, answer in _answers(model_id, missing, root):
                csv.writer(lines).writerow([sha256, *answer])
                known[sha256] = answer
    return np.array([known[sha256] for sha256 in rows.sha256])


def _key(spec: ModelSpec) -> str:
    """16 hex digits of all that an answer hangs on: the weights, the size and scale of the input, the precision."""
    return hashlib.sha256(repr((spec.sha256, spec.input, spec.precision)).encode()).hexdigest()[:16]


def _kept(file: Path) -> dict[str, list[float]]:
    """Film's SHA-256 -> logits."""
    return {sha256: [float(v) for v in values] for sha256, *values in csv.reader(whole_lines(file))}


def _answers(model_id: str, rows: pd.DataFrame, root: Path) -> Iterator[tuple[str, list[float]]]:
    model = registry.load(model_id)
    for row in tqdm(list(rows.itertuples()), f"{model_id} reads", mininterval=10):
        film = read_film((root / row.path).read_bytes())
        if film.sha256 != row.sha256:
            raise TrainingError(f"{row.path} has changed since the index was made: make the index anew.")
        lungs = inference.find_lungs(film) if model.spec.input.region == "lungs" else None
        try:
            x = inference.Inputs(film)(model.spec.input, lungs)
            yield str(row.sha256), model.run(x)[0][0].tolist()
        except RefusedFilm:
            yield str(row.sha256), [float("nan")] * len(model.spec.classes)
