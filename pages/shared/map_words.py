"""What maps and residuals show, in numbers and in sentences for a reader. Pure."""

from typing import NamedTuple

import numpy as np

from cxr_models.imaging.preprocess import resize
from cxr_models.types import Lungs, Map, Residual

ALIKE, PARTLY = 0.9, 0.5  # correlations from which a residual is called nearly, or partly, that of a copy


class Method(NamedTuple):
    """How a kind of map is called: the reader's question, the method's name, its paper, and how it is made."""

    question: str
    name: str
    paper: str
    how: str


METHODS = {
    "cam": Method(
        "Where the answer comes from",
        "Class activation map",
        "Zhou et al., CVPR 2016; used on chest films by the CNN-X paper (eq. 1-6)",
        "The network's last features, weighted as its answer weighs them, laid back over the film. Coarse: one cell covers "
        "a part of the film several centimetres wide.",
    ),
    "perturbation": Method(
        "What must be removed to change the answer",
        "Meaningful perturbation",
        "Fong and Vedaldi, ICCV 2017; used on chest films by the CoroNet paper",
        "A mask learns, step by step, the smallest part of the film that must be blurred for the probability to fall. It "
        "is one answer of several possible ones, and may rest on what only a network notices.",
    ),
}


def method(key: str) -> Method:
    """The words for a method of ``explain.METHODS``; one without words here is called by its key."""
    return METHODS.get(key) or Method(key.replace("_", " ").capitalize(), key, "", "")


def similarity(one: Residual) -> float | None:
    """Correlation in [-1, 1] of a residual with what a copy would leave; None where either is the same everywhere."""
    if min(one.residual.std(), one.identity.std()) < 1e-9:
        return None
    return float(np.corrcoef(one.residual.ravel(), one.identity.ravel())[0, 1])


def copying(one: Residual) -> str:
    """One sentence: is the residual that of the network, or of a copy of the film?"""
    alike = similarity(one)
    if alike is None:
        return "A plain copy of the film would leave the same value everywhere, so the pattern is the network's own."
    correlation = f"Correlation with what a plain copy leaves: {alike:.2f}."
    if alike >= ALIKE:
        return f"{correlation} You see mostly the film's own brightness: a copy of it would leave nearly this map."
    if alike >= PARTLY:
        return f"{correlation} You see partly the film's own brightness, and partly what the network fails to rebuild."
    return f"{correlation} You see mostly what the network fails to rebuild, not the film's own brightness."


def inside_outside(residual: np.ndarray, lungs: Lungs) -> tuple[float, float]:
    """Mean of an (S, S) map inside and outside the lungs, brought to the map's square."""
    mask = resize(lungs.mask, residual.shape) >= 0.5
    return tuple(float(residual[part].mean()) if part.any() else float("nan") for part in (mask, ~mask))


def inside(result: Map, lungs: Lungs | None, lungs_only: bool) -> str:
    """How much of the map lies in the lungs, beside what a map spread evenly over the film would reach."""
    if lungs is None:
        return "No lungs were found, so it cannot be said how much of the map lies inside them."
    if result.inside_lungs is None:
        return "The map holds no evidence for this answer; what is drawn speaks against it."
    share = f"{result.inside_lungs:.0%} of the evidence lies inside the lungs, which are {lungs.area_fraction:.0%} of the film"
    if lungs_only:
        return f"{share}. This model is shown the lungs alone, so evidence outside is only the map's coarseness."
    return f"{share}. {_against_even(result.inside_lungs / max(lungs.area_fraction, 1e-6))}"


def _against_even(ratio: float) -> str:
    if ratio < 0.9:
        return "That is less than a map spread evenly would reach: the answer rests mostly on what is not lung."
    if ratio < 1.2:
        return "A map spread evenly over the film would reach as much: it does not point to the lungs."
    return f"That is {ratio:.1f} times what a map spread evenly would reach."


def probabilities(result: Map, answer: str) -> str:
    """What taking the evidence away did to the probability of ``answer``; "" for maps that took nothing away."""
    course = result.extra.get("probability")
    if course is None or not len(course):
        return ""
    return f"Probability of {answer}: {course[0]:.2f} on the film as it is, {course[-1]:.2f} once the evidence is blurred."
