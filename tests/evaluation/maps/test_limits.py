"""Limits from pairs of films, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from explain.tiny import a_film

from cxr_models.errors import TrainingError
from cxr_models.evaluation.maps import limits
from cxr_models.evaluation.maps.limits import Pair, figures, of, packed, pairs, quantile, table, unpacked
from cxr_models.explain.checks.agreement import SIDE
from cxr_models.explain.checks.limits import LIMITS as IN_USE
from cxr_models.explain.checks.limits import Limits

RISING = np.arange(SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)


def look(film, values, method="cam", target="covid19", model="m", signed=True):
    grids = {"whole": packed(values), "positive": packed(values.clip(0))}
    return of(film, model, method, {"target": target, "signed": signed} | grids)


def test_a_grid_is_kept_to_the_last_bit():
    values = RISING / 7 - 5
    assert (unpacked(packed(values)) == values).all()
    assert unpacked(packed(np.ones((3 * SIDE, 2 * SIDE)))).tolist() == np.ones((SIDE, SIDE)).tolist()


def test_only_maps_of_one_model_and_class_on_two_films_are_compared():
    looks = [
        look("a", RISING),
        look("b", -RISING),
        look("b", RISING, method="occlusion"),
        look("a", RISING, target="normal"),
        look("b", RISING, model="other"),
    ]
    found = {(one.method, one.other, one.film): one.value for one in pairs(looks)}
    # Upside down is -1; cam of a against occlusion of b stands once from either side.
    assert found == {
        ("cam", "cam", "a"): pytest.approx(-1),
        ("cam", "occlusion", "a"): pytest.approx(1),
        ("occlusion", "cam", "b"): pytest.approx(1),
    }


def test_where_one_map_has_no_sign_positive_parts_are_compared():
    middle = RISING - RISING.mean()
    (found,) = pairs([look("a", middle), look("b", middle.clip(0), method="cam", signed=False)])
    assert found.value == pytest.approx(1)


def test_maps_of_the_lungs_alone_are_compared_where_both_are_shown():
    """The two agree there and nowhere else."""
    left, top = np.zeros_like(RISING), np.zeros_like(RISING)
    left[:, :28], top[:28] = 1, 1
    one, other = look("a", RISING), look("b", np.where((left * top) > 0, RISING, -RISING))
    (whole,) = pairs([one, other])
    (shown,) = pairs([one._replace(shown=left > 0), other._replace(shown=top > 0)])
    assert whole.value < 0 and shown.value == pytest.approx(1)
    record = {"target": "covid19", "signed": True} | dict.fromkeys(("whole", "positive", "shown"), packed(left))
    assert (of("a", "m", "cam", record).shown == (left > 0)).all() and one.shown is None


def test_a_map_that_was_not_there_is_none():
    assert of("a", "m", "cam", {"target": ""}) is None


def test_limits_are_quantiles_of_the_pairs():
    values = [i / 100 for i in range(-20, 80)]  # 100 pairs of films, from -0.20 to 0.79
    found = [Pair("cam", "cam", f"a{i}", f"b{i}", v) for i, v in enumerate(values)]
    found += [Pair("cam", "occlusion", f"a{i}", f"b{i}", v / 2) for i, v in enumerate(values)]
    repeat, random, agreement = figures(found)
    assert (repeat.name, repeat.about, repeat.value, repeat.n) == ("repeat limit", "cam", 0.74, 200)
    assert random.value == 0.29  # sizes: 0, 0.01 to 0.20 twice, then 0.21 on; the 50th is the ninth of these
    assert agreement.value == pytest.approx(0.37)
    assert all(m.low <= m.value <= m.high for m in (repeat, random, agreement)) and random.low < random.high


def test_a_film_drawn_twice_counts_twice():
    values, weights = np.array([0.1, 0.2, 0.3]), np.array([[1, 0, 0], [1, 4, 0], [1, 0, 0]])
    assert quantile(values, weights, 0.5)[:2].tolist() == [0.2, 0.2] and np.isnan(quantile(values, weights, 0.5)[2])


def test_the_table_is_the_one_in_use():
    found = figures([Pair("cam", other, "a", "b", 0.25) for other in ("cam", "occlusion")])
    text = table(found)
    assert text.splitlines()[1] == '    "cam": Limits(repeat=0.25, random=0.25, agreement=0.25),'
    known = {"Limits": Limits}
    exec(text, known)
    assert known["LIMITS"] == {"cam": Limits(0.25, 0.25, 0.25)} and "cam" in IN_USE


def test_the_class_named_is_explained(weighted, lower_right, right_lung):
    case = SimpleNamespace(film=a_film(lower_right), lungs=right_lung, decided=lambda model_id: "covid19")
    record = limits.looked(case, weighted, "cam")
    assert (record["target"], record["signed"]) == ("covid19", True)
    assert unpacked(record["whole"]).argmax() // SIDE > SIDE / 2
    case.decided = lambda model_id: "non_covid19"
    assert limits.looked(case, weighted, "cam") == {"target": ""}  # its CAM is 0 everywhere


def test_one_film_gives_no_limits_and_says_so():
    with pytest.raises(TrainingError, match="No limits come of so few maps"):
        table(figures(list(pairs([look("a", RISING)]))))
