"""Networks taught one thing: what they learn from, and that their maps are asked about it alone."""

from dataclasses import replace

import pandas as pd
import pytest
import tiny_recipe
from small_models import installed

from cxr_models import manifest, results
from cxr_models.data.lettered import COLUMNS, persons
from cxr_models.errors import UnknownMethod
from cxr_models.evaluation import maps
from cxr_models.training import recipes, taught


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Networks of 32 pixels, one epoch on 12 films, in place of those of the command."""
    tiny = replace(tiny_recipe.recipe(), id="whole")
    with installed(tmp_path):
        monkeypatch.setattr(recipes, "get", lambda model_id: tiny)
        monkeypatch.setattr(taught, "FILMS", 12)
        monkeypatch.setattr(taught, "STAGES", (replace(tiny_recipe.STAGE, epochs=1, films=0, augment=""),))
        monkeypatch.setattr(maps, "FOLDER", tmp_path / "results")
        yield tmp_path


def table() -> pd.DataFrame:
    films = pd.DataFrame(persons(taught.FILMS, maps.phantoms.TEXTS), columns=COLUMNS)
    return films.assign(sha256=films.path)


def test_opacities_and_letters_go_together_by_chance_alone():
    films = table()
    counts = pd.crosstab(films.finding, films.text != "")
    assert (counts == taught.FILMS / 6).all(axis=None)
    learned = films[films.split == "train"]
    assert len(learned) == taught.FILMS * 4 / 5
    counts = pd.crosstab(learned.finding, learned.text != "")
    assert (counts == taught.FILMS / 6 * 4 / 5).all(axis=None)


def test_no_person_is_tested_who_was_learned_from():
    assert table().number.min() > maps.phantoms.PEOPLE
    assert table().number.is_unique


def test_the_two_indexes_differ_in_their_labels_alone():
    films = table()
    opacity, marker = (taught.labelled(films, cause) for cause in taught.CLASSES)
    assert opacity.drop(columns="label").equals(marker.drop(columns="label"))
    assert (opacity.label == films.finding).all()
    assert set(marker.label[films.text != ""]) == {"covid19"} and set(marker.label[films.text == ""]) == {"normal"}


def test_both_are_taught_and_what_their_maps_hit_is_stored(small):
    found = taught.measure(("cam",), small / "runs", films=1)
    assert results.evaluation("maps", small / "results", "taught") == found
    assert found.command == "python -m cxr_models evaluate maps --taught"
    asked = {m.about for m in found.measures if m.name == "odds doubled"}
    assert asked == {"opacity, taught-opacity", "marker, taught-marker"}
    assert {m.n for m in found.measures if m.name == "odds doubled"} == {1, 2}  # one person: two findings, one text
    specs = manifest.specs(small / "runs/taught/weights_manifest.toml")
    assert specs["taught-opacity"].classes == ("covid19", "normal", "pneumonia")
    assert specs["taught-marker"].classes == ("covid19", "normal")
    assert "taught-opacity" not in manifest.specs()
    before = {file: file.stat().st_mtime_ns for file in (small / "runs/taught/films").iterdir()}
    assert taught.measure(("cam",), small / "runs", films=1).measures == found.measures
    assert {file: file.stat().st_mtime_ns for file in (small / "runs/taught/films").iterdir()} == before


def test_a_method_that_explains_nothing_is_named_before_anything_is_drawn(small):
    with pytest.raises(UnknownMethod, match="residual"):
        taught.measure(("residual",), small / "runs", films=1)
    assert not (small / "runs").exists()
