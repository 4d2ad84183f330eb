"""Maps as 16-bit arrays: the values come back, and nothing of a patient goes along."""

import io
from dataclasses import replace

import numpy as np
import pytest
from explain.tiny import a_film

from cxr_models.errors import MapError
from cxr_models.explain import dicom_ready
from cxr_models.types import COVID19, Map

ALLOWED = {
    "pixel_array", "Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated", "BitsStored",
    "HighBit", "PixelRepresentation", "RescaleSlope", "RescaleIntercept", "RescaleType", "SeriesDescription",
    "DerivationDescription",
}  # fmt: skip


def made(values: np.ndarray) -> Map:
    return Map(np.asarray(values, np.float32), "pooled", "cam", COVID19, True, "logit of one cell")


@pytest.fixture
def film(serve):
    """A film of 2 x 3 pixels while the small networks are there, named as a reader might name it."""
    return replace(a_film(np.zeros((2, 3))), name="Doe, John")


@pytest.mark.parametrize("scale", [1e-6, 1.0, 3e4])
def test_slope_and_intercept_give_the_values_back_within_half_a_step(film, scale):
    values = (np.random.default_rng(0).standard_normal((40, 30)) * scale).astype(np.float32)
    facts = dicom_ready.pixel_module(made(values), film)
    again = facts["pixel_array"] * facts["RescaleSlope"] + facts["RescaleIntercept"]
    assert facts["pixel_array"].dtype == np.uint16
    assert np.abs(again - values).max() <= facts["RescaleSlope"] * (0.5 + 1e-6)
    assert (facts["pixel_array"].min(), facts["pixel_array"].max()) == (0, 65535)


def test_a_decimal_string_of_dicom_holds_slope_and_intercept(film):
    for values in (np.array([[-1 / 3, 1e-7]]), np.array([[-np.pi * 1e-12, 0]]), np.array([[1e7 / 3, 2e7]])):
        _, slope, intercept = dicom_ready.stored(values)
        assert len(f"{slope:.10G}") <= 16 and float(f"{slope:.10G}") == slope
        assert len(f"{intercept:.10G}") <= 16 and float(f"{intercept:.10G}") == intercept


def test_a_map_of_one_value_is_stored_as_its_intercept():
    array, slope, intercept = dicom_ready.stored(np.full((2, 2), 0.25))
    assert (array.max(), slope, intercept) == (0, 1.0, 0.25)


def test_the_file_holds_what_a_writer_of_dicom_needs_and_no_name(film):
    spaced = replace(film, spacing_mm=(0.2, 0.1))
    with np.load(io.BytesIO(dicom_ready.npz(made([[0, 1, 2], [3, 4, 5]]), spaced))) as file:
        facts = {name: file[name].tolist() for name in file.files}
    assert facts.keys() == ALLOWED | {"PixelSpacing"}
    assert facts["PixelSpacing"] == [0.2, 0.1]
    assert (facts["Rows"], facts["Columns"], facts["BitsStored"]) == (2, 3, 16)
    assert facts["PhotometricInterpretation"] == "MONOCHROME2"
    assert facts["SeriesDescription"] == "class activation map (exact), Pooled, covid19"
    assert "Doe" not in str(facts)


def test_a_film_that_states_no_pixel_size_gets_none(film):
    assert dicom_ready.pixel_module(made(np.ones((2, 3))), film).keys() == ALLOWED


def test_what_is_no_number_is_refused():
    with pytest.raises(MapError, match="no numbers"):
        dicom_ready.stored(np.array([[0.0, np.nan]]))


def test_a_difference_names_both_classes(film):
    facts = dicom_ready.pixel_module(made(np.ones((2, 3))), film, less="non_covid19")
    assert str(facts["SeriesDescription"]).endswith("Pooled, covid19 less non_covid19")
