"""One row a model: what it answers, its probabilities on one scale, its threshold, and what it cannot say."""

import html
from collections.abc import Mapping

import streamlit as st

from cxr_models.manifest import ModelSpec
from cxr_models.results import Evaluation, evaluation
from cxr_models.types import Prediction, Reading
from pages.shared import wording
from pages.shared.palette import CLASS_COLOURS

RULED_OUT = "Struck out: answers the model rules out. It was set to keep the right one in {:.0f} of 100 films."
AXIS = '<div class="axis"><span></span><span class="scale"><i>0</i><i>probability</i><i>1</i></span><span></span></div>'


def headline(reading: Reading, specs: Mapping[str, ModelSpec]) -> None:
    """Draw one sentence on who says COVID-19, what to bear in mind about it, and the scale of the rows below."""
    said = [reading.predictions[name] for name in specs if name in reading.predictions]
    sentence = wording.agreement(said, {name: wording.called(spec) for name, spec in specs.items()})
    st.html(f'<p class="agreement">{sentence}</p>')
    if caution := wording.cautious(said):
        st.caption(caution)
    coverage = next((found.conformal.coverage for found in map(evaluation, specs) if found and found.conformal), None)
    if coverage is not None:
        st.caption(RULED_OUT.format(100 * coverage))
    st.html(AXIS)


def row(spec: ModelSpec, prediction: Prediction, shown: bool) -> str:
    """HTML of a model that has read the film, with what its test films say of it; ``shown``: its map is on the film."""
    measured = evaluation(spec.id)
    kept = wording.not_ruled_out(prediction, measured)
    bars = "".join(_bar(name, prediction, name in kept) for name in prediction.classes)
    mark = f'<span class="threshold{" above" if prediction.positive else ""}">{wording.threshold(prediction)}</span>'
    return _frame(spec, bars, mark + _meaning(prediction, measured), "on" if shown else "")


def failed_row(spec: ModelSpec, reading: Reading) -> str:
    """HTML of a model that could not read the film, and why."""
    sentence = reading.failures.get(spec.id, "It was not asked.")
    return _frame(spec, "", f'<span class="failure">Not read. {html.escape(sentence)}</span>', "failed")


def _frame(spec: ModelSpec, bars: str, mark: str, state: str) -> str:
    region = ", from the lungs alone" if spec.input.region == "lungs" else ""
    answers = f"{wording.answers(spec.classes)}{region}"
    limits = f"<details><summary>What it cannot say</summary>{html.escape(spec.limits)}</details>"
    head = f"<header><b>{html.escape(spec.title)}</b> <span>{answers}</span></header>"
    return f'<article class="row {state}">{head}{bars}<footer>{mark}{limits}</footer></article>'


def _meaning(prediction: Prediction, measured: Evaluation | None) -> str:
    """What the threshold and the ruling out come to in films, behind a click; nothing for an unmeasured model."""
    sentences = wording.in_use(prediction, measured) if measured else []
    paragraphs = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in sentences)
    return f"<details><summary>What this means</summary>{paragraphs}</details>" if sentences else ""


def _bar(name: str, prediction: Prediction, kept: bool) -> str:
    share = prediction.of(name)
    tick = ""
    if name == prediction.classes[0]:
        tick = f'<em style="left:{prediction.threshold:.1%}" title="threshold {prediction.threshold:.2f}"></em>'
    fill = f'<i style="width:{share:.1%};background:{CLASS_COLOURS[name]}"></i>'
    track = f'<span class="track">{fill}{tick}</span>'
    label = wording.CLASS_NAMES[name] if kept else f'<s title="ruled out">{wording.CLASS_NAMES[name]}</s>'
    return f'<div class="bar"><span>{label}</span>{track}<output>{share:.2f}</output></div>'
