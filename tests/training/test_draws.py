from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tiny_recipe import STAGE

from cxr_models.errors import TrainingError
from cxr_models.training.draws import Draws, cell_weights, of_stage, training, validation
from cxr_models.training.ranks import Ranks

ALONE = Ranks()
ROWS = pd.DataFrame(
    {
        "split": ["train"] * 8 + ["val"] * 4,
        "label": ["normal", "pneumonia", "covid19", ""] * 3,
        "source": "a",
        "path": "p",
    }
)


def draws(seed: int = 0, ranks: Ranks = ALONE) -> Draws:
    return Draws(np.arange(10), np.ones(10), count=10, batch=4, seed=seed, ranks=ranks)


def test_an_epoch_is_drawn_from_its_seed_and_number():
    one = draws()
    first = list(one)
    assert first == list(one) and [len(batch) for batch in first] == [4, 4] == [4] * len(one)
    assert len(set(sum(first, []))) == 8
    one.set_epoch(1)
    assert list(one) != first and list(draws(seed=1)) != first


def test_two_processes_together_see_what_one_sees():
    alone, left, right = list(draws()), list(draws(ranks=Ranks(0, 2))), list(draws(ranks=Ranks(1, 2)))
    assert [sorted(a + b) for a, b in zip(left, right, strict=True)] == [sorted(batch) for batch in alone]


def test_a_cell_weighs_the_square_root_of_its_size():
    rows = pd.DataFrame({"source": ["a"] * 4 + ["b"], "label": "normal", "path": list("vwxyz")})
    weights = cell_weights(rows)
    assert weights.tolist() == [0.5] * 4 + [1.0]
    assert weights[:4].sum() / weights[4] == 2


def test_only_a_task_that_needs_no_class_learns_from_films_without_one():
    assert of_stage(ROWS, STAGE, "train").index.tolist() == [0, 1, 2, 4, 5, 6]
    assert len(of_stage(ROWS, replace(STAGE, task="Reconstruct"), "train")) == 8
    assert of_stage(ROWS, replace(STAGE, labels=("normal",)), "val").index.tolist() == [8]
    with pytest.raises(TrainingError, match="no val films labelled tuberculosis"):
        of_stage(ROWS, replace(STAGE, labels=("tuberculosis",)), "val")


def test_few_films_make_a_small_batch_that_every_process_shares():
    loader = training(ROWS, replace(STAGE, batch=32, films=0), 0, Ranks(0, 2))
    assert [len(rows) for rows in loader] == [3]
    with pytest.raises(TrainingError, match="cannot be shared by 4 processes"):
        training(ROWS, replace(STAGE, batch=6), 0, Ranks(0, 4))


def test_validation_films_are_the_same_at_every_epoch():
    loader = validation(ROWS, STAGE, Ranks())
    assert [rows.tolist() for rows in loader] == [rows.tolist() for rows in loader] == [[8, 9, 10]]
    assert [rows.tolist() for rows in validation(ROWS, STAGE, Ranks(1, 2))] == [[9]]
