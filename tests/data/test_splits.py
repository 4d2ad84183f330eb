import numpy as np
import pandas as pd
import pytest

from cxr_models.data import splits


def films(n: int = 2000) -> pd.DataFrame:
    """n films, two a group, two labels."""
    rows = pd.DataFrame({"source": "a", "label": ["covid19", "normal"] * (n // 2), "group": np.arange(n) // 4 * 2})
    rows["group"] += np.arange(n) % 2
    return rows.assign(path=[str(i) for i in range(n)])


def test_no_group_is_split_and_shares_are_kept():
    rows = films()
    rows["split"] = splits.split(rows, seed=0)
    assert rows.groupby("group").split.nunique().max() == 1
    for label in ("covid19", "normal"):
        shares = rows[rows.label == label].split.value_counts(normalize=True).to_dict()
        assert shares == pytest.approx({"train": 0.78, "test": 0.15, "val": 0.07}, abs=0.005)


def test_a_seed_gives_the_same_split_and_another_another():
    rows = films()
    assert splits.split(rows, 0).equals(splits.split(rows, 0))
    assert not splits.split(rows, 0).equals(splits.split(rows, 1))


def test_a_single_group_is_trained_on():
    assert splits.split(films(4).head(1), 0).tolist() == ["train"]


def earlier(**split: str) -> pd.DataFrame:
    return pd.DataFrame({"path": list(split), "split": list(split.values())})


def test_a_joined_group_goes_where_its_films_were_seen_most():
    rows = pd.DataFrame({"path": list("abcdefgh"), "group": [0, 0, 1, 1, 2, 2, 3, 3]})
    old = earlier(a="test", b="train", c="test", d="val", e="test", g="left out")
    assert splits.keep(rows, old).tolist() == ["train", "train", "val", "val", "test", "test", "", ""]


def test_new_groups_are_split_and_known_ones_stay():
    rows = films()
    old = rows.head(1000).assign(split=splits.split(rows.head(1000), 7))
    now = splits.split(rows, 0, old)
    assert (now.head(1000) == old.split).all()
    assert now.tail(1000).value_counts(normalize=True)["train"] == pytest.approx(0.78, abs=0.01)


def test_moved_films_are_counted():
    old = earlier(a="test", b="test", c="train")
    now = pd.DataFrame({"path": list("abcd"), "split": ["train", "train", "train", "test"]})
    assert splits.moved(now, old).to_dict("records") == [{"before": "test", "now": "train", "films": 2}]
