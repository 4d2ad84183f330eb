"""A manifest entry as a card a radiologist can read. Pure HTML; the only computing is counting parameters."""

import html
from functools import cache
from typing import TYPE_CHECKING

from cxr_models.errors import CxrError
from cxr_models.manifest import ModelSpec, Result, Training
from cxr_models.types import COVID19
from pages.shared import wording

if TYPE_CHECKING:
    from cxr_models.weights import Status

REGIONS = {"film": "the whole film", "lungs": "the lungs alone, the rest made black"}


def card(spec: ModelSpec, weights: "Status") -> str:
    """HTML of one model: what it is, how it came to be, what was measured, what it cannot say, its file."""
    return (
        f'<article class="card" id="{spec.id}"><header><h2>{html.escape(spec.title)}</h2>'
        f"<p>{html.escape(spec.paper)}</p></header>"
        f"{_state(weights)}{_shortened(spec.training)}"
        f"{_list(_facts(spec))}<h3>Measured</h3>{_results(spec.results)}"
        f'<h3>What it cannot say</h3><p class="limits">{html.escape(spec.limits)}</p>'
        f"<h3>How it was trained</h3>{_list(_training(spec.training))}"
        f"<details><summary>File and licence</summary>{_list(_file(spec, weights))}</details></article>"
    )


def _list(rows: list[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{html.escape(text)}</dd>" for name, text in rows) + "</dl>"


def _state(weights: "Status") -> str:
    kind, word = ("ready", "Ready.") if weights.ok else ("missing", "Not ready.")
    return f'<p class="state {kind}"><b>{word}</b> {html.escape(weights.sentence)}</p>'


def _shortened(training: Training) -> str:
    return f'<p class="shortened">{html.escape(training.shortened)}</p>' if training.shortened else ""


def _facts(spec: ModelSpec) -> list[tuple[str, str]]:
    colour = "grey" if spec.input.channels == 1 else "grey, repeated in three channels"
    rows = [
        ("Answers", _answers(spec.classes)),
        ("Reads", f"{REGIONS[spec.input.region]}, {spec.input.size} × {spec.input.size} pixels, {colour}"),
        ("Network", f"{spec.architecture}, {_parameters(spec)}"),
    ]
    if spec.thresholds:
        rows.append(("Threshold", f"COVID-19 from {spec.threshold:.2f}; {spec.thresholds_chosen}"))
    return rows


def _answers(classes: tuple[str, ...]) -> str:
    if COVID19 in classes:
        return wording.answers(classes)
    if classes == ("lungs",):
        return "which part of the film is lung"
    return f"what kind of picture it is: {', '.join(classes)}"


def _training(training: Training) -> list[tuple[str, str]]:
    sources = ", ".join(f"{count:,} {source}" for source, count in training.data.items())
    return [
        ("Films", f"{sum(training.data.values()):,} ({sources})"),
        ("Seen", f"{training.films_seen:,} films with repetitions, {_several(training.epochs, 'epoch')}"),
        ("Time", f"{_several(round(training.minutes), 'minute')} on {training.device}, {training.date:%d %B %Y}"),
        ("Began from", training.initialisation),
        ("Kept apart", training.split),
    ]


def _several(count: float, what: str) -> str:
    return f"{count:,g} {what}{'' if count == 1 else 's'}"


def _results(results: tuple[Result, ...]) -> str:
    if not results:
        return '<p class="limits">No measured result is stored with it: do not rely on it.</p>'
    rows = "".join(
        f"<tr><td>{html.escape(_named(r.name))}</td><td><b>{r.value:.3f}</b></td><td>{r.low:.3f} to {r.high:.3f}</td>"
        f"<td>{r.n:,}</td></tr>"
        for r in results
    )
    head = "<tr><th></th><th>value</th><th>95 % interval</th><th>films</th></tr>"
    data = html.escape("; ".join(dict.fromkeys(r.data for r in results)))
    return f'<table>{head}{rows}</table><p class="limits">On {data}.</p>'


def _named(name: str) -> str:
    """ "ROC AUC, covid19" -> "ROC AUC, COVID-19"."""
    figure, _, about = name.partition(", ")
    return f"{figure}, {wording.CLASS_NAMES.get(about, about)}" if about else figure


def _file(spec: ModelSpec, weights: "Status") -> list[tuple[str, str]]:
    hub = f"{spec.hub.repo}, {spec.hub.file}, revision {spec.hub.revision}" if spec.hub else "none"
    return [
        ("Licence", spec.licence),
        ("Size", f"{spec.size / 1e6:.1f} MB"),
        ("Where", weights.where),
        ("Bundled as", spec.bundled or "not bundled"),
        ("Hub", hub),
        ("SHA-256", spec.sha256),
        ("Map taken from", spec.cam_layer or "no map"),
        ("Calibration", f"logits divided by {spec.temperature:g}"),
    ]


def _parameters(spec: ModelSpec) -> str:
    try:
        return f"{parameters(spec):,} parameters"
    except CxrError as error:
        return f"which cannot be built. {error}"


def parameters(spec: ModelSpec) -> int:
    """Number of trainable parameters of the network, counted without making any weights. Raises as registry.build."""
    return _count(spec.architecture, tuple(sorted(spec.settings.items())))


@cache
def _count(architecture: str, settings: tuple[tuple[str, object], ...]) -> int:
    import torch  # takes seconds to load: the page is shown first

    from cxr_models.registry import build

    with torch.device("meta"):
        module = build(architecture, dict(settings))
    return sum(weight.numel() for weight in module.parameters() if weight.requires_grad)
