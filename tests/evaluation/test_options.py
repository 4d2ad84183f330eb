"""What ``python -m cxr_models evaluate`` makes of its options."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from cxr_models import manifest
from cxr_models.errors import TrainingError
from cxr_models.training import cli

INDEX = pd.DataFrame(
    {
        "path": ["a.png", "b.png"], "source": ["x", "y"], "label": ["covid19", "normal"], "group": [0, 1],
        "split": ["test", "val"], "sha256": ["0" * 64, "1" * 64],
    }
)  # fmt: skip


def options(**given):
    return SimpleNamespace(**({"index": None, "split": "test", "name": None, "models": ["resnet18"]} | given))


def test_without_options_it_is_the_test_films():
    films = cli.films_of(options(), INDEX)
    assert (films.name, films.rows.path.tolist(), films.foreign) == ("test", ["a.png"], False)
    assert cli.films_of(options(name="covidx"), INDEX).name == "covidx"


def test_another_table_is_read_under_its_own_name(tmp_path):
    INDEX.to_csv(tmp_path / "other.csv", index=False)
    films = cli.films_of(options(index=tmp_path / "other.csv", split="val", name="other"), INDEX)
    assert (films.name, films.rows.path.tolist(), films.foreign) == ("other", ["b.png"], True)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"split": "val"}, "name the table with --index"),
        ({"index": Path("other.csv")}, "need a --name"),
        ({"index": Path("other.csv"), "name": "other", "models": ["gate"]}, "not the gate"),
    ],
)
def test_options_that_do_not_go_together_are_a_sentence(given, says):
    with pytest.raises(TrainingError, match=says):
        cli.films_of(options(**given), INDEX)


def test_classifiers_are_paired_and_the_others_left_out():
    file = manifest.ROOT / "weights_manifest.toml"
    assert cli.pairs(["unet", "resnet18", "cae", "hrnet", "gate"], file) == [
        ("resnet18", "cae"), ("resnet18", "hrnet"), ("cae", "hrnet")
    ]  # fmt: skip
    with pytest.raises(TrainingError, match="needs two models that classify"):
        cli.pairs(["unet", "resnet18"], file)
