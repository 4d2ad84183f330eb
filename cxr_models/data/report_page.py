"""The report as one HTML file that needs no other: tables, and a contact sheet of every source and label.

It holds thumbnails of the films: it is the reader's own, and not to be passed on where the collections are not.
"""

import base64
import html
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from ..errors import CxrError
from ..imaging.preprocess import grey
from ..imaging.read import read_film
from .report import NO_LABEL, Section, sections
from .splits import UNREADABLE

SHOWN = 10
THUMBNAIL = 112
QUALITY = 70

STYLE = """
:root { color-scheme: dark; --ink: #e8edf2; --quiet: #93a1b0; --line: #26313c; --card: #131a21; --accent: #5cc8d7 }
* { box-sizing: border-box }
body { margin: 0; background: #0b1015; color: var(--ink); font: 15px/1.55 system-ui, sans-serif }
main { max-width: 1200px; margin: 0 auto; padding: 40px 28px 80px }
h1 { font-size: 28px; font-weight: 650; letter-spacing: -.01em; margin: 0 }
h2 { font-size: 18px; font-weight: 600; margin: 0 0 6px }
h3 { font-size: 14px; font-weight: 600; margin: 26px 0 8px }
h3 small { color: var(--quiet); font-weight: 400; margin-left: 6px }
p { margin: 0 0 12px; color: var(--quiet); max-width: 78ch }
section, .facts div { background: var(--card); border: 1px solid var(--line); border-radius: 12px }
section { padding: 22px 24px; margin-top: 22px }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px }
th, td { padding: 6px 14px 6px 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
th.words, td.words { text-align: left; white-space: normal; max-width: 70ch }
th { font-weight: 600; color: var(--quiet) }
tbody th, thead th:first-child { text-align: left; color: var(--ink) }
td.none { color: #44515e }
.facts { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 22px }
.facts div { flex: 1 1 150px; padding: 14px 18px }
.facts b { display: block; font-size: 24px; font-weight: 650; color: var(--accent); font-variant-numeric: tabular-nums }
.facts span { color: var(--quiet); font-size: 13px }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 6px }
.sheet img { width: 100%; aspect-ratio: 1; display: block; border-radius: 6px; background: #000 }
"""


def page(films: pd.DataFrame, name: str, root: Path | None) -> str:
    """HTML of the report on the index ``name``; with ``root``, its contact sheets too."""
    parts = [_facts(films), *map(_section, sections(films))]
    if root is not None:
        parts.append(_sheets(films, root))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>Films of {html.escape(name)}</title>'
        f"<style>{STYLE}</style><main><h1>Films of {html.escape(name)}</h1>{''.join(parts)}</main></html>"
    )


def _facts(films: pd.DataFrame) -> str:
    facts = {
        "films": len(films),
        "groups": films.group.nunique(),
        "collections": films.source.nunique(),
        "to train": (films.split == "train").sum(),
        "to validate": (films.split == "val").sum(),
        "to test": (films.split == "test").sum(),
    }
    boxes = "".join(f"<div><b>{n:,}</b><span>{what}</span></div>" for what, n in facts.items())
    return f'<div class="facts">{boxes}</div>'


def _section(section: Section) -> str:
    said = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in section.text)
    return f'<section><h2>{section.title}</h2>{said}<div class="wide">{_table(section.table)}</div></section>'


def _table(table: pd.DataFrame) -> str:
    words = {name: ' class="words"' for name in table if pd.api.types.is_string_dtype(table[name])}
    head = "".join(f"<th{words.get(name, '')}>{html.escape(str(name))}</th>" for name in table)
    rows = [
        f"<tr><th>{html.escape(str(name))}</th>{''.join(map(_cell, values))}</tr>"
        for name, values in zip(table.index, table.to_numpy(), strict=True)
    ]
    return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(value: object) -> str:
    if isinstance(value, str):
        return f'<td class="words">{html.escape(value)}</td>'
    return f"<td>{value:,}</td>" if value else '<td class="none">0</td>'


def _sheets(films: pd.DataFrame, root: Path) -> str:
    """Up to SHOWN films of each source and label, the same at each call."""
    parts = []
    for (source, label), cell in films[films.split != UNREADABLE].groupby(["source", "label"]):
        shown = cell.sample(min(SHOWN, len(cell)), random_state=0)
        pictures = "".join(_thumbnail(root / film.path, film.path) for film in shown.itertuples())
        title = f"{html.escape(source)}, {html.escape(label or NO_LABEL)}<small>{len(cell):,} films</small>"
        parts.append(f'<h3>{title}</h3><div class="sheet">{pictures}</div>')
    return f"<section><h2>Contact sheets</h2>{''.join(parts)}</section>"


def _thumbnail(file: Path, name: str) -> str:
    """An <img> with the film inside; its name is the tooltip. A film that cannot be read any more is a dark square."""
    try:
        square = np.rint(grey(read_film(file.read_bytes()).pixels, THUMBNAIL) * 255).astype(np.uint8)
    except (OSError, CxrError):
        square = np.zeros((THUMBNAIL, THUMBNAIL), np.uint8)
    code = base64.b64encode(cv2.imencode(".jpg", square, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()).decode()
    shown = html.escape(name, quote=True)
    return f'<img src="data:image/jpeg;base64,{code}" alt="Chest film {shown}" title="{shown}">'
