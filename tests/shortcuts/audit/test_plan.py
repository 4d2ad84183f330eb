"""Which films are asked about: test films alone, one a group, classes and collections in turn."""

import pandas as pd
import pytest

from cxr_models import inference
from cxr_models.errors import TrainingError, UnknownModel
from cxr_models.shortcuts.audit.plan import Plan, drawn


@pytest.fixture(autouse=True)
def two_models(monkeypatch):
    monkeypatch.setattr(inference, "classifiers", lambda: ("one", "two"))


def films(*parts, split="test", view="frontal"):
    """parts: (source, label, films)."""
    rows = [{"source": source, "label": label} for source, label, n in parts for _ in range(n)]
    return pd.DataFrame(rows).assign(split=split, view=view, group=range(len(rows)), sha256="")


def test_classes_take_turns_and_in_a_class_its_collections():
    chosen = drawn(films(("a", "normal", 30), ("b", "normal", 2), ("c", "covid19", 30)), 12)
    assert list(chosen.label) == ["covid19", "normal"] * 6
    assert list(chosen[chosen.label == "normal"].source) == ["a", "b", "a", "b", "a", "a"]


def test_of_a_group_one_film_is_drawn():
    rows = films(("a", "normal", 10), ("a", "covid19", 10)).assign(group=[0] * 10 + [1] * 10)
    assert sorted(drawn(rows, 20).group) == [0, 1]


def test_a_longer_draw_begins_with_the_shorter():
    rows = films(("a", "normal", 20), ("b", "covid19", 20), ("c", "covid19", 5))
    assert list(drawn(rows, 30).group)[:10] == list(drawn(rows, 10).group)


def test_training_films_are_never_asked_about_and_other_views_come_last():
    index = pd.concat([
        films(("a", "normal", 6), ("a", "covid19", 6)),
        films(("a", "normal", 50), split="train").assign(group=range(100, 150)),
        films(("a", "", 3), view="lateral").assign(group=[200, 200, 201]),
        films(("a", "", 3)).assign(group=[300, 301, 302]),
    ])  # fmt: skip
    rows = Plan(("one",), 2).rows(index)
    assert len(rows) == 4 * 2 + 2 and set(rows.split) == {"test"}
    assert list(rows.label[8:]) == ["", ""] and list(rows["view"][8:]) == ["lateral"] * 2


def test_what_cannot_be_asked_is_said():
    with pytest.raises(UnknownModel, match="unet gives no probability to audit. Those that do: one, two"):
        Plan(("unet",))
    with pytest.raises(TrainingError, match="--films 0"):
        Plan(("one",), 0)
    with pytest.raises(TrainingError, match="No test film"):
        Plan(("one",)).rows(films(("a", "normal", 3), split="train"))
