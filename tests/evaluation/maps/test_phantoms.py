"""Maps against known causes, by hand."""

import numpy as np
import pandas as pd
import pytest
from explain.tiny import a_film

from cxr_models.evaluation.maps import phantoms
from cxr_models.evaluation.maps.phantoms import (
    Pair,
    Person,
    figures,
    filled,
    found_by,
    looked,
    marked,
    spoken_for,
    widened,
)
from cxr_models.types import Map


def a_map(values):
    return Map(np.asarray(values, np.float32), "m", "cam", "covid19", True, "none")


def a_person(pair, lungs):
    person = Person(0, "covid19")
    person.pair, person.lungs = pair, lungs
    return person


def figure(found, name, about):
    return next(m for m in found if (m.name, m.about) == (name, about))


def test_fifteen_pixels_of_256_are_to_spare():
    point = np.zeros((256, 256), bool)
    point[100, 100] = True
    wide = widened(point)
    assert wide[100, 115] and wide[85, 100] and not wide[100, 116] and not wide[84, 100]
    assert not widened(np.zeros((256, 256), bool)).any()


def test_a_hit_is_a_maximum_within_reach_of_the_cause():
    region, values = np.zeros((256, 256), bool), np.zeros((256, 256))
    region[:, 100:110] = True
    values[50, 124], values[50, 105] = 3, 1
    found = found_by(a_map(values), region)
    assert found["hit"] and found["share"] == pytest.approx(1 / 4)
    assert found["area"] == pytest.approx(10 / 256) and found["chance"] == pytest.approx(40 / 256, abs=0.001)
    values[50, 126] = 4
    assert not found_by(a_map(values), region)["hit"]


def test_a_plateau_hits_with_most_of_its_pixels():
    region = np.zeros((256, 256), bool)
    region[:, :10] = True
    values = np.zeros((256, 256))
    values[0, 0], values[200:204, 200] = 1, 1  # the first in memory's order hits, four others do not
    assert not found_by(a_map(values), region)["hit"]


@pytest.mark.parametrize("made", [None, a_map(-np.ones((256, 256)))])
def test_a_map_without_positive_evidence_hits_nothing(made):
    found = found_by(made, np.ones((256, 256), bool))
    assert (found["hit"], found["share"], found["area"]) == (False, None, 1.0)


def test_the_cause_is_all_that_two_phantoms_differ_in():
    pair = marked(0)
    assert (pair.without.pixels[~pair.region] == pair.added.pixels[~pair.region]).all()
    rows, columns = np.nonzero(pair.region)
    assert rows.max() < 0.1 * phantoms.SIZE and columns.min() > 0.5 * phantoms.SIZE  # a top corner
    pair = filled(3, "pneumonia")
    change = np.abs(pair.added.pixels - pair.without.pixels)
    assert change[pair.region].mean() > 10 * change[~pair.region].mean()


def test_a_model_that_is_moved_is_explained_and_one_that_is_not_is_counted(weighted, dark, lower_right, right_lung):
    # Logits 4 q - 1 and 3: p is 0.018 without and 0.5 with the bright quarter; the CAM is 4 there, 0 elsewhere.
    person = a_person(Pair(dark, a_film(lower_right), lower_right, "covid19"), right_lung)
    found = looked(person, weighted, "cam")
    assert (found["before"], found["after"]) == (pytest.approx(1 / (1 + np.exp(4)), abs=1e-5), pytest.approx(0.5))
    assert found["hit"] and 0.75 < found["share"] < 1  # bilinear upsampling spills over
    found = looked(a_person(Pair(dark, dark, lower_right, "covid19"), right_lung), weighted, "cam")
    assert set(found) == {"before", "after"} and found["before"] == found["after"]


def test_letters_speak_for_the_class_that_rises_most(weighted, dark, lower_right, right_lung):
    bright = a_film(lower_right)
    before, after = (phantoms.inference.predict(film, right_lung, weighted) for film in (dark, bright))
    assert spoken_for("", before, after) == "covid19" and spoken_for("", after, before) == "non_covid19"
    assert spoken_for("pneumonia", before, after) == "non_covid19"


def test_hits_are_counted_over_pairs_that_moved_the_answer():
    row = {"cause": "opacity", "kind": "covid19", "model": "m", "method": "cam", "area": 0.1, "chance": 0.25}
    rows = [
        row | {"seed": 0, "before": 0.1, "after": 0.4, "hit": True, "share": 0.6},
        row | {"seed": 1, "before": 0.8, "after": 0.9, "hit": False, "share": 0.2},
        {"cause": "opacity", "kind": "covid19", "model": "m", "method": "cam", "seed": 2, "before": 0.5, "after": 0.6},
        {
            "cause": "opacity",
            "kind": "covid19",
            "model": "m",
            "method": "cam",
            "seed": 3,
            "before": None,
            "after": None,
        },
    ]
    found = figures(pd.DataFrame(rows))
    raised, doubled = (figure(found, name, "opacity, m") for name in ("probability raised by 0.2", "odds doubled"))
    hit = figure(found, "hit", "opacity, m, cam")
    assert (raised.value, raised.n) == (pytest.approx(1 / 3, abs=1e-4), 3)
    assert doubled.value == pytest.approx(2 / 3, abs=1e-4)  # 0.1 to 0.4: odds 1:9 to 2:3; 0.8 to 0.9: 4 to 9
    assert (hit.value, hit.n, hit.low, hit.high) == (0.5, 2, 0.0945, 0.9055)  # Wilson, 1 of 2
    assert figure(found, "evidence on the cause", "opacity, m, cam").value == 0.4
    assert figure(found, "chance of a hit", "opacity, m, cam").value == 0.25


def test_where_no_answer_is_raised_nothing_is_said_of_hits():
    row = {"cause": "marker", "kind": "marker", "model": "m", "method": "cam", "seed": 0, "before": 0.5, "after": 0.51}
    found = figures(pd.DataFrame([row]))
    assert [(m.name, m.value, m.n) for m in found] == [("probability raised by 0.2", 0, 1), ("odds doubled", 0, 1)]


def test_people_come_with_every_kind_before_the_next():
    assert [(one.seed, one.kind, one.cause) for one in phantoms.people(2)][:4] == [
        (0, "covid19", "opacity"), (0, "pneumonia", "opacity"), (0, "marker", "marker"), (1, "covid19", "opacity")
    ]  # fmt: skip
