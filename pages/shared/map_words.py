"""What maps and residuals show, in numbers and in sentences for a reader. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cxr_models.imaging.preprocess import resize
from cxr_models.results import Measure
from cxr_models.types import Badge, Evidence, Lungs, Map, Residual
from pages.shared.wording import CLASS_NAMES, listed

ALIKE, PARTLY = 0.9, 0.5  # correlations from which a residual is called nearly, or partly, that of a copy
CLEARLY = 0.1  # fall of a probability that is called a change
LUNGS_ONLY = (
    "This model is shown the lungs alone: what lies outside comes from their outline, the black surround and the map's "
    "coarseness."
)
CAUTION = "A map shows what the network used, not where disease is."
OWN_SCALES = "Each map has its own scale: compare where, not how strong."
MOST, NAMED = 0.5, 3  # zones are named until they hold this share of the evidence, at most so many
FOR_EVERY_CLASS = ("residual",)  # methods whose map is the same whichever answer is asked about
DOUBLED = float(np.log(2))  # more of the log odds doubles the odds
SHUFFLED = {"head": "its last layers", "later half": "also its later half", "whole network": "all of it"}


class Method(NamedTuple):
    """How a kind of map is called: the reader's question, its paper, and what it is and is not."""

    question: str
    paper: str
    how: str


WHERE = "Where the answer comes from"
COLOURS = "Red speaks for the answer, blue against it."
METHODS = {
    "cam": Method(
        WHERE,
        "Zhou and others, CVPR 2016, as in the CNN-X paper (eq. 1-6).",
        "The network's last features, weighted exactly as its answer weighs them and laid back over the film: all "
        "places together make up the answer's own score, before it is held against those of the other answers. It is "
        f"coarse: a cell covers a part of the film up to several centimetres wide. {COLOURS}",
    ),
    "grad_cam": Method(
        WHERE,
        "Selvaraju and others, ICCV 2017 (eq. 1-2).",
        "The network's last features, weighted by how much each of them moves the answer, and laid back over the film. "
        "This network adds them up in no simple way, so the map is a summary and not exact. It is coarse: a cell "
        f"covers a part of the film up to several centimetres wide. {COLOURS}",
    ),
    "grad_cam_pp": Method(
        "Every place that speaks for the answer, small ones too",
        "Chattopadhay and others, WACV 2018 (eq. 5, 19, 20).",
        "As the map of where the answer comes from, but a small place weighs as much as a large one, so that several "
        "separate places stay visible. It shows only what speaks for the answer, never what speaks against it.",
    ),
    "integrated_gradients": Method(
        "Which fine detail adds to the answer",
        "Sundararajan, Taly and Yan, ICML 2017 (eq. 1-2).",
        "The film is led out of a blur in small steps, and each pixel is credited with what it changes on the way. All "
        "pixels together make up the difference between the film and its blur. Fine, but noisy: edges of ribs and "
        f"vessels light up whatever is asked. {COLOURS}",
    ),
    "occlusion": Method(
        "Where covering the film changes the answer",
        "Zeiler and Fergus, ECCV 2014.",
        "A square, a seventh of the film wide, is blurred in one place after another, and the answer read anew each "
        f"time. No finding smaller than the square is told apart. {COLOURS}",
    ),
    "perturbation": Method(
        "What must be removed to change the answer",
        "Fong and Vedaldi, ICCV 2017, as in the CoroNet paper.",
        "Step by step, a mask learns the smallest part of the film that must be blurred for the probability to fall. "
        "It is one of several possible masks, and may rest on what only a network notices.",
    ),
    "residual": Method(
        "What the network fails to rebuild",
        "CoroNet paper, eq. 5-7; the CAE paper's decoder.",
        "The difference between the film and the network's own copy of it: the same whichever answer is asked about. "
        "The page Residuals says how much of it any copy would leave.",
    ),
}


class Verdict(NamedTuple):
    """How a badge looks and reads. status: its class in explain.css. short: where there is little room."""

    status: str
    mark: str
    words: str
    short: str


VERDICTS: dict[Badge, Verdict] = {
    "passes": Verdict("passes", "✓", "Passes its checks", "passes"),
    "doubtful": Verdict("doubtful", "?", "Doubtful", "doubtful"),
    "fails": Verdict("fails", "✕", "Fails its checks: do not rest on this map", "fails"),
    "no evidence": Verdict("none", "–", "No evidence for this answer", "no evidence, no map"),
}
CHECKING = Verdict("waiting", "…", "Being checked", "being checked")
UNCHECKED = Verdict("none", "–", "Not checked: nothing is known for or against this map", "not checked")
NOT_HERE = Verdict("none", "–", "Not checked: see Explain", "not checked")


def question(method: str) -> str:
    """What a method of ``explain.METHODS`` answers; one without words here is called by its key."""
    return METHODS[method].question if method in METHODS else method.replace("_", " ").capitalize()


def similarity(one: Residual) -> float | None:
    """Correlation in [-1, 1] of a residual with what a copy would leave; None where either is the same everywhere."""
    if min(one.residual.std(), one.identity.std()) < 1e-9:
        return None
    return float(np.corrcoef(one.residual.ravel(), one.identity.ravel())[0, 1])


def copying(one: Residual) -> str:
    """Is the residual that of the network, or of a copy of the film?"""
    if not one.identity.any():
        return "A plain copy of the film would leave nothing: all you see is what the network fails to rebuild."
    alike = similarity(one)
    if alike is None:
        return "This map is the same everywhere: it points to no place."
    left = f"It leaves {one.residual.mean():.3f} on average, a plain copy would leave {one.identity.mean():.3f}."
    correlation = f"{left} Correlation of the two maps: {alike:.2f}."
    if alike >= ALIKE:
        return f"{correlation} You see mostly the film's own brightness: a copy of it would leave nearly this pattern."
    if alike >= PARTLY:
        return f"{correlation} You see partly the film's own brightness, and partly what the network fails to rebuild."
    return f"{correlation} You see mostly what the network fails to rebuild, not the film's own brightness."


def inside_outside(residual: np.ndarray, lungs: Lungs) -> tuple[float | None, float | None]:
    """Mean of an (S, S) map inside and outside the lungs, brought to the map's square; None where there is nothing."""
    mask = resize(lungs.mask, residual.shape) >= 0.5
    return _mean(residual[mask]), _mean(residual[~mask])


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if values.size else None


def nothing(target: str) -> str:
    """What is said in the place of a map that holds nothing for its class."""
    return f"By this method nothing on the film speaks for {CLASS_NAMES[target]}: there is no map to show."


def claims(evidence: Evidence | None, result: Map) -> bool:
    """May it be said that the answer rests on what the map marks? Only of one that passes its checks; not where taking
    it away changed nothing, or where it is the same for every class."""
    return evidence is not None and evidence.badge == "passes" and _of_this_answer(result)


def _of_this_answer(result: Map) -> bool:
    return changes_answer(result) and result.method not in FOR_EVERY_CLASS


def inside(result: Map, lungs: Lungs | None, lungs_only: bool, evidence: Evidence | None = None) -> str:
    """How much of the map lies in the lungs, beside what a map spread evenly over the film would reach, and the most
    that a map of this grain could, where that is known.
    """
    if lungs is None or result.inside_lungs is None:
        return "No lungs were found, so it cannot be said how much of the map lies inside them."
    claimed = claims(evidence, result)
    what = "the evidence" if claimed else _marked(result)
    area = f"{lungs.area_fraction:.0%} of the film"
    share = f"{result.inside_lungs:.0%} of {what} lies inside the lungs, which are {area}"
    if evidence is not None and evidence.ceiling is not None:
        share += f"; a map as coarse as this one, wholly on the lungs, would have {evidence.ceiling:.0%} there"
    if lungs_only:
        return f"{share}. {LUNGS_ONLY}"
    return f"{share}. {_against_even(result.inside_lungs / max(lungs.area_fraction, 1e-6), claimed)}"


def in_lungs(result: Map, lungs: Lungs | None, lungs_only: bool) -> str:
    """The same where there is little room, and of a map that may not have been checked; "" without lungs."""
    if lungs is None or result.inside_lungs is None:
        return ""
    alone = "; the model is shown nothing else" if lungs_only else ""
    share = f"{result.inside_lungs:.0%} of {_marked(result)} lies in the lungs"
    return f"{share} (of an even map: {lungs.area_fraction:.0%}{alone})"


def _marked(result: Map) -> str:
    return "what it marks for the answer" if result.signed else "what it marks"


def _against_even(ratio: float, claimed: bool) -> str:
    if ratio < 0.9:
        rests = ": the answer rests mostly on what is not lung" if claimed else ""
        return f"That is less than a map spread evenly would reach{rests}."
    if ratio < 1.2:
        return "A map spread evenly over the film would reach as much: it does not point to the lungs."
    return f"That is {ratio:.1f} times what a map spread evenly would reach."


def probabilities(result: Map, answer: str) -> str:
    """What taking the evidence away did to the probability of ``answer``; "" for maps that took nothing away."""
    if "before" not in result.extra:
        return ""
    before, after = result.extra["before"], result.extra["after"]
    text = f"Probability of {answer}: {before:.2f} on the film as it is, {after:.2f} with the marked parts blurred."
    if not changes_answer(result):
        text += " Blurring hardly lowers it: do not read this map as the reason of the answer."
    return text


def changes_answer(result: Map) -> bool:
    """Did taking the evidence away lower the probability clearly? True for maps that took nothing away."""
    return "before" not in result.extra or bool(result.extra["after"] <= result.extra["before"] - CLEARLY)


def rests(evidence: Evidence, result: Map, model: str, answer: str) -> str:
    """Where the evidence for ``answer`` lies, by the names of a film's parts, or, of a map that does not show that,
    only what it marks; "" where the film's parts are not known."""
    zones = sorted(evidence.zones, key=lambda zone: zone.share, reverse=True)[:NAMED]
    if not zones:
        return ""
    held = np.cumsum([zone.share for zone in zones])
    most = bool(held[-1] >= MOST)
    named = zones[: 1 + int(np.searchsorted(held, MOST))] if most else zones[:1]
    places = "; ".join(f"{zone.name} ({zone.share:.0%} of it, on {zone.floor:.0%} of the film)" for zone in named)
    if claims(evidence, result):
        how = "mostly in" if most else "in many places, the most in"
        return f"The evidence for {answer} that {model} used lies {how}: {places}."
    how = "mostly" if most else "many places, the most in"
    does = "may" if evidence.badge == "doubtful" and _of_this_answer(result) else "does"
    return f"This map marks {how}: {places}. It {does} not show what the answer rests on."


def verdict(evidence: Evidence | None, why: str) -> Verdict:
    """The badge of a map; why: the sentence why it was not checked, "" otherwise."""
    if evidence is not None:
        return VERDICTS[evidence.badge]
    return UNCHECKED if why else CHECKING


def reasons(evidence: Evidence, target: str) -> list[str]:
    """Why the badge is what it is: what keeps the map from passing, or that nothing does."""
    from cxr_models.explain.checks import badge  # brings torch: the page is shown first

    if evidence.badge == "no evidence":
        return [nothing(target)]
    made = sum(check.passed is not None for check in evidence.checks if check.code in badge.WEIGHED)
    return list(badge.reasons(evidence.checks)) or [f"All {made} checks that could be made were passed."]


def usual(evidence: Evidence, method: str, model: str, passing: Mapping[str, Measure]) -> str:
    """How often such maps pass, and, where this one does not, which questions' maps clearly do more often.

    passing: as ``cached.passing``. Clearly: the 95 % intervals do not meet. "" where nothing was measured.
    """
    if method not in passing:
        return ""
    own = passing[method]
    told = f"On test films {_counted(own)} such maps of {model}'s most probable answer passed."
    better = [f'"{question(name)}" ({_counted(m)})' for name, m in passing.items() if m.low > own.high]
    if evidence.badge == "passes" or not better:
        return told
    return f"{told} Clearly more did for {'the question' if len(better) == 1 else 'the questions'} {listed(better)}."


def _counted(share: Measure) -> str:
    return f"{round(share.value * share.n)} of {share.n}"


def cascade(found: Sequence[tuple[str, float | None]]) -> str:
    """(Part of the network that is shuffled, likeness of its map or None for no map), in a line; "" for nothing."""
    likeness = {part: "no map" if value is None else f"{value:.2f}" for part, value in found}
    steps = listed([f"{SHUFFLED.get(part, part)} {value}" for part, value in likeness.items()])
    return f"Likeness of the map as more of the network is shuffled: {steps}." if found else ""


def unit(result: Map, temperature: float) -> str:
    """What the unit of the map comes to, in a sentence; "" where the unit says it.

    temperature: by which the model divides its logits before they become probabilities.
    """
    if "logit" in result.unit:
        more = DOUBLED * temperature
        return f"The logit is the model's score before it becomes a probability: {more:.2f} more doubles the odds."
    if "log odds" in result.unit:
        return f"Log odds are another way to write a probability: {DOUBLED:.2f} more doubles the odds."
    return ""


def side_by_side(maps: Mapping[str, Map]) -> str:
    """What is to be known of maps of several models beside each other: title -> map."""
    signed = any(one.signed for one in maps.values())
    return " ".join(filter(None, (COLOURS if signed else "", OWN_SCALES, CAUTION, _units(maps))))


def _units(maps: Mapping[str, Map]) -> str:
    """One line; the titles are given only where the units differ."""
    titles: dict[str, list[str]] = {}
    for title, one in maps.items():
        titles.setdefault(one.unit, []).append(title)
    if len(titles) == 1:
        return f"Unit: {next(iter(titles))}."
    return f"Units: {'; '.join(f'{listed(of)}: {name}' for name, of in titles.items())}." if titles else ""


def agreement(correlations: Mapping[str, float]) -> str:
    """Method -> rank correlation with its map, in a sentence; "" where no other map of the answer was made."""
    if not correlations:
        return ""
    parts = listed([f"{question(method).lower()}: {value:.2f}" for method, value in correlations.items()])
    return f"Agreement with the other maps made of this answer (1: the same places, 0: none in common): {parts}."
