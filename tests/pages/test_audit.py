"""The Audit page: sentences first, then figures; the report; what is shown where nothing was audited."""

from pathlib import Path

import pytest
from audit_by_hand import LOST, audit
from film_open import html, words
from streamlit.testing.v1 import AppTest

from cxr_models import audits
from cxr_models.audits import CHANGE, FLIPS, rows
from pages.shared.audits import charts


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch, known_specs: dict) -> dict:
    """What is stored; Alpha and Beta by default."""
    found = {"one": audit(), "two": audit("two", "Beta", "lungs")}
    monkeypatch.setattr(audits, "stored", lambda: found)
    return found


def visit(app: AppTest) -> AppTest:
    app.switch_page("pages/audit.py").run()
    assert not app.exception
    return app


def test_nothing_audited_yet_is_a_designed_state_with_the_command(app: AppTest, stored: dict):
    stored.clear()
    visit(app)
    assert "No model has been audited" in html(app) and "python -m cxr_models audit" in html(app)
    assert not app.get("plotly_chart")


def test_sentences_come_before_figures(app: AppTest, stored: dict):
    visit(app)
    assert "With the lungs erased, Alpha keeps 0.90 to 0.95 of its macro-F1" in html(app)
    assert "Alpha reads the whole film. 40 test films were changed, 160 probed" in words(app)
    assert len(app.get("plotly_chart")) == 3


def test_another_model_has_sentences_of_its_own(app: AppTest, stored: dict):
    visit(app)
    app.button_group(key="audit-model").set_value("two").run()
    assert "Beta reads the lungs alone." in words(app) and "Beta keeps 0.90" in html(app)


def test_the_matrix_is_hatched_with_reasons_and_cramers_v(app: AppTest, stored: dict):
    visit(app)
    assert html(app).count('class="hatched"') == 5
    assert "Cramér's V of collection and normal or not: 0.45" in words(app) and f"{LOST}." in words(app)


def test_with_or_without_lungs_shows_twins_or_how_to_get_them(app: AppTest, stored: dict):
    visit(app)
    assert "No network was audited both ways yet" in words(app)
    assert "resnet18-lungs-short" in app.code[-1].value
    stored.update({"net": audit("net", "Net"), "net-lungs": audit("net-lungs", "Net on lungs", "lungs")})
    app.run()
    assert "<th>Trained on</th><th>whole films</th><th>lungs alone</th>" in html(app)
    assert "No network was audited both ways yet" not in words(app)


def test_the_reports_can_be_downloaded(app: AppTest, stored: dict):
    visit(app)
    labels = [one.proto.label for one in app.get("download_button")]
    assert labels == ["Report on Alpha (HTML)", "Report on all models (HTML)"]


def test_the_heat_map_has_a_cell_a_change_and_model_with_its_interval(stored: dict):
    figure = charts.changes(list(stored.values()), FLIPS)
    assert list(figure.data[0].x) == ["Alpha", "Beta"] and len(figure.data[0].y) == 7
    assert figure.data[0].text[0][0] == "50%"
    assert figure.data[0].customdata[0][0] == "50% (95 % interval 0.45 to 0.55), 40 films"
    assert charts.changes(list(stored.values()), CHANGE).data[0].text[0][0] == "-0.25"


def test_a_change_that_a_model_could_not_be_shown_says_so(stored: dict):
    figure = charts.changes([audit()], FLIPS)
    assert "not read" not in str(figure.data[0].text)
    bare = audit()
    object.__setattr__(bare, "measures", ())
    assert set(charts.changes([bare], FLIPS).data[0].text[0]) == {"not read"}


def test_bars_have_the_published_figures_beside_them():
    figure = charts.bars(rows.scores(audit()), "published")
    assert list(figure.data[1].x) == [0.852, 0.723, 0.829, 0.829, 0.642]
    assert figure.data[0].error_x.array[0] == pytest.approx(0.05)


def test_the_page_imports_no_audit_and_no_torch():
    for file in (Path(charts.__file__).parent).glob("*.py"):
        assert "shortcuts.audit" not in file.read_text() and "import torch" not in file.read_text()
