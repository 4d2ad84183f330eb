import numpy as np
import pandas as pd
import pytest

from cxr_models.data import protocols
from cxr_models.data.protocols import PROTOCOLS, protocol
from cxr_models.errors import TrainingError


def part(source: str, label: str, n: int, start: int, subtype: str = "", each: int = 1) -> pd.DataFrame:
    rows = pd.DataFrame({"source": source, "label": label, "subtype": subtype, "group": start + np.arange(n) // each})
    return rows.assign(path=[f"{source}/{label}{subtype}{start + i}" for i in range(n)], split="train", mask="")


@pytest.fixture(scope="module")
def films():
    """Kermany-like films, two sources of COVID-19 that share 20 groups, groups of two, and a conflict."""
    parts = [
        part("kermany", "normal", 400, 0, each=2),
        part("kermany", "pneumonia", 600, 1000, "bacterial", each=2),
        part("kermany", "pneumonia", 300, 2000, "viral", each=2),
        part("large", "covid19", 150, 3000),
        part("small", "covid19", 80, 3130),
        part("mixed", "covid19", 40, 3140),
        part("mixed", "pneumonia", 35, 4000),
        part("kermany", "normal", 4, 9000).assign(split="left out"),
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("name", [name for name in PROTOCOLS if name not in ("by-image", "stored")])
def test_no_group_has_two_roles(films, name):
    table = protocol(name, films).table
    both = table.assign(group=table.path.map(films.set_index("path").group)).groupby("group")
    assert both[["role", "fold"]].nunique().to_numpy().max() == 1
    assert not table.path.isin(films.path[films.split == "left out"]).any() and table.path.is_unique


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_seed_gives_the_same_table(films, name):
    assert protocol(name, films, 3).table.equals(protocol(name, films, 3).table)


@pytest.mark.parametrize(
    "name, wanted",
    [("cae", {"train": 0.73, "val": 0.135, "test": 0.135}), ("transfer", {"train": 0.64, "val": 0.16, "test": 0.2})],
)
def test_shares(films, name, wanted):
    assert protocol(name, films).table.role.value_counts(normalize=True).to_dict() == pytest.approx(wanted, abs=0.01)


def test_counts_are_the_papers_where_there_are_enough_films(films):
    table = protocol("scenario-3", films).table
    counts = table.groupby(["class", "role"]).size()
    assert (counts["covid19", "train"], counts["covid19", "test"]) == (111, 43)
    assert (counts["bacterial", "train"], counts["bacterial", "test"]) == (350, 242)


def test_people_with_both_causes_count_in_both_classes_on_one_side(films):
    both = films.assign(group=films.group.where(films.subtype != "viral", films.group - 1000))
    found = protocol("scenario-3", both)
    table = found.table.assign(group=found.table.path.map(both.set_index("path").group))
    assert table.groupby("group").role.nunique().max() == 1
    assert table["class"].value_counts()["viral"] > 200


def test_fewer_films_keep_the_papers_proportion_and_say_so(films):
    found = protocol("covidx", films)
    counts = found.table.groupby(["class", "role"]).size()
    assert counts["normal", "test"] / counts["normal"].sum() == pytest.approx(885 / (885 + 7966), abs=0.005)
    assert (counts["covid19", "train"], counts["covid19", "test"]) == (89, 10)
    said = [note for note in found.notes if note.startswith("normal")]
    assert said and "where the paper has 7,966 and 885" in said[0]


@pytest.mark.parametrize("name", ["scenario-1", "scenario-2", "scenario-3"])
def test_covid19_is_tested_on_another_source(films, name):
    found = protocol(name, films)
    covid = found.table[found.table["class"] == "covid19"]
    sources = covid.path.str.split("/").str[0].groupby(covid.role).unique().map(list).to_dict()
    assert sources == {"train": ["large"], "test": ["small"]}
    assert "trained on large and tested on small" in found.notes[0]


def test_one_source_of_covid19_makes_no_scenario(films):
    with pytest.raises(TrainingError, match="Add a second collection"):
        protocol("scenario-1", films[~films.source.isin(["small", "mixed"])])


def test_scenarios_need_causes(films):
    with pytest.raises(TrainingError, match="tells bacterial from viral"):
        protocol("scenario-2", films.assign(subtype=""))


def test_every_film_is_tested_in_one_of_ten_folds(films):
    table = protocol("ten-fold", films).table
    assert set(table.fold) == set(range(10)) and len(table) == (films.split != "left out").sum()
    sizes = table.groupby(["class", "fold"]).size().unstack()
    assert (sizes.max(axis=1) - sizes.min(axis=1)).max() <= 4


def test_the_other_source_has_both_classes_and_nothing_of_it_was_seen(films):
    found = protocol("other-source", films)
    role, known = found.table.set_index("path").role, films.set_index("path")
    tested = known.loc[role.index[role == "test"]]
    assert set(tested.source) == {"mixed"} and len(tested) == 75
    assert not set(tested.group) & set(known.group[role.index[role != "test"]])
    assert found.notes == ("Trained without mixed, tested on all of it.",)
    with pytest.raises(TrainingError, match="No source has 30 films of COVID-19 and of another class"):
        protocol("other-source", films[films.source != "mixed"])


def test_a_split_by_image_says_what_it_leaks(films):
    found = protocol("by-image", films)
    role = found.table.set_index("path").role
    groups = films.set_index("path").group[role.index]
    leaked = sum(groups[path] in set(groups[role == "train"]) for path in role.index[role == "test"])
    assert leaked > 0 and f"{leaked} of {(role == 'test').sum()} test films" in found.notes[0]


def test_leak_by_hand():
    films = pd.DataFrame({"path": list("abcd"), "group": [0, 0, 1, 2]})
    table = pd.DataFrame({"path": list("abcd"), "role": ["train", "test", "test", "val"]})
    assert protocols.leak(films, table).startswith("1 of 2 test films (50.0%)")


def test_an_unknown_name_lists_the_protocols(films):
    with pytest.raises(TrainingError, match="covidx, scenario-1"):
        protocol("eleven-fold", films)


def test_no_film_is_an_error(films):
    with pytest.raises(TrainingError, match="no film"):
        protocol("cae", films.assign(split="unreadable"))


def test_films_with_lung_masks_are_in_the_folds_without_a_label(films):
    masked = part("lungs", "", 40, 5000).assign(mask="m.png")
    table = protocol("ten-fold", pd.concat([films, masked], ignore_index=True)).table
    lungs = table[table.path.isin(masked.path)]
    assert len(lungs) == 40 and set(lungs.fold) == set(range(10)) and set(lungs["class"]) == {""}
