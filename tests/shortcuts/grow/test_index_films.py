"""Films of an index in place of phantoms: balanced, groups whole, and every mistake a sentence."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cxr_models.errors import Cancelled, TrainingError
from cxr_models.shortcuts.grow import index_films as module
from cxr_models.shortcuts.grow.films import letter_at

LABELS = ("covid19", "normal", "pneumonia", "normal")


def collection(root: Path, count: int) -> Path:
    """``count`` films of grey noise, two to a patient; film k is as bright as k says."""
    rng = np.random.default_rng(0)
    for number in range(count):
        pixels = rng.integers(0, 200, (60, 40)).astype(np.uint8)
        pixels[0, 0], pixels[-1, -1] = 255, number
        Image.fromarray(pixels).save(root / f"{number}.png")
    label = [LABELS[number % 4] for number in range(count)]
    films = {"path": [f"{number}.png" for number in range(count)], "label": label, "split": "train"}
    index = root / "index.csv"
    pd.DataFrame(films).assign(group=np.arange(count) // 2).to_csv(index, index=False)
    return index


def made(index: Path, root: Path, seed: int = 0, cancelled=lambda: False):
    return module.index_films(index, root, seed, lambda share, doing: None, cancelled)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "FEWEST", 3)
    return collection(tmp_path, 64)


def test_films_are_read_small_and_balanced(small: Path):
    found = made(small, small.parent)
    for part in (found.train, found.test):
        assert part.pixels.shape[1:] == (96, 96) and part.opacity is None
        assert part.pixels.min() >= 0 and part.pixels.max() <= 1
        assert part.ill.sum() * 2 == len(part.ill)
    assert [one.ill for one in found.examples] == [True, False]
    assert (found.examples[0].pixels[letter_at((60, 40))] > 0).all()


def test_the_seed_says_which(small: Path):
    first, same, other = (made(small, small.parent, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.train.pixels, same.train.pixels)
    assert not np.array_equal(first.train.pixels, other.train.pixels)


def test_no_group_is_on_both_sides_and_films_set_aside_are_not_used(small: Path):
    films = pd.read_csv(small)
    films.loc[:7, "split"] = "left out"
    films.loc[8, "label"] = ""
    films.to_csv(small, index=False)
    listed = module.listed(small)
    assert len(listed) == 64 - 9 and listed.line.min() == 11
    drawn = module.drawn(listed, np.random.default_rng(0))
    assert not set(drawn.group[drawn.learned]) & set(drawn.group[~drawn.learned])


def test_no_more_films_are_taken_than_are_read_in_time(small: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST", 24)
    drawn = module.drawn(module.listed(small), np.random.default_rng(0))
    assert (drawn.learned.sum(), (~drawn.learned).sum()) == (18, 6)


def test_reading_can_be_cancelled(small: Path):
    with pytest.raises(Cancelled):
        made(small, small.parent, cancelled=lambda: True)


def said(index: Path, root: Path) -> str:
    with pytest.raises(TrainingError, match=r"[.]$|ROOT$") as error:
        made(index, root)
    return str(error.value)


def test_a_missing_index_a_wrong_table_and_a_wrong_folder_are_sentences(small: Path, tmp_path: Path):
    assert "it is not there" in said(tmp_path / "none.csv", tmp_path)
    assert "cannot be used" in said(tmp_path, tmp_path)
    assert "cannot be used" in said(tmp_path / "0.png", tmp_path)
    assert "no folder" in said(small, tmp_path / "none")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("path,label\na.png,normal\n")
    assert "no column group" in said(wrong, tmp_path)


def test_too_few_films_are_a_sentence(tmp_path: Path):
    assert "too few films" in said(collection(tmp_path, 12), tmp_path)


def test_a_film_that_is_not_there_or_cannot_be_read_is_named_by_its_line(small: Path):
    for number in range(64):
        (small.parent / f"{number}.png").write_bytes(b"no film")
    assert "The film in line" in (text := said(small, small.parent)) and ".png" not in text
    for number in range(64):
        (small.parent / f"{number}.png").unlink()
    assert "not below" in (text := said(small, small.parent)) and ".png" not in text
