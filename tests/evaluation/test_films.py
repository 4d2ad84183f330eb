import pandas as pd
import pytest

from cxr_models.errors import TrainingError
from cxr_models.evaluation.films import foreign, own

TABLE = pd.DataFrame(
    {
        "path": ["a.png", "b.png"], "source": ["x", "y"], "label": ["covid19", "normal"], "group": [0, 1],
        "split": ["test", "fold 1"], "sha256": ["0" * 64, "1" * 64],
    }
)  # fmt: skip


@pytest.fixture
def table(tmp_path):
    TABLE.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"


def test_the_films_of_a_split_of_another_table(table):
    films = foreign(table, "fold 1", "tenfold")
    assert films.rows.path.tolist() == ["b.png"] and films.rows["mask"].tolist() == [""]
    assert films.foreign and films.name == "tenfold" and "y" in films.data


def test_own_test_films_need_no_options():
    films = own(TABLE)
    assert (films.name, films.options, films.foreign) == ("test", "", False) and films.rows.path.tolist() == ["a.png"]


@pytest.mark.parametrize(
    ("split", "name", "says"),
    [
        ("none", "other", "has no split 'none'. It has: fold 1, test"),
        ("test", "test", "not the test films"),
        ("test", "../up", "names no results file"),
    ],
)
def test_what_does_not_fit_is_a_sentence(table, split, name, says):
    with pytest.raises(TrainingError, match=says):
        foreign(table, split, name)


def test_a_table_that_lacks_columns_or_cannot_be_read_is_a_sentence(table, tmp_path):
    TABLE.drop(columns=["label", "sha256"]).to_csv(table, index=False)
    with pytest.raises(TrainingError, match="table.csv lacks label, sha256"):
        foreign(table, "test", "other")
    table.write_bytes("path,größe\n".encode("latin-1"))
    with pytest.raises(TrainingError, match="is not in UTF-8"):
        foreign(table, "test", "other")
    with pytest.raises(TrainingError, match="no index"):
        foreign(tmp_path / "none.csv", "test", "other")
