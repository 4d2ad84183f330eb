import pandas as pd
import pytest
from trees import person, save

from cxr_models.__main__ import main

LABELS = ("COVID", "Normal", "Viral Pneumonia")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Three films of each of three classes, in one collection."""
    root = tmp_path_factory.mktemp("films")
    for number, label in enumerate(LABELS * 3):
        save(root / f"db/{label}/images/{number}.png", person(number))
    return root


@pytest.fixture(scope="module")
def index(root, tmp_path_factory):
    file = tmp_path_factory.mktemp("index") / "index.csv"
    assert main(["data", "build", str(root), "--out", str(file)]) == 0
    return file


def test_build_prints_the_report(root, tmp_path, capsys):
    assert main(["data", "build", str(root), "--out", str(tmp_path / "new/index.csv")]) == 0
    said = capsys.readouterr().out
    assert "Films by source and label" in said and "9 films in 9 groups" in said
    assert "but not in" in said


def test_build_keeps_an_earlier_split(root, index, tmp_path, capsys):
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    films = pd.read_csv(index, keep_default_na=False).assign(split="test")
    films.to_csv(old, index=False)
    assert main(["data", "build", str(root), "--out", str(new), "--keep", str(old), "--seed", "4"]) == 0
    assert set(pd.read_csv(new).split) == {"test"}


def test_report_writes_one_page(root, index, tmp_path, capsys):
    assert main(["data", "report", str(index), "--out", str(tmp_path / "r.html"), "--root", str(root)]) == 0
    assert (tmp_path / "r.html").read_text(encoding="utf-8").count("<img") == 9
    assert "Adults and children" in capsys.readouterr().out


def test_check_ends_with_status_1_where_something_is_wrong(root, index, tmp_path, capsys):
    films = pd.read_csv(index, keep_default_na=False, dtype=str)
    films = films.sort_values("label", kind="stable")
    films["split"] = ["train", "val", "test"] * 3
    films.to_csv(tmp_path / "good.csv", index=False)
    assert main(["data", "check", str(tmp_path / "good.csv"), "--root", str(root)]) == 0
    assert "nothing wrong with 9 films" in capsys.readouterr().out
    films.assign(sha256="0").to_csv(tmp_path / "bad.csv", index=False)
    assert main(["data", "check", str(tmp_path / "bad.csv"), "--root", str(root)]) == 1
    assert capsys.readouterr().out.count("has changed since it was indexed") == 9


def test_split_writes_an_index_whose_split_is_the_role(index, capsys):
    assert main(["data", "split", str(index), "--protocol", "by-image"]) == 0
    assert "This split is a demonstration" in capsys.readouterr().out
    table = pd.read_csv(index.with_name("index-by-image.csv"), keep_default_na=False)
    assert (table.split == table.role).all() and {"path", "sha256", "class", "fold"} <= set(table)


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["build", "nowhere", "--out", "i.csv"], "There is no folder nowhere"),
        (["report", "nowhere.csv"], "There is no index nowhere.csv"),
        (["split", "INDEX", "--protocol", "eleven-fold"], "The protocols are: stored"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(index, capsys, arguments, said):
    assert main(["data", *(str(index) if a == "INDEX" else a for a in arguments)]) == 1
    error = capsys.readouterr().err
    assert said in error and "Traceback" not in error
