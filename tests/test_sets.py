import pytest

from cxr_models.sets import prediction_set, side

CLASSES = ("covid19", "normal", "pneumonia")
CUTS = {"covid19": 0.5, "normal": 0.3, "pneumonia": 0.4}


@pytest.mark.parametrize(
    ("probabilities", "chosen"),
    [
        ((0.9, 0.05, 0.05), ("covid19",)),
        ((0.1, 0.45, 0.45), ("normal", "pneumonia")),
        ((0.45, 0.28, 0.27), ()),
        ((0.5, 0.3, 0.2), ("covid19", "normal")),  # a cut that is just reached counts
    ],
)
def test_a_class_is_in_the_set_from_its_cut_on(probabilities, chosen):
    assert prediction_set(CLASSES, probabilities, CUTS) == chosen


def test_a_class_without_a_cut_and_missing_probabilities_are_errors():
    with pytest.raises(KeyError):
        prediction_set(("edema",), (1.0,), CUTS)
    with pytest.raises(ValueError):
        prediction_set(CLASSES, (1.0,), CUTS)


def test_sides_of_two_thresholds():
    assert [side(p, 0.2, 0.6) for p in (0.1, 0.2, 0.59, 0.6)] == ["below", "between", "between", "above"]
    assert [side(p, 0.5, 0.5) for p in (0.49, 0.5)] == ["below", "above"]
