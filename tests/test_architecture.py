"""The arrows of docs/architecture.md, held against the imports."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = sorted((ROOT / "cxr_models").rglob("*.py"))
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]


def name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> set[str]:
    """Every module a file imports, relative ones written out: ``from ..types import Film`` is cxr_models.types.Film."""
    found = set()
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*package[: len(package) + 1 - node.level], *filter(None, [node.module])])
            base = base if node.level else node.module
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def users(prefix: str, files: list[Path]) -> set[str]:
    return {name(f) for f in files if any(i == prefix or i.startswith(prefix + ".") for i in imports(f))}


@pytest.mark.parametrize("library", ["streamlit", "plotly"])
def test_only_pages_draw(library):
    assert users(library, PACKAGE) == set()


def test_the_package_never_imports_pages():
    assert users("pages", PACKAGE) | users("app", PACKAGE) == set()


def test_pages_do_not_import_each_other():
    outside = [f for f in PAGES if f.parent.name != "shared" and f.name != "app.py"]
    for page in outside:
        allowed = {i for i in imports(page) if i.startswith("pages.") and not i.startswith("pages.shared")}
        assert not allowed, f"{name(page)} imports {allowed}"


@pytest.mark.parametrize("part", ["cxr_models.training", "lightning"])
def test_nothing_imports_training(part):
    files = [f for f in PACKAGE + PAGES if "training" not in f.parts]
    assert users(part, files) <= {"cxr_models.__main__", "cxr_models.commands"}


@pytest.mark.parametrize("part", ["data", "evaluation"])
def test_the_app_knows_neither_collections_nor_how_figures_are_made(part):
    files = [f for f in PACKAGE + PAGES if not {"training", "evaluation", "data", "audit"} & set(f.parts)]
    assert users(f"cxr_models.{part}", files) == set()


def test_audits_are_made_by_the_command_alone():
    files = [f for f in PACKAGE + PAGES if f.parent.name != "audit" or f.parent.parent.name != "shortcuts"]
    assert users("cxr_models.shortcuts.audit", files) == {"cxr_models.commands.audit"}


def test_a_database_stays_in_readings():
    found = users("sqlalchemy", PACKAGE + PAGES)
    assert found and all(user.startswith("cxr_models.readings") for user in found), found


def test_architectures_know_networks_only():
    for file in (f for f in PACKAGE if f.parent.name == "architectures"):
        outside = {i.split(".")[0] for i in imports(file) if not i.startswith("cxr_models.architectures")}
        assert outside <= {"torch", "torchvision", "timm", "collections", "itertools", "typing", "math"}, name(file)


def test_explain_knows_no_training_and_no_weight_files():
    files = [f for f in PACKAGE if f.parent.name == "explain"]
    for part in ("cxr_models.training", "cxr_models.weights", "safetensors"):
        assert users(part, files) == set()


def test_captum_stays_in_explain():
    found = users("captum", PACKAGE + PAGES)
    assert found and all(user.startswith("cxr_models.explain.") for user in found), found


def test_one_place_opens_the_model_hub_and_one_the_weight_files():
    assert users("huggingface_hub", PACKAGE) == {"cxr_models.hub"}
    reads = {user for user in users("safetensors", PACKAGE) if not user.startswith("cxr_models.training")}
    assert reads == {"cxr_models.weights"}


def test_pydicom_stays_in_imaging():
    assert all(user.startswith("cxr_models.imaging") for user in users("pydicom", PACKAGE))


@pytest.mark.parametrize("leaf", ["types", "errors"])
def test_leaves_import_nothing_of_ours(leaf):
    assert not {i for i in imports(ROOT / "cxr_models" / f"{leaf}.py") if i.startswith("cxr_models")}


def test_nothing_unpickles():
    for file in PACKAGE + PAGES:
        unpickling = re.search(r"(?<!safetensors\.)torch\.load\(", file.read_text())
        assert "pickle" not in imports(file) and not unpickling, name(file)
