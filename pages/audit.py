"""Audit: what each model's answers follow, measured over many test films, and a report to hand out."""

import streamlit as st

from cxr_models import audits
from pages.shared import cached, frame
from pages.shared.audits import sections
from pages.shared.choices import one_of
from pages.shared.opened import stated

LEAD = (
    "Test films were changed in known ways, and read by every model before and after. What an answer follows, and what "
    "a model's features give away, is measured here; no figure is about films from your hospital."
)
EMPTY = (
    "An audit needs the film collections, and about 20 minutes of two cores: "
    "<code>python -m cxr_models audit --root FOLDER</code>. What it stores is shown here."
)


def main() -> None:
    frame.page("Audit")
    st.html(sections.STYLE)
    known, stored = stated(cached.specs), audits.stored()
    found = {name: stored[name] for name in (*known, *stored) if name in stored}  # in the order of every page
    if not found:
        frame.empty("No model has been audited", EMPTY)
        return
    st.markdown(LEAD)
    chosen = found[one_of("Model", {name: one.title for name, one in found.items()}, "audit-model")]
    sections.in_words(chosen)
    sections.handout(chosen, found)
    sections.shown(chosen)
    sections.collections(chosen)
    sections.changes(found)
    sections.twins(found)


main()
