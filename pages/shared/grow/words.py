"""A growth in sentences, computed from its figures and never saying more than they do. Pure: no Streamlit."""

from collections.abc import Mapping
from math import sqrt

from cxr_models.shortcuts.grow.settings import Settings

SET_NAMES = {
    "aligned": "letter agrees",
    "clean": "no letter",
    "conflicting": "letter disagrees",
}
SETS_MEAN = {
    "aligned": "the ill have the letter, the healthy do not",
    "clean": "nobody has the letter",
    "conflicting": "the healthy have the letter, the ill do not",
}
CLOSE = 0.10  # a difference of accuracies that is small enough to be called about as often


def finding(right: Mapping[str, int], films: int) -> str:
    """What decides, letter or lung, as far as right answers on ``films`` films a set can tell."""
    aligned, clean, against = (right[name] for name in ("aligned", "clean", "conflicting"))
    low, high = coin(films)
    if against < low:
        told = f"Where letter and lung disagree, the net is right {against} of {films} times: it follows the letter"
        if clean <= high:
            return f"{told}, not the lung. Without the letter it is right {clean} times, no more often than a coin."
        return f"{told}. Without the letter it is right {clean} times: it sees the lung too, and trusts it less."
    if max(aligned, clean, against) <= high:
        return (
            f"On new films the net is right no more often than a coin ({clean} of {films} times): it learned nothing."
        )
    if aligned - against <= CLOSE * films:
        return (
            f"The net is right {against} of {films} times where letter and lung disagree, and {aligned} where they "
            "agree: the letter hardly sways it."
        )
    return (
        f"The letter sways the net: it is right {aligned} of {films} times where letter and lung agree, {clean} "
        f"without the letter, and {against} where they disagree."
    )


def coin(films: int) -> tuple[float, float]:
    """Between these, of ``films`` answers, a coin has its heads 95 times of 100 (normal approximation)."""
    reach = 1.96 * sqrt(films) / 2
    return films / 2 - reach, films / 2 + reach


def evidence(shares: Mapping[str, float] | None, areas: Mapping[str, float]) -> str:
    """Where the evidence for disease lies on ill films with the letter, beside what these places take of the film."""
    if shares is None:
        return "On ill films with the letter it finds no evidence for disease."
    letter = f"{shares['letter']:.0%} lies at the letter, which takes up {areas['letter']:.0%} of the film"
    if "opacity" not in shares:
        return f"Of its evidence for disease on ill films with the letter, {letter}."
    lung = f"{shares['opacity']:.0%} in the opacity, which takes up {areas['opacity']:.0%}"
    return f"Of its evidence for disease on ill films with the letter, {letter}, and {lung}."


def title(asked: Settings) -> str:
    """What tells one growth from another."""
    films = "films of an index" if asked.index else f"visibility {asked.visibility:.2f}"
    return f"Letter {asked.strength:.2f}, {films}, seed {asked.seed}"


def bears(strength: float) -> str:
    """What a strength means, in films."""
    ill, healthy = (1 + strength) / 2, (1 - strength) / 2
    return f"{ill:.0%} of the ill and {healthy:.0%} of the healthy films bear the letter R."


def answer(ill: bool, probability: float) -> str:
    """What the net says of a film that it was shown."""
    says = "ill" if probability > 0.5 else "healthy"
    sure = max(probability, 1 - probability)
    mark = "✓" if (probability > 0.5) == ill else "✕"
    return f"{mark} The net says: {says} ({sure:.0%})" if round(sure, 2) > 0.5 else "The net does not know (50%)"
