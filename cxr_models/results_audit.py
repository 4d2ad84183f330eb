"""The section "Shortcuts" of docs/results.md: what the models' answers follow, written from ``audit.<id>.json``."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from . import audits, results
from .audits import CHANGE, COMMAND, FLIPS, PUBLISHED_ON, SCORE, Audit, findings, readable, rows
from .results_maps import Table
from .results_studies import shown

SEEN = """\
What answers follow beside disease, measured: `{command}`. How: [audit.md](audit.md). {films}
Nothing here says that a model uses only what is named; a figure that stays high without lungs says that it can.
"""


def said(folder: Path = results.FOLDER) -> str:
    """What was measured and, of every model, what came out in plain words."""
    found = list(audits.stored(folder).values())
    if not found:
        return f"Not measured yet: `{COMMAND}`."
    commands = dict.fromkeys(one.command for one in found)
    text = SEEN.format(command="`, `".join(commands), films=f"Films: {rows.films(found[0])}.")
    titles: dict[str, list[str]] = {}
    for one in found:
        for sentence in findings.said(one):
            titles.setdefault(sentence, []).append(one.title)
    notes = dict.fromkeys(note for one in found for note in one.notes)
    parts = (f"- {', '.join(names)}: {sentence}" for sentence, names in titles.items())
    return "\n".join([text, *parts, *(f"- {note}" for note in notes)])


def tables(folder: Path = results.FOLDER) -> Iterator[Table]:
    """Heading, rows and lines below of each table."""
    found = list(audits.stored(folder).values())
    if not found:
        return
    yield "Macro-F1 by what is shown, the published beside it", _scores(found), [PUBLISHED_ON]
    yield "Films on which another class becomes the most probable one", _changes(found, FLIPS), []
    heading = f"Mean change of the probability of {readable(found[0].classes[0])}"
    yield heading, _changes(found, CHANGE), []
    yield "What features name: balanced accuracy of a linear probe", _probes(found), rows.unasked(found[0])
    for one in found:
        below = [rows.association(one), *rows.reasons(one)]
        yield f"{one.title}: normal or not, fitted on one collection and asked about another", _matrix(one), below
    yield (
        "With or without lungs: the same network, trained on whole films and on the lungs alone",
        rows.pairs(found),
        [],
    )


def _scores(found: Sequence[Audit]) -> list[dict[str, str]]:
    names = dict.fromkeys(m.about for one in found for m in one.of(SCORE))
    return [
        {"shown": name, "published": _printed(name)} | {one.model_id: shown(one.measure(SCORE, name)) for one in found}
        for name in names
    ]


def _printed(name: str) -> str:
    value = rows.published(name)
    return "" if value is None else f"{value:.3f}"


def _changes(found: Sequence[Audit], name: str) -> list[dict[str, str]]:
    titles = dict.fromkeys(title for one in found for title in (*one.edits, *one.marks))
    return [{"changed": title} | {one.model_id: shown(one.measure(name, title)) for one in found} for title in titles]


def _probes(found: Sequence[Audit]) -> list[dict[str, str]]:
    asked = {one.asked: one for each in found for one in each.probes if one.found}
    return [
        {"asked": name, "chance": f"{first.chance:.3f}", "Cramér's V with the collection": _v(first.v)}
        | {each.model_id: shown(one.found) if (one := each.probe(name)) else "" for each in found}
        for name, first in asked.items()
    ]


def _v(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _matrix(one: Audit) -> list[dict[str, str]]:
    """Without the collections that have no figure at all: the lines below say why they have none."""
    names = [name for name in one.matrix.counts if one.matrix.cell(name, name).found]
    return [{"fitted on": a} | {b: shown(one.matrix.cell(a, b).found) for b in names} for a in names]
