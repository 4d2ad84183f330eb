"""Figures of the report as inline SVG and HTML tables: no script, no link, nothing that is loaded."""

from collections.abc import Mapping, Sequence
from html import escape

from . import CHANGE, FLIPS, Audit, Cell, Matrix
from .rows import Bar

LABEL, WIDTH, ROW = 270, 880, 30  # user units of the SVG
LEFT, RIGHT = LABEL + 10, 690
BLUE, ORANGE = "#2a6f9e", "#d55e00"


def bars(rows: Sequence[Bar], beside: str) -> str:
    """Bars with 95 % intervals from 0 to 1. beside: what the diamonds are, for the legend."""
    height = ROW * len(rows) + 52
    ticks = "".join(_tick(share / 4, height) for share in range(5))
    drawn = "".join(_bar(row, 12 + ROW * at) for at, row in enumerate(rows))
    legend = f'{_diamond(LEFT, height - 9)}<text x="{LEFT + 14}" y="{height - 4}">{escape(beside)}</text>'
    spoken = "; ".join(f"{row.label} {row.found.value:.2f}" for row in rows)
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(spoken)}">{ticks}{drawn}{legend}</svg>'


def _x(value: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * min(max(value, 0.0), 1.0), 1)


def _tick(share: float, height: int) -> str:
    line = f'<line x1="{_x(share)}" x2="{_x(share)}" y1="8" y2="{height - 40}" stroke="#d7dde2"/>'
    return f'{line}<text class="axis" x="{_x(share)}" y="{height - 26}" text-anchor="middle">{share:g}</text>'


def _bar(row: Bar, top: int) -> str:
    m, middle = row.found, top + 11
    text = f"{m.value:.2f} ({m.low:.2f} to {m.high:.2f}), n = {m.n}"
    parts = [
        f'<text x="{LABEL}" y="{middle + 5}" text-anchor="end">{escape(row.label)}</text>',
        f'<rect x="{LEFT}" y="{top}" width="{round(_x(m.value) - LEFT, 1)}" height="22" fill="{BLUE}"/>',
        f'<line x1="{_x(m.low)}" x2="{_x(m.high)}" y1="{middle}" y2="{middle}" stroke="#1b2126" stroke-width="3"/>',
        f'<text class="axis" x="{RIGHT + 14}" y="{middle + 4}">{text}</text>',
    ]
    return "".join(parts) + ("" if row.beside is None else _diamond(_x(row.beside), middle))


def _diamond(x: float, y: float) -> str:
    return f'<path d="M{x} {y - 7}l7 7-7 7-7-7z" fill="{ORANGE}" stroke="#fff"/>'


def changes(found: Audit, about: str) -> str:
    """What edits and marks do. about: the class whose probability is followed, as readers write it."""
    head = (
        "<tr><th>What is changed</th><th>Another answer<br><small>share of films</small></th>"
        f"<th>Probability of {escape(about)}<br><small>mean change</small></th><th>Films</th></tr>"
    )
    parts = {"Edits": found.edits, "Marks that are added": found.marks}
    rows = "".join(
        f'<tr class="part"><td colspan="4">{name}</td></tr>' + "".join(_change(found, title) for title in titles)
        for name, titles in parts.items()
    )
    return f"<table>{head}{rows}</table>"


def _change(found: Audit, title: str) -> str:
    flips, change = found.measure(FLIPS, title), found.measure(CHANGE, title)
    if not (flips and change):
        return ""
    share = f"{flips.value:.0%} <small>{flips.low:.0%} to {flips.high:.0%}</small>"
    moved = f"{change.value:+.2f} <small>{change.low:+.2f} to {change.high:+.2f}</small>"
    cells = (_shaded(share, flips.value, ORANGE), _shaded(moved, change.value, ORANGE if change.value > 0 else BLUE))
    return f"<tr><td>{escape(title)}</td>{''.join(cells)}<td>{flips.n}</td></tr>"


def _shaded(content: str, value: float, colour: str) -> str:
    """A cell the darker the larger the value."""
    return f'<td style="background:{colour}{round(min(abs(value), 1) * 160):02x}">{content}</td>'


def matrix(found: Matrix) -> str:
    """Train source down, test source across; hatched where there is no figure to give."""
    names = list(found.counts)
    head = "".join(f'<th scope="col">{escape(name)}{_films(found.counts[name])}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{escape(a)}</th>' + "".join(_cell(found.cell(a, b)) for b in names) + "</tr>"
        for a in names
    )
    return f'<table class="matrix"><tr><th>fitted on ↓ asked about →</th>{head}</tr>{rows}</table>'


def _cell(one: Cell) -> str:
    if one.found is None:
        return f'<td class="hatched" title="{escape(one.reason)}"></td>'
    m = one.found
    content = f"<b>{m.value:.2f}</b><br><small>{m.low:.2f} to {m.high:.2f}</small>"
    return _shaded(content, max(0.0, 2 * m.value - 1), BLUE)


def _films(counts: Mapping[str, int]) -> str:
    return f"<br><small>{' / '.join(str(n) for n in counts.values())}</small>"


def side_by_side(models: Sequence[dict[str, str]]) -> str:
    """A column a model; the first row is the head."""
    lines = []
    for at, name in enumerate(models[0]):
        kind = "td" if at else "th"
        cells = (name, *(model[name] for model in models))
        lines.append("".join(f"<{kind}>{escape(cell)}</{kind}>" for cell in cells))
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"
