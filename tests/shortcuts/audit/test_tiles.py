"""Eight by eight tiles of grey, from the kept small pictures or from the films."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from trees import save

from cxr_models.data.thumbnails import thumbnails
from cxr_models.shortcuts.audit.tiles import Tiles, greys


@pytest.fixture
def index(tmp_path):
    """48 films: of "covid19" the left half is bright, of "normal" the right one; a third are test films."""
    rows = []
    for i in range(48):
        picture = np.random.default_rng(i).integers(0, 100, (128, 128)).astype(np.uint8)
        picture[:, 64 * (i % 2) : 64 * (i % 2) + 64] += 100
        save(tmp_path / f"{i}.png", picture)
        sha256 = hashlib.sha256((tmp_path / f"{i}.png").read_bytes()).hexdigest()
        label, split = ("covid19", "normal")[i % 2], "test" if i % 3 == 0 else "train"
        rows.append({"path": f"{i}.png", "sha256": sha256, "label": label, "split": split})
    return pd.DataFrame(rows).assign(source="a", group=range(48))


def test_tiles_are_means_of_their_part(tmp_path):
    picture = np.kron(np.arange(64).reshape(8, 8) * 4, np.ones((16, 16))).astype(np.uint8)
    save(tmp_path / "a.png", picture)
    rows = pd.DataFrame([{"path": "a.png", "sha256": "unknown"}])
    found = greys(rows, tmp_path, tmp_path / "none")
    assert found.shape == (1, 64)
    assert found[0] == pytest.approx(np.arange(64) / 63, abs=0.01)  # stretched to 0..1


def test_a_regression_that_never_saw_the_films_tells_them_apart(index, tmp_path):
    rows = index[index.split == "test"].reset_index(drop=True)
    said = Tiles(index, rows, tmp_path, tmp_path / "none").answers(("covid19", "normal", "pneumonia"))
    assert list(said) == [0 if label == "covid19" else 1 for label in rows.label]


def test_kept_pictures_are_used_where_there_are_some(index, tmp_path):
    paths, folder = list(index.path), tmp_path / "cache"
    kept = thumbnails(tmp_path, paths, folder)
    assert list(kept.sha256) == list(index.sha256)
    before = greys(index, tmp_path, tmp_path / "none")
    for path in paths:
        (tmp_path / path).unlink()
    assert (greys(index, tmp_path, folder) == before).all()
