"""The gate and every model read a film, with progress; the answers are kept in the reader's session."""

import streamlit as st

from cxr_models.errors import CxrError
from pages.shared import cached, session
from pages.shared.waiting import progress


def read(case: session.Case, force: bool = False) -> None:
    """Read the film, then draw the page again with what was said; returns only after an error, which is on the page.

    force: also a film that the gate refuses.
    """
    try:
        with progress("Waking the models, the first time only") as report:
            from cxr_models import inference  # torch takes seconds to load: the page and the film are shown first

            models = list(cached.classifiers())
            session.keep_reading(inference.read(case.film, models, progress=report, force=force))
    except CxrError as error:
        st.error(f"The film could not be read. {error}")
        return
    st.rerun()
