"""The names a program may rely on, and that asking for one does not cost the others."""

import subprocess
import sys

import pytest

import cxr_models

NAMES = {
    "CxrError", "Film", "Lungs", "Map", "Prediction", "Reading", "Residuals", "Verdict",
    "check", "classifiers", "find_lungs", "predict", "read", "read_film", "residuals",
}  # fmt: skip


def test_the_public_names_are_these_and_all_of_them_are_there():
    assert set(cxr_models.__all__) == NAMES == set(dir(cxr_models))
    assert all(getattr(cxr_models, name).__name__ == name for name in NAMES)


def test_public_names_are_the_ones_of_their_modules():
    from cxr_models import inference
    from cxr_models.imaging.read import read_film

    assert cxr_models.read is inference.read
    assert cxr_models.read_film is read_film


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="diagnose"):
        _ = cxr_models.diagnose


@pytest.mark.parametrize("statement", ["import cxr_models", "import cxr_models.__main__", "import cxr_models.types"])
def test_networks_are_imported_at_first_use(statement):
    heavy = "{'torch', 'openvino', 'pydicom', 'lightning', 'pandas'}"
    program = f"import sys; {statement}; print(*{heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
