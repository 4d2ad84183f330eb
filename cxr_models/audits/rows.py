"""An audit's figures as rows, for the report, the page and docs/results.md alike."""

from collections.abc import Sequence
from typing import NamedTuple

from ..results import Measure
from . import COLLECTION, DISEASE, ERASED, LUNGS, PUBLISHED, RATIO, SCORE, WHOLE, Audit, findings, readable, twins


class Bar(NamedTuple):
    """One row: what, its figure in [0, 1], and a value to hold it against, None where there is none."""

    label: str
    found: Measure
    beside: float | None = None


def summary(found: Sequence[Audit]) -> list[dict[str, str]]:
    """A row a model: what it keeps of its macro-F1, and what its features name."""
    return [_row(one) for one in found]


def pairs(found: Sequence[Audit]) -> list[dict[str, str]]:
    """A row a network, those trained on whole films each with its twin on the lungs alone below it."""
    both = [one for pair in twins({one.model_id: one for one in found}) for one in pair]
    return [{"Trained on": "lungs alone" if one.region == "lungs" else "whole films"} | _row(one) for one in both]


def _row(one: Audit) -> dict[str, str]:
    whole = one.measure(SCORE, WHOLE)
    row = {"Model": one.title, "Macro-F1 on films as they are": findings.cell(whole) if whole else ""}
    gone = findings.erased(one, RATIO)
    lungs = one.measure(RATIO, LUNGS)
    row["Kept without lungs"] = findings.spread(gone) if gone else ""
    row["Kept on lungs only"] = findings.cell(lungs) if lungs else ""
    for asked in (DISEASE, COLLECTION, f"{COLLECTION}, normal films only"):
        probe = one.probe(asked)
        text = f"{findings.cell(probe.found)}, chance {probe.chance:.2f}" if probe and probe.found else ""
        row[f"Features name: {asked}"] = text
    same, other = one.matrix.same, one.matrix.other
    row["Normal or not, same collection"] = findings.cell(same) if same else ""
    row["Normal or not, another collection"] = findings.cell(other) if other else ""
    return row


def scores(found: Audit) -> list[Bar]:
    """Macro-F1 of each way to show a film, with the published one of the same kind."""
    return [Bar(m.about, m, published(m.about)) for m in found.of(SCORE)]


def published(shown: str) -> float | None:
    """What was published for this way to show a film; all fills stand beside one figure."""
    return PUBLISHED.get(ERASED if shown.startswith(ERASED) else shown)


def named(found: Audit) -> list[Bar]:
    """What the features name, beside chance."""
    return [Bar(capital(one.asked), one.found, one.chance) for one in found.probes if one.found]


def unasked(found: Audit) -> list[str]:
    """What was not asked of the features, and why."""
    return [f"{capital(one.asked)}: not asked. {one.reason}" for one in found.probes if one.reason]


def association(found: Audit) -> str:
    """How far collection and class go together among the films of the matrix."""
    if found.matrix.cramers_v is None:
        return ""
    return f"Cramér's V of collection and normal or not: {found.matrix.cramers_v:.2f} (1: one gives the other away)."


def reasons(found: Audit) -> list[str]:
    """Why cells of the matrix are hatched, each once."""
    return list(dict.fromkeys(f"{cell.reason}." for cell in found.matrix.cells if cell.reason))


def films(found: Audit) -> str:
    """How many films of each class each collection gave."""
    parts = (
        f"{name} ({', '.join(f'{n} {readable(label)}' for label, n in by_label.items())})"
        for name, by_label in found.films.items()
    )
    v = "" if found.cramers_v is None else f"; Cramér's V of collection and class {found.cramers_v:.2f}"
    return "; ".join(parts) + v


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
