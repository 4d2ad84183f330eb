"""The gate: whether a film should be read at all, with the reason, the measured value and its limit.

Two witnesses that learned from different pictures: a small network (what the picture looks like, and how far it is from
the frontal films it knows), and the UNet's lungs (two of them, beside each other, upright, of a plausible size). Where
both doubt, the film is refused; where the network is sure, it is enough alone, because the lungs of a film that stands
on its head are found well; where they disagree, the film is read with a warning. Limits were chosen on training and
validation films and on trainings that left whole kinds of pictures out (docs/gate.md), never on test films.
"""

import cv2
import numpy as np

from ..types import Film, Lungs, Reason, Status, Verdict

SMALL, TOO_SMALL = 180, 64  # pixels of the shorter side
FLAT = 0.02  # grey values from the 0.5th to the 99.5th percentile, of a film in [0, 1]
SURE, DOUBTED = 0.85, 0.5  # probability that this is no upright frontal film: enough alone, enough with odd lungs
FAR, STRANGE = 1.2, 1.0  # distance from the frontal films seen; 99 % of those lie within 1
CUT = 0.25  # share of one side of the film that lies in the lungs
SIDE = 128  # pixels to which a lung mask is shrunk to be measured

# What two lungs look like, as (lowest, highest) over the frontal films looked at, with a margin.
ANATOMY = {
    "lung_area": (0.08, 0.55),  # share of the film
    "smaller_lung": (0.02, 0.30),  # share of the film
    "lung_spacing": (0.20, 0.62),  # between the centres, share of the film's width
    "lung_level": (0.0, 0.22),  # difference of the centres' heights, share of the film's height
    "lung_slenderness": (0.9, 4.0),  # height over width in the squashed film, of the wider lung
}
NAMES = {
    "lung_area": "they take {:.0%} of the film",
    "smaller_lung": "the smaller one takes {:.1%} of the film",
    "lung_spacing": "their centres are {:.0%} of the film's width apart",
    "lung_level": "one stands {:.0%} of the film's height above the other",
    "lung_slenderness": "one is only {:.1f} times as high as wide",
}
LOOKS = {
    "lateral": "This looks like a lateral film. Upload the frontal (PA or AP) film.",
    "inverted": "If this is a chest film, its grey values are inverted: bones are dark. Invert it and upload it again.",
    "rotated": "If this is a chest film, it lies on its side or on its head. Turn it upright and upload it again.",
    "part": "Only a part of the chest seems to be in view. Upload the whole frontal film, with both lungs.",
    "other": "This does not look like a chest film. Upload a frontal (PA or AP) chest film.",
}
CODES = {"other": "not_chest"}


def judge(film: Film, lungs: Lungs | None, looks: dict[str, float]) -> Verdict:
    """May this film be read? ``looks`` is what the gate's network said: class -> probability, and "distance".

    lungs: the UNet's, None if it could not be asked: then the network decides alone. Every value that was looked at
    is in ``measured``. The verdict is "refused" when one reason is severe enough, else "warned" when there is any.
    """
    measured = film_measures(film) | ({} if lungs is None else lung_measures(lungs.mask))
    measured |= {"not_frontal": 1 - looks["frontal"]} | looks
    odd = odd_lungs(measured)
    believable = lungs is not None and not odd
    reasons = (*of_film(measured), *of_looks(measured, believable), *of_lungs(measured, odd))
    worst: Status = "ok"
    if reasons:
        worst = "refused" if any(reason.severity == "refuse" for reason in reasons) else "warned"
    return Verdict(worst, reasons, measured)


def film_measures(film: Film) -> dict[str, float]:
    """Shorter side in pixels, and range of grey values in [0, 1]."""
    low, high = np.percentile(film.pixels[:: 1 + len(film.pixels) // 512], (0.5, 99.5))
    return {"shorter_side": float(min(film.pixels.shape)), "grey_range": float(high - low)}


def lung_measures(mask: np.ndarray) -> dict[str, float]:
    """(H, W) bool mask of the lungs -> number of lungs and the measures of ``ANATOMY``, those of a pair only for two.

    "lungs_at_edge" is the share of that side of the film, of the four, of which most lies in the lungs.
    """
    small = cv2.resize(mask.astype(np.uint8), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    count, _, stats, centres = cv2.connectedComponentsWithStats(small, connectivity=4)
    kept = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= 0.005 * SIDE**2]
    borders = (small[0], small[-1], small[:, 0], small[:, -1])
    found = {
        "lungs": float(len(kept)),
        "lung_area": float(mask.mean()),
        "lungs_at_edge": max(float(line.mean()) for line in borders),
    }
    if len(kept) != 2:
        return found
    level, spacing = np.abs(centres[kept[0]] - centres[kept[1]])[::-1] / SIDE
    _, _, width, height, area = stats[kept].T
    return found | {
        "smaller_lung": float(area.min()) / SIDE**2,
        "lung_spacing": float(spacing),
        "lung_level": float(level),
        "lung_slenderness": float((height / width).min()),
    }


def odd_lungs(measured: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Measures outside of ``ANATOMY`` -> (value, the limit it passes); {"lungs": ...} where there are not two."""
    if "lungs" not in measured:
        return {}
    if measured["lungs"] != 2:
        return {"lungs": (measured["lungs"], 2.0)}
    ranges = {name: (measured[name], *limits) for name, limits in ANATOMY.items()}
    return {name: (v, low if v < low else high) for name, (v, low, high) in ranges.items() if not low <= v <= high}


def of_film(measured: dict[str, float]) -> tuple[Reason, ...]:
    """Too small, or without content."""
    side, content = measured["shorter_side"], measured["grey_range"]
    if content < FLAT:
        sentence = "The picture is one grey, nothing is on it. Export the film again."
        return (Reason("blank", "refuse", sentence, content, FLAT),)
    if side < SMALL:
        sentence = f"The film is only {side:.0f} pixels on its shorter side. Upload it in its full size."
        if side < TOO_SMALL:
            return (Reason("small", "refuse", sentence, side, TOO_SMALL),)
        return (Reason("small", "warn", sentence, side, SMALL),)
    return ()


def of_looks(measured: dict[str, float], believable: bool) -> tuple[Reason, ...]:
    """What the network says; ``believable`` lungs turn a doubt into a warning."""
    doubt, distance = measured["not_frontal"], measured["distance"]
    look = max(LOOKS, key=lambda name: measured[name])
    code = CODES.get(look, look)
    if doubt > SURE or (doubt > DOUBTED and not believable):
        return (Reason(code, "refuse", LOOKS[look], doubt, SURE if doubt > SURE else DOUBTED),)
    if distance > FAR or (distance > STRANGE and not believable):
        sentence = "This is unlike every chest film the gate knows. Upload a frontal (PA or AP) chest film."
        return (Reason("unfamiliar", "refuse", sentence, distance, FAR if distance > FAR else STRANGE),)
    if doubt > DOUBTED:
        return (Reason(code, "warn", f"Look twice. {LOOKS[look]}", doubt, DOUBTED),)
    if distance > STRANGE:
        sentence = "This chest film is unlike most that the models have seen: bars, devices or an unusual exposure."
        return (Reason("unfamiliar", "warn", sentence, distance, STRANGE),)
    return ()


def of_lungs(measured: dict[str, float], odd: dict[str, tuple[float, float]]) -> tuple[Reason, ...]:
    """Lungs not found, not two, in an odd place, or cut off by the film's edge: warnings, since disease hides lungs.

    Where the network doubts too, it refuses: such lungs are not believable.
    """
    if measured.get("lungs") == 0:
        sentence = "No lungs were found: too dense to be told from the rest, or out of view. Check the film."
        return (Reason("no_lungs", "warn", sentence, 0.0, 2.0),)
    if "lungs" in odd:
        sentence = f"{measured['lungs']:.0f} lung fields were found where two are expected: check their outline."
        return (Reason("lungs", "warn", sentence, *odd["lungs"]),)
    if measured.get("lungs_at_edge", 0) > CUT:
        sentence = "The lungs reach the edge of the film over a good part of one side: they seem cut off."
        return (Reason("cut_off", "warn", sentence, measured["lungs_at_edge"], CUT),)
    return tuple(
        Reason("odd_lungs", "warn", f"The lungs found look odd ({NAMES[name].format(value)}): check their outline.",
               value, limit)
        for name, (value, limit) in list(odd.items())[:1]
    )  # fmt: skip
