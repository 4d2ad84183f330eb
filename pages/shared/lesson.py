"""A phantom whose opacity is known, and what a model's map makes of it. Nobody's film: shared by all readers."""

from functools import cache
from typing import NamedTuple

import numpy as np

from cxr_models.imaging.phantom import Phantom, thorax
from cxr_models.types import COVID19, Lungs, Map


class Score(NamedTuple):
    """Share of a map's evidence in the true opacity, and the opacity's share of the film."""

    inside: float
    area: float


@cache
def phantom() -> Phantom:
    return thorax(seed=0, finding="covid19", marker="L")


def lungs() -> Lungs:
    """The phantom's lungs as they are, not as a network finds them."""
    known = phantom()
    areas = sorted((float(known.right_lung.mean()), float(known.left_lung.mean())), reverse=True)
    return Lungs(known.lungs, float(known.lungs.mean()), tuple(areas), 1.0)


@cache
def found(model_id: str) -> Map:
    """Where the model's evidence of COVID-19 lies on the phantom. Raises CxrError with a sentence for the reader."""
    from cxr_models import explain  # brings torch: the page is shown first

    return explain.explain(phantom().film, lungs(), model_id, method=explain.methods_for(model_id)[0], target=COVID19)


def score(values: np.ndarray) -> Score:
    """How much of a map (H, W) on the phantom, one that holds evidence, lies in its true opacity."""
    positive, opacity = np.clip(values, 0, None), phantom().opacity
    return Score(float(positive[opacity].sum() / positive.sum()), float(opacity.mean()))


def verdict(scored: Score) -> str:
    """The score in words."""
    text = f"{scored.inside:.0%} of the evidence lies in the true opacity, which is {scored.area:.0%} of the film: "
    ratio = scored.inside / scored.area
    if ratio < 1.2:
        return text + "no more than a map spread evenly would reach. The map does not find it."
    return text + f"{ratio:.1f} times what a map spread evenly would reach, and still not the opacity's outline."
