"""HTML of the figures beside the film: a line a model, before and after, and published figures as bars. Pure."""

import html
from collections.abc import Mapping, Sequence

from cxr_models.manifest import ModelSpec
from cxr_models.shortcuts.lesson import Published
from cxr_models.types import COVID19
from pages.shared import wording
from pages.shared.palette import CLASS_COLOURS
from pages.shared.teaching.words import probability, short

GREY = "#b8bec6"  # of figures that are of no class


def rows(
    about: str, before: Mapping[str, float], after: Mapping[str, float] | None, specs: Mapping[str, ModelSpec]
) -> str:
    """A line a model: its probability of class ``about`` before and, if given, after, on one scale."""
    lines = "".join(
        _row(specs[name], about, value, None if after is None else after.get(name)) for name, value in before.items()
    )
    title = f"Probability of {wording.CLASS_NAMES[about]}"
    how = "thin: film as it is, full: changed" if after else ""
    return f'<div class="said"><header><b>{title}</b><span>{how}</span></header>{lines}</div>'


def _row(spec: ModelSpec, about: str, before: float, after: float | None) -> str:
    colour = CLASS_COLOURS[about]
    bars = _bar("is", before, colour) if after is None else _bar("was", before, colour) + _bar("is", after, colour)
    tick = f'<em style="left:{spec.threshold:.1%}"></em>' if about == COVID19 else ""
    figures = probability(before) if after is None else f"{probability(before)} → <b>{probability(after)}</b>"
    alone = " <small>lungs alone</small>" if spec.input.region == "lungs" else ""
    name = f"<span>{html.escape(short(spec))}{alone}</span>"
    return f'<div class="line">{name}<span class="track">{bars}{tick}</span><output>{figures}</output></div>'


def three(name: str, values: Sequence[tuple[str, float]], about: str) -> str:
    """One model of the quiz: its name and a bar a film."""
    lines = "".join(
        f'<div class="line films"><span>{html.escape(label)}</span><span class="track">'
        f"{_bar('is', value, CLASS_COLOURS[about])}</span><output><b>{probability(value)}</b></output></div>"
        for label, value in values
    )
    return f'<div class="said"><header><b>{html.escape(name)}</b></header>{lines}</div>'


def published(figures: Sequence[Published], source: str) -> str:
    """Published figures as bars on a scale from 0 to 1, with their source."""
    lines = "".join(
        f'<div class="line wide"><span>{html.escape(one.label)}</span><span class="track">{_bar("is", one.value, GREY)}'
        f"</span><output><b>{one.value:g}</b></output></div>"
        for one in figures
    )
    return f'<div class="said">{lines}<footer>{html.escape(source)}</footer></div>'


def _bar(kind: str, share: float, colour: str) -> str:
    return f'<i class="{kind}" style="width:{share:.1%};background:{colour}"></i>'
