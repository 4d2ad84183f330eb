"""Models: a card for every network of the manifest."""

from pathlib import Path

import streamlit as st

from pages.shared import cached, cards, frame
from pages.shared.opened import stated

STYLE = Path(cards.__file__).with_name("cards.css")
LEAD = (
    "What every network here is, how it came to be, and what was measured with it. No figure here is about films from "
    "your hospital."
)


def main() -> None:
    frame.page("Models")
    st.html(STYLE)
    st.markdown(LEAD)
    specs = stated(cached.specs)
    with st.spinner("Checking the weight files"):
        from cxr_models import weights  # brings torch, which takes seconds to load: the page is shown first

        states = weights.status(specs)
        texts = [cards.card(spec, state) for spec, state in zip(specs.values(), states, strict=True)]
    columns = st.columns(2, gap="small")
    for at, text in enumerate(texts):
        columns[at % 2].html(text)


main()
