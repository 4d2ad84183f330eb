"""A map as every page shows it: on its film only where it holds something for its class, and with its badge."""

import html

import streamlit as st

from cxr_models.manifest import ModelSpec
from cxr_models.types import Lungs, Map
from pages.shared import made, map_words
from pages.shared.viewer import Overlay

TO_EXPLAIN = "This answer and its maps on Explain"


def overlays(result: Map, label: str) -> list[Overlay]:
    """What is to be laid on the film: nothing where the map holds nothing for its class."""
    return [Overlay.of(result, label)] if made.speaks(result) else []


def badge(verdict: map_words.Verdict, text: str) -> str:
    """HTML of a badge with what is said beside it."""
    return f'<p class="badge {verdict.status}"><b>{verdict.mark} {verdict.words}.</b> {html.escape(text)}</p>'


def verdict_here(result: Map) -> map_words.Verdict:
    """The badge on a page that checks nothing: as Explain found it in this session, or where to have it checked."""
    found = made.evidence(result)
    return map_words.VERDICTS[found.badge] if found else map_words.NOT_HERE


def beside(result: Map, spec: ModelSpec, lungs: Lungs | None) -> None:
    """Badge, share in the lungs, caution, and the way to the checks. Draws nothing that takes time to compute."""
    found = made.evidence(result)
    said = map_words.reasons(found, result.target) if found else []
    if made.speaks(result):
        share = map_words.in_lungs(result, lungs, spec.input.region == "lungs")
        said += [*([f"{share}."] if share else []), map_words.CAUTION]
    st.html(badge(verdict_here(result), " ".join(said)))
    to_explain(TO_EXPLAIN)


def to_explain(label: str) -> None:
    st.page_link("pages/explain.py", label=label)
