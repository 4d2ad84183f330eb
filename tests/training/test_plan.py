from dataclasses import replace

import pytest
from tiny_recipe import STAGE, films, recipe

from cxr_models.errors import TrainingError
from cxr_models.registry import build
from cxr_models.training.plan import factor, pace, planned, scaled, views
from cxr_models.training.run import gather
from cxr_models.training.stage import Material

TWO = recipe(replace(STAGE, epochs=10, films=0), replace(STAGE, name="two", epochs=4, films=6))


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Twelve training films and four validation films."""
    root = tmp_path_factory.mktemp("films")
    index = films(root)
    return Material(index, gather(index, recipe(), root, root / "cache"), recipe().input)


def test_all_stages_are_shortened_alike(given):
    assert [views(stage, given) for stage in TWO.stages] == [120, 24]
    half = scaled(TWO, given, 0.5)
    assert [views(stage, given) for stage in half.stages] == [60, 12]
    assert [(s.epochs, s.films) for s in half.stages] == [(5, 12), (2, 6)]


def test_less_than_an_epoch_is_a_part_of_one_and_at_least_a_batch(given):
    little = scaled(TWO, given, 0.01)
    assert [(s.epochs, s.films) for s in little.stages] == [(1, 4), (1, 4)]


def test_the_factor_by_hand(given):
    """120 films of 1 s and 24 of 5 s take 240 s, with a tenth to spare 264 s."""
    assert factor(TWO, given, [1.0, 5.0], 132) == pytest.approx(0.5)
    assert factor(TWO, given, [1.0, 5.0], 1000) == 1


def test_a_share_outside_0_to_1_is_an_error(given):
    for share in (0, 1.5):
        with pytest.raises(TrainingError, match="share of"):
            scaled(TWO, given, share)


def test_the_pace_leaves_the_network_as_it_was(given):
    net = build("cnn_x", {"size": 32, "classes": 3})
    before = {name: t.clone() for name, t in net.state_dict().items()}
    assert pace(net, STAGE, given) > 0
    assert all(t.equal(before[name]) for name, t in net.state_dict().items())


def test_a_run_keeps_its_first_plan(given, tmp_path):
    net = build("cnn_x", {"size": 32, "classes": 3})
    first = planned(net, TWO, given, tmp_path, None, 0.5)
    assert planned(net, TWO, given, tmp_path, None, 0.5) == first != TWO
    assert planned(net, TWO, given, tmp_path / "other", None) is TWO
    tight = planned(net, TWO, given, tmp_path / "tight", 1e-6)
    assert sum(views(stage, given) for stage in tight.stages) == 8


def test_a_run_begun_otherwise_is_not_gone_on_with(given, tmp_path):
    net = build("cnn_x", {"size": 32, "classes": 3})
    planned(net, TWO, given, tmp_path, None, 0.5)
    for seconds, share in ((None, 1.0), (None, 0.25), (60.0, 0.5)):
        with pytest.raises(TrainingError, match="another --share or --budget"):
            planned(net, TWO, given, tmp_path, seconds, share)
    whole = tmp_path / "whole"
    whole.mkdir()
    (whole / "run.json").write_text("{}")
    assert planned(net, TWO, given, whole, None) is TWO
    with pytest.raises(TrainingError, match="another --share or --budget"):
        planned(net, TWO, given, whole, None, 0.5)
