"""What may be asked of which model, how failures are said, and how much of a map lies inside the lungs."""

import re

import numpy as np
import pytest
from explain.tiny import QUARTERS, Blind, Pooled, a_film, spec_of

from cxr_models.errors import Cancelled, MapError, RefusedFilm, UnknownMethod, UnknownModel
from cxr_models.explain import (
    LAYERED,
    METHODS,
    NAMES,
    QUICK,
    Question,
    explain,
    explain_all,
    inside,
    label,
    methods_for,
)
from cxr_models.imaging.preprocess import InputSpec
from cxr_models.types import Lungs

SEARCHES = ("grad_cam_pp", "integrated_gradients", "occlusion", "perturbation")  # of every classifier


def test_methods_of_each_kind_of_model(serve):
    assert methods_for("pooled") == ("cam", *SEARCHES)
    assert methods_for("curved") == ("grad_cam", *SEARCHES)
    assert methods_for("halved") == methods_for("two-halves") == ("cam", *SEARCHES, "residual")
    assert methods_for("lungs-net") == ()


def test_every_method_has_a_name():
    assert list(NAMES) == list(METHODS) and set(QUICK) | set(LAYERED) < set(METHODS)


def test_label_tells_exact_maps_from_grad_cam(serve):
    assert label("pooled", "cam") == "class activation map (exact)"
    assert label("curved", "grad_cam") == "Grad-CAM"
    assert label("halved", "residual") == "residual"
    with pytest.raises(UnknownMethod, match="Curved has no 'cam'"):
        label("curved", "cam")


@pytest.mark.parametrize(
    ("model", "method", "target", "said"),
    [
        ("pooled", "magic", "covid19", "There are: " + ", ".join(METHODS)),
        ("pooled", "residual", "covid19", "for halved, two-halves"),
        ("pooled", "grad_cam", "covid19", "'grad_cam' is for curved"),
        ("curved", "cam", "covid19", "has: grad_cam, grad_cam_pp, integrated_gradients, occlusion, perturbation;"),
        ("lungs-net", "cam", "lungs", "has: none"),
        *[("pooled", method, "pneumonia", "covid19, non_covid19") for method in ("cam", *SEARCHES)],
    ],
)
def test_what_a_model_does_not_have(serve, quarters, model, method, target, said):
    with pytest.raises(UnknownMethod, match=re.escape(said)):
        explain(quarters, None, model, method, target)


def test_unknown_model_lists_those_there_are(serve, quarters):
    with pytest.raises(UnknownModel, match="pooled, flattened, curved, detail"):
        explain(quarters, None, "resnet1000", "cam", "covid19")


def test_lungs_alone_without_lungs(serve, quarters):
    serve(spec_of("pooled", input=InputSpec(64, 1, (0.0,), (1.0,), "lungs")), Pooled())
    nothing = Lungs(np.zeros(quarters.pixels.shape, bool), 0.0, (), 1.0)
    for method in ("cam", *SEARCHES):
        for lungs in (None, nothing):
            with pytest.raises(RefusedFilm, match="Pooled reads the lungs alone"):
                explain(quarters, lungs, "pooled", method, "covid19")


def test_lungs_alone_see_nothing_of_the_rest(serve, quarters, right_half):
    serve(spec_of("pooled", input=InputSpec(64, 1, (0.0,), (1.0,), "lungs")), Pooled())
    found = explain(quarters, right_half, "pooled", "cam", "covid19")
    np.testing.assert_allclose(found.extra["grid"], [[-0.25, -0.0625], [-0.25, 0.5]], atol=1e-6)
    assert found.values.shape == quarters.pixels.shape


def test_share_inside_by_hand():
    values = np.array([[3, -5], [1, 0]], np.float32)
    assert inside(values, np.array([[True, True], [False, False]])) == 0.75
    assert inside(values, np.zeros((2, 2), bool)) == 0
    assert inside(-np.abs(values), np.ones((2, 2), bool)) is None


def test_share_inside_and_its_floor(serve, quarters, right_half):
    found = explain(quarters, right_half, "flattened", "cam", "covid19")
    assert found.extra["floor"] == 0.5
    assert found.inside_lungs == pytest.approx(inside(found.values, right_half.mask))
    assert found.inside_lungs > 0.5  # 4.5 of the 6 units are in the right half


def test_no_share_without_lungs_or_without_evidence(serve, quarters, right_half):
    nothing = Lungs(np.zeros(quarters.pixels.shape, bool), 0.0, (), 1.0)
    for lungs in (None, nothing):
        without = explain(quarters, lungs, "flattened", "cam", "covid19")
        assert without.inside_lungs is None and "floor" not in without.extra
    dark = a_film(np.zeros(quarters.pixels.shape))  # -1/4 in every cell
    assert explain(dark, right_half, "pooled", "cam", "covid19").inside_lungs is None


@pytest.mark.parametrize(
    ("method", "layer"),
    [("cam", ""), ("grad_cam", "first"), ("grad_cam_pp", ""), ("integrated_gradients", ""), ("occlusion", "")],
)
def test_a_network_that_does_not_look_at_the_film_has_no_map(serve, quarters, quick, method, layer):
    serve(spec_of("blind"), Blind())
    with pytest.raises(MapError, match=re.escape(f"The {NAMES[method]} of Blind is zero everywhere")) as told:
        explain(quarters, None, "blind", method, "covid19", layer=layer)
    assert ("occlusion needs no gradient" in str(told.value)) == (method != "occlusion")


@pytest.mark.parametrize(
    ("method", "layer"), [("cam", ""), ("grad_cam", "first"), *[(method, "") for method in SEARCHES]]
)
def test_a_network_that_gives_no_numbers_has_no_map(serve, quarters, quick, method, layer):
    with pytest.raises(MapError, match=re.escape(f"The {NAMES[method]} of Broken holds values that are no numbers")):
        explain(quarters, None, "broken", method, "covid19", layer=layer)


@pytest.mark.parametrize("method", ["cam", *SEARCHES, "residual"])
def test_cancelled_before_it_begins(serve, quarters, method):
    with pytest.raises(Cancelled, match="there is no map"):
        explain(quarters, None, "halved", method, "covid19", cancelled=lambda: True)


def test_every_question_is_checked_before_the_first_is_answered(serve, quarters):
    told = []
    questions = [Question(quarters, None, "covid19"), Question(quarters, None, "pneumonia")]
    with pytest.raises(UnknownMethod, match="no class 'pneumonia'"):
        explain_all(questions, "pooled", "cam", progress=lambda *what: told.append(what))
    assert not told


def test_no_questions_have_no_maps(serve):
    assert explain_all([], "pooled", "cam") == []


@pytest.mark.parametrize(("model", "share"), [("halved", 0.5), ("two-halves", 1.5)])
def test_residual_by_hand_in_the_film_frame(serve, quarters, right_half, model, share):
    found = explain(quarters, right_half, model, "residual", "covid19")
    assert found.values.shape == (96, 160) and found.values.dtype == np.float32
    np.testing.assert_allclose(found.values[[0, 0, -1, -1], [0, -1, 0, -1]], share * QUARTERS.ravel(), atol=1e-6)
    assert found.inside_lungs == pytest.approx(1.25 / 1.75, abs=0.01) and not found.signed
    assert found.unit.startswith("share of the grey range")
