"""Which films, models and methods are measured."""

import pandas as pd
import pytest
from explain.tiny import a_film

from cxr_models.errors import TrainingError, UnknownMethod, UnknownModel
from cxr_models.evaluation.maps.plan import SLOW, Plan, drawn, maps_of
from cxr_models.explain import Question

ROWS = pd.DataFrame(
    {"path": [f"{i}.png" for i in range(12)], "label": list("aaaaaabbbbcc"), "group": [*range(10), 0, 1]}
)


def test_labels_come_in_turn_and_no_group_twice():
    six = drawn(ROWS, 6)
    assert six.label.tolist()[:2] == ["a", "b"] and six.group.is_unique
    assert drawn(ROWS, 3).path.tolist() == six.path.tolist()[:3]
    assert len(drawn(ROWS, 99)) == 10


def test_methods_that_take_long_are_measured_on_fewer_films(weighted):
    plan = Plan((weighted,), ("cam", "occlusion"))
    assert (plan.number(30), plan.number(30, "occlusion"), plan.number(4, "occlusion")) == (30, SLOW, 4)
    assert Plan((weighted,), films=2).number(30) == 2
    asked = list(plan.asked("Test", range(25), 12, 2))
    assert asked[:3] == [(0, weighted, "cam"), (0, weighted, "occlusion"), (1, weighted, "cam")]
    counts = pd.Series([method for _, _, method in asked]).value_counts()
    assert counts.to_dict() == {"cam": 24, "occlusion": 2 * SLOW}


def test_what_cannot_be_measured_is_a_sentence(weighted):
    with pytest.raises(UnknownMethod, match="'residual' explains no answer. Those that do: cam, "):
        Plan((weighted,), ("residual",))
    with pytest.raises(UnknownModel, match="There is no model 'nobody'"):
        Plan(("nobody",))
    with pytest.raises(TrainingError, match="--films 0 leaves nothing"):
        Plan((weighted,), films=0)


def test_a_map_of_nothing_is_none_and_the_others_are_made(weighted, dark, lower_right):
    # The CAM of the second class is 0 everywhere: its weights are.
    questions = [Question(dark, None, "non_covid19"), Question(a_film(lower_right), None, "covid19")]
    nothing, made = maps_of(questions, weighted, "cam")
    assert nothing is None and made.values.max() == 4
