"""Audits as one HTML page that a teacher can hand out: no link, no script, no film, nothing of any patient."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from . import PUBLISHED_ON, Audit, drawn, findings, readable, rows
from .rows import Bar

BESIDE = "published, for another network"
STYLE = Path(__file__).with_name("report.css")
NOTICE = "Research and teaching only. Not for diagnosis."
LEAD = """A network that names a disease on a chest film may have learned something else: letters, borders, the machine,
the child's chest. An audit changes films in known ways, and asks what the network's own features give away. None of the
figures says how a network would do on films of another hospital."""
READ_AS = {
    "changes": "A radiograph that was inverted, windowed or saved anew shows the same chest, a mirrored one the same"
    " findings on the other side: answers that change follow the display, the file, or detail that was lost.",
    "shown": "Macro-F1: mean over the classes of how well each is found and how rarely it is named wrongly; 1 is"
    " perfect. Lines: 95 % intervals.",
    "probes": "Features: what the network computes of a film before it answers. Balanced accuracy of a simple"
    " classifier on them: what can be read off. Among films of one class, no knowledge of disease can name the"
    " collection.",
    "matrix": "Balanced accuracy of normal against not normal, 95 % interval below it; 0.50 is chance. Under each"
    " collection: its films, not normal / normal. Hatched: no figure, as the collection confounds or is too small.",
}


def page(found: Sequence[Audit]) -> str:
    """The audits of one or several models, as a whole document."""
    title = f"What {found[0].title} looks at" if len(found) == 1 else "What the models look at"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f"<title>{escape(title)}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head><body>",
        f'<p class="notice" role="note">{NOTICE}</p><h1>{escape(title)}</h1><p>{LEAD}</p>',
        *_summary(found),
        *(part for one in found for part in _model(one)),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _summary(found: Sequence[Audit]) -> Iterator[str]:
    if len(found) > 1:
        yield f"<h3>Side by side</h3>{drawn.side_by_side(rows.summary(found))}"
    if both := rows.pairs(found):
        yield "<h3>With or without lungs: the same network trained on whole films, and on the lungs alone</h3>"
        yield drawn.side_by_side(both)


def _model(found: Audit) -> Iterator[str]:
    reads = "the lungs alone" if found.region == "lungs" else "the whole film"
    yield f"<h2>{escape(found.title)}</h2>"
    yield f'<p class="small">Reads {reads}. {found.n} test films were changed, {found.probed} probed. {found.date}.</p>'
    yield _list(findings.said(found), "said")
    yield f"<h3>How well it classifies what is left of a film</h3>{_figure(rows.scores(found), BESIDE)}"
    yield f'<p class="small">{READ_AS["shown"]} {PUBLISHED_ON}</p>'
    yield f"<h3>What its features give away</h3>{_figure(rows.named(found), 'chance')}"
    yield f'<p class="small">{READ_AS["probes"]}</p>{_list(rows.unasked(found), "small")}'
    yield f"<h3>Learned in one collection, asked in another</h3>{drawn.matrix(found.matrix)}"
    yield f'<p class="small">{rows.association(found)} {READ_AS["matrix"]}</p>{_list(rows.reasons(found), "small")}'
    yield f"<h3>What changes its answer</h3>{drawn.changes(found, readable(found.classes[0]))}"
    yield f'<p class="small">{READ_AS["changes"]}</p><h3>How this was measured</h3>{_list(found.notes, "small")}'
    yield f'<p class="small">Films: {escape(rows.films(found))}. Made by <code>{escape(found.command)}</code>.</p>'


def _figure(bars: Sequence[Bar], beside: str) -> str:
    return f"<figure>{drawn.bars(bars, beside)}</figure>" if bars else '<p class="small">No figure.</p>'


def _list(sentences: Sequence[str], kind: str) -> str:
    items = "".join(f"<li>{escape(one)}</li>" for one in sentences)
    return f'<ul class="{kind}">{items}</ul>' if items else ""
