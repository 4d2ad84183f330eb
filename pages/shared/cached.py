"""The only thing shared between readers: what the models are. Films and readings never come here."""

import streamlit as st

from cxr_models import manifest, results_maps
from cxr_models.results import Measure
from cxr_models.types import COVID19


@st.cache_resource
def specs() -> dict[str, manifest.ModelSpec]:
    """Every network of the manifest, in its order. Raises ManifestError when the manifest cannot be used."""
    return manifest.specs()


def classifiers() -> dict[str, manifest.ModelSpec]:
    """The networks that give probabilities of COVID-19, in the order in which every page lists them."""
    return {name: spec for name, spec in specs().items() if COVID19 in spec.classes}


@st.cache_data(show_spinner=False)
def passing(model_id: str) -> dict[str, Measure]:
    """Method -> share of this network's maps that passed their checks on test films; none where not measured."""
    return results_maps.passing(model_id)
