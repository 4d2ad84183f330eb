import numpy as np
import pandas as pd

from cxr_models.training.store import cached

ROWS = pd.DataFrame({"path": ["1", "2", "3"], "sha256": ["a", "b", "c"]})


def maker(made: list[str]):
    def make(path: str) -> np.ndarray:
        made.append(path)
        return np.full((2, 2), int(path), np.uint8)

    return make


def values(stack) -> list[int]:
    return stack[:, 0, 0].tolist()


def test_a_film_is_decoded_once_whatever_index_it_stands_in(tmp_path):
    made: list[str] = []
    assert values(cached(ROWS[:2], "films2", tmp_path, maker(made))) == [1, 2]
    assert values(cached(ROWS.iloc[[2, 0]], "films2", tmp_path, maker(made))) == [3, 1]
    assert sorted(made) == ["1", "2", "3"]
    assert values(cached(ROWS, "films2", tmp_path, maker(made))) == [1, 2, 3] and len(made) == 3


def test_two_rows_of_one_file_are_one_film(tmp_path):
    made: list[str] = []
    twice = pd.concat([ROWS, ROWS[:1].assign(path="copy")])
    assert values(cached(twice, "films2", tmp_path, maker(made))) == [1, 2, 3, 1] and sorted(made) == ["1", "2", "3"]
