"""An audit in plain sentences: each is one comparison that its figures bear out, with the figures in it."""

from collections.abc import Iterator

from ..results import Measure
from . import AGE, COLLECTION, DISEASE, ERASED, FLIPS, LUNGS, RATIO, SCORE, TILES, WHOLE, Audit, Probe

ENOUGH = 30  # films, for a sentence on which of two figures is higher


def said(found: Audit) -> list[str]:
    """The sentences, the most telling first."""
    parts = (_without_lungs, _tiles, _within_a_class, _named, _elsewhere, _edits, _marks)
    return [sentence for part in parts for sentence in part(found)]


def cell(m: Measure) -> str:
    """A figure with its interval, two digits each."""
    return f"{m.value:.2f} ({m.low:.2f} to {m.high:.2f})"


def erased(found: Audit, name: str) -> list[Measure]:
    """The figures ``name`` of the lungs erased, one a fill."""
    return [m for m in found.of(name) if m.about.startswith(ERASED)]


def spread(found: list[Measure]) -> str:
    """The range of several figures: "0.71 to 0.93"."""
    values = [m.value for m in found]
    return f"{min(values):.2f} to {max(values):.2f}"


def within(found: Audit) -> list[Probe]:
    """The probes of the collection among films of one class, those that were asked."""
    return [one for one in found.probes if one.asked.startswith(f"{COLLECTION}, ") and one.found]


def _without_lungs(found: Audit) -> Iterator[str]:
    whole, lungs, gone = found.measure(SCORE, WHOLE), found.measure(RATIO, LUNGS), erased(found, RATIO)
    if not (whole and lungs and gone):
        return
    yield (
        f"With the lungs erased, {found.title} keeps {spread(gone)} of its macro-F1 of {whole.value:.2f} on films as"
        f" they are (four ways of filling the gap); with nothing but the lungs it keeps {cell(lungs)}."
    )
    if found.region == "lungs" or lungs.n < ENOUGH:
        return
    if min(m.low for m in gone) > lungs.high:
        yield (
            "It does better without the lungs than on the lungs alone: what it tells the classes apart by lies largely"
            " elsewhere on the film, or in the outline that erasing leaves; or the black around the lungs, which it"
            " never saw in training, misleads it."
        )
    elif max(m.high for m in gone) < lungs.low:
        yield "It does better on the lungs alone than without them: they hold most of what it tells classes apart by."


def _tiles(found: Audit) -> Iterator[str]:
    if tiles := found.measure(SCORE, TILES):
        yield (
            f"Without any network, from 8 × 8 grey tiles on which no finding can be seen, a simple regression reaches a"
            f" macro-F1 of {cell(tiles)} on the same films."
        )


def _within_a_class(found: Audit) -> Iterator[str]:
    for one in within(found):
        assert one.found
        which = one.asked.removeprefix(f"{COLLECTION}, ").removesuffix(" films only")
        yield (
            f"Among {which} films only, where there is no disease to tell apart, its features name the collection with"
            f" a balanced accuracy of {cell(one.found)}; chance is {one.chance:.2f} ({len(one.counts)} collections)."
        )


def _named(found: Audit) -> Iterator[str]:
    asked = [one for name in (DISEASE, COLLECTION, AGE) if (one := found.probe(name)) and one.found]
    if len(asked) > 1:
        parts = (f"{one.asked} {cell(one.found)}, chance {one.chance:.2f}" for one in asked if one.found)
        yield f"How well its features name what a film is, over all films: {'; '.join(parts)}."


def _elsewhere(found: Audit) -> Iterator[str]:
    same, other = found.matrix.same, found.matrix.other
    if same and other:
        yield (
            f"A simple classifier of normal or not on its features, fitted on one collection, reaches {cell(same)} on"
            f" films of the same collection and {cell(other)} on those of another; chance is 0.50."
        )


def _edits(found: Audit) -> Iterator[str]:
    yield from _moved(found, "edit", found.edits)


def _marks(found: Audit) -> Iterator[str]:
    yield from _moved(found, "added mark", found.marks)


def _moved(found: Audit, what: str, titles: tuple[str, ...]) -> Iterator[str]:
    flips = sorted((m for m in found.of(FLIPS) if m.about in titles), key=lambda m: -m.value)
    if flips and flips[0].value == 0:
        yield f"No {what} changes an answer, on {flips[0].n} films."
    elif flips:
        most, least = flips[0], flips[-1]
        yield (
            f"The {what} that changes most answers is “{most.about}”, on {most.value:.0%} of {most.n} films; the one"
            f" that changes fewest is “{least.about}”, on {least.value:.0%}."
        )
