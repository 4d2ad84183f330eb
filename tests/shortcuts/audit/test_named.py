"""A network that knows where films come from and nothing of disease, and what is not asked."""

import numpy as np
import pandas as pd
import pytest

from cxr_models.shortcuts.audit.named import probes


@pytest.fixture(scope="module")
def found():
    """80 films of two collections and two classes in equal parts; feature 0 is the collection; children in "south"."""
    rows = pd.DataFrame({"source": ["north", "south"] * 40, "label": (["normal"] * 2 + ["covid19"] * 2) * 20})
    rows = rows.assign(group=range(80), view="frontal", age_group=rows.source.map({"north": "adult", "south": "child"}))
    askew = pd.DataFrame({"source": ["north"] * 3, "label": "", "group": range(80, 83), "view": "lateral"})
    rows = pd.concat([rows, askew.assign(age_group="")], ignore_index=True)
    features = np.random.default_rng(0).normal(size=(83, 6))
    features[:, 0] += np.where(rows.source == "south", 8, -8)
    return {one.asked: one for one in probes(features, rows)}


def test_the_collection_is_named_and_the_disease_is_not(found):
    assert found["collection"].found.value == 1 and found["collection"].chance == 0.5
    assert 0.3 < found["disease"].found.value < 0.7 and found["disease"].v == 0


def test_among_films_of_one_class_too(found):
    one = found["collection, normal films only"]
    assert one.found.value == 1 and one.found.n == 40 and one.counts == {"north": 20, "south": 20}
    assert found["collection, COVID-19 films only"].found.n == 40


def test_adult_or_child_says_that_it_is_the_collection(found):
    assert found["adult or child"].found.value == 1 and found["adult or child"].v == 1
    assert found["adult or child"].counts == {"adult": 40, "child": 40}


def test_what_too_few_films_have_is_not_asked(found):
    assert found["view"].found is None
    assert found["view"].reason == "frontal alone has 10 films or more: there is nothing to tell apart."
