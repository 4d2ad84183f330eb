"""Reader first: no output of any model before the reader's own reading; afterwards all of it, and the comparison."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from by_hand import png, reading_of
from film_open import flat_map, visit, words
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from cxr_models import explain, inference
from cxr_models.readings import store
from cxr_models.readings.record import Answer, FilmRead, Opinion
from cxr_models.readings.table import csv_text
from cxr_models.types import COVID19, NORMAL, PNEUMONIA, Film, Reading, Verdict
from pages.shared import frame, session
from pages.shared.reader_first import desk
from pages.shared.reader_first import words as said

PATIENCE = 240_000  # milliseconds: the first waking of the models on a busy machine
DAY = date(2026, 11, 21)
PAGES = ("read", "residuals", "explain", "compare", "shortcuts")
OF_MODELS = ("Alpha", "Beta", "Gamma", "say COVID-19", "0.80", "0.90", "80.0%", "its threshold", "Fit to be read",
             "Lungs as found:", "lungs outlined")  # fmt: skip
GREY = np.random.default_rng(0).integers(0, 256, (120, 160)).astype(np.uint8)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of this test's own."""
    monkeypatch.setenv(store.VARIABLE, f"sqlite:///{tmp_path}/readings.sqlite")
    return tmp_path / "readings.sqlite"


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The clock of the desk, set by hand."""
    now = [100.0]
    monkeypatch.setattr(desk, "clock", lambda: now[0])
    yield now


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, known_specs: dict, database: Path) -> list[str]:
    """Films answer as ``reading_of`` says; lists the films that models were asked about."""
    calls = []

    def read(film: Film, model_ids=None, progress=None, force: bool = False) -> Reading:
        calls.append(film.sha256)
        return reading_of(film)

    monkeypatch.setattr(inference, "read", read)
    monkeypatch.setattr(
        explain, "explain", lambda film, lungs, name, method, target, **_: flat_map(name, method, target)
    )
    return calls


def on(app: AppTest) -> AppTest:
    """The reader has switched Reader first on."""
    app.session_state[desk.KEY] = desk.Desk(on=True)
    return app


def everything(app: AppTest) -> str:
    """All that was sent to the browser, seen or not, but for grey values: every element's whole message."""
    found, todo = [], [app._tree]
    while todo:
        node = todo.pop()
        todo.extend(getattr(node, "children", {}).values())
        message = str(getattr(node, "proto", ""))
        found.append("" if "film_courier" in message else message)
    return " ".join(found).replace("globalAlpha", "")  # a word of the viewer's script


def opened(app: AppTest) -> AppTest:
    """A fresh film is open on Read, which no model has been asked about, and Reader first is on."""
    on(app).run()
    return app.file_uploader(key="uploads").set_value([("DOE^JANE.png", png(GREY), "image/png")]).run()


def recorded(app: AppTest, diagnosis: str = NORMAL, sure: int = 3, *zones: str, name: str = "first") -> AppTest:
    """Fill in the form and press its button."""
    key = f"{name}-{app.session_state[session.KEY].current}"
    app.button_group(key=f"class-{key}").set_value(diagnosis)
    app.button_group(key=f"sure-{key}").set_value(sure)
    for box in app.checkbox:
        if box.key.endswith(key):
            box.set_value(box.key in {f"{zone}-{key}" for zone in zones} or (box.key == f"clear-{key}" and not zones))
    return app.button(key=f"record-{key}").click().run()


def film_read(app: AppTest) -> FilmRead:
    (one,) = app.session_state[desk.KEY].films.values()
    return one


@pytest.mark.parametrize("page", PAGES)
def test_nothing_of_any_model_is_in_a_page_before_the_reader_has_read(app: AppTest, asked: list, page: str):
    """Also where the models had answered before the switch was turned: the session holds it all, the page nothing."""
    visit(on(app), page)
    assert not app.exception
    assert "Your reading first." in words(app)
    sent = everything(app)
    assert "film_viewer" in sent
    assert [word for word in OF_MODELS if word in sent] == []
    assert "agree" not in words(app).replace(frame.STYLE, "")


@pytest.mark.parametrize("page", ["read", "explain", "compare"])
def test_after_the_reading_the_models_are_there(app: AppTest, asked: list, page: str):
    recorded(visit(on(app), page))
    assert not app.exception
    sent = everything(app)
    assert "Your reading first." not in sent and "Alpha" in sent and "Fit to be read" in sent
    assert "1 of 3 models agrees with you" in words(app)


def test_what_is_searched_for_is_there_without_reader_first(app: AppTest, asked: list):
    sent = everything(visit(app, "read"))
    assert [word for word in OF_MODELS if word not in sent] == []


def test_no_model_is_asked_until_the_reading_is_recorded(app: AppTest, asked: list, ticking: list):
    opened(app)
    assert "No model has been asked yet." in words(app) and asked == []
    ticking[0] += 41.53
    recorded(app, PNEUMONIA, 2, "right lower", "left upper")
    assert len(asked) == 1
    assert "**Your reading:** Pneumonia, not COVID-19 (unsure), right lower and left upper zones, in 42\xa0s." in words(
        app
    )
    assert "**None of 3 models agree with you**. 2 say COVID-19: Alpha and Gamma. 1 says normal: Beta." in words(app)
    first = film_read(app).before
    assert (first.diagnosis, first.confidence, first.regions) == (PNEUMONIA, 2, ("right lower", "left upper"))
    assert first.seconds == 41.5
    assert store.load() == [film_read(app)]


def test_the_form_begins_empty_and_says_what_is_missing(app: AppTest, asked: list):
    opened(app)
    key = f"first-{app.session_state[session.KEY].current}"
    assert app.button_group(key=f"class-{key}").value is None and app.button_group(key=f"sure-{key}").value is None
    app.button(key=f"record-{key}").click().run()
    assert app.error[0].value.startswith("Choose an answer, how sure you are, and where")
    app.checkbox(key=f"clear-{key}").check()
    recorded(app, NORMAL, 3)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("diagnosis", "clear", "says"),
    [(COVID19, True, "A zone and no finding exclude each other"),
     (NORMAL, False, "Normal and a zone with a finding exclude each other")],
    ids=["no finding", "normal"],
)  # fmt: skip
def test_a_zone_excludes(app: AppTest, asked: list, diagnosis: str, clear: bool, says: str):
    opened(app)
    key = f"first-{app.session_state[session.KEY].current}"
    app.button_group(key=f"class-{key}").set_value(diagnosis)
    app.button_group(key=f"sure-{key}").set_value(5)
    app.checkbox(key=f"clear-{key}").set_value(clear)
    app.checkbox(key=f"left middle-{key}").check()
    app.button(key=f"record-{key}").click().run()
    assert app.error[0].value.startswith(says)
    assert asked == [] and store.load() == []


def test_a_second_reading_starts_from_the_first_is_final_and_leaves_the_first_as_it_was(
    app, asked: list, ticking: list
):
    ticking[0] += 20
    recorded(opened(app), NORMAL, 3)
    first = film_read(app).before
    key = f"final-{app.session_state[session.KEY].current}"
    assert app.button_group(key=f"class-{key}").value == NORMAL
    assert app.checkbox(key=f"clear-{key}").value
    ticking[0] += 8
    recorded(app, COVID19, 4, "right lower", name="final")
    assert "You moved towards the models: 2 of 3 agree now, 1 did before." in words(app)
    assert not [one for one in app.button if one.key and one.key.startswith("record-")]
    film = film_read(app)
    assert film.before == first and (film.after.diagnosis, film.after.seconds) == (COVID19, 8.0)
    assert store.load() == [film]


def test_a_reading_made_after_the_answers_were_seen_is_kept_as_such(app: AppTest, asked: list):
    visit(on(app), "read")
    assert "were on the screen before" in words(app)
    recorded(app)
    film = film_read(app)
    assert film.before is None and film.after is not None and len(film.answers) == 3
    assert "Has your mind changed?" not in everything(app)


def test_the_switch_hides_what_was_shown_and_shows_what_was_hidden(app: AppTest, asked: list):
    visit(app, "read")
    assert "Alpha" in everything(app)
    app.toggle(key="reader-first").set_value(True).run()
    assert "Alpha" not in everything(app)
    app.switch_page("pages/explain.py").run()
    assert "Alpha" not in everything(app)
    app.switch_page("pages/read.py").run()
    assert app.toggle(key="reader-first").value is True
    app.toggle(key="reader-first").set_value(False).run()
    assert "Alpha" in everything(app)
    assert store.load() == []


def test_a_refused_film_has_a_reading_and_nothing_to_compare_with(app: AppTest, asked: list, monkeypatch):
    refused = Verdict("refused", (), {})
    monkeypatch.setattr(
        inference, "read", lambda film, *_, **__: replace(reading_of(film), verdict=refused, predictions={})
    )
    recorded(opened(app))
    assert said.ALONE in words(app)
    assert store.load()[0].answers == ()


def test_a_closed_film_that_is_opened_again_keeps_its_reading(app: AppTest, asked: list):
    recorded(opened(app))
    app.button(key=f"close-{app.session_state[session.KEY].current}").click().run()
    app.file_uploader(key="uploads").set_value([("again.png", png(GREY), "image/png")]).run()
    assert "**Your reading:** Normal (fairly sure), no finding" in words(app)
    assert film_read(app).film == 1


def test_a_database_that_cannot_be_written_loses_nothing(app: AppTest, asked: list, monkeypatch, tmp_path: Path):
    monkeypatch.setenv(store.VARIABLE, f"sqlite:///{tmp_path}/gone/readings.sqlite")
    recorded(opened(app))
    assert not app.exception
    assert "kept in this browser session" in app.warning[0].value
    assert "gone/readings.sqlite cannot be used (unable to open database file)" in app.warning[0].value
    assert "1 of 3 models agrees with you" in words(app)
    app.button(key="all-readings").click().run()
    assert not app.exception
    assert app.get("download_button") and app.metric[0].value == "1"
    (tmp_path / "gone").mkdir()
    app.button(key="store-again").click().run()
    assert not app.warning
    assert store.load() == [film_read(app)]


def test_the_summary_is_of_this_session_or_of_all_in_the_database(app: AppTest, asked: list):
    for number in range(1, 13):
        answers = (Answer("one", COVID19 if number % 2 else NORMAL, 0.8, 0.8 if number % 2 else 0.1),)
        first = Opinion(COVID19 if number % 2 else NORMAL, 3, (), 10.0 * number, DAY)
        store.save(FilmRead("other", number, first, replace(first, diagnosis=NORMAL), answers))
    recorded(opened(app))
    app.button(key="all-readings").click().run()
    assert app.dataframe[0].value.to_dict("records")[1] == {
        "Model": "Beta", "Agrees with the reader": "1 of 1", "Share": "100%", "95 % interval": "21% to 100%",
        "Beyond chance (kappa)": "from 10 films on",
    }  # fmt: skip
    app.button_group(key="readings-of").set_value("all")
    app.button(key="all-readings").click().run()  # a browser keeps the dialog open
    row = app.dataframe[0].value.to_dict("records")[0]
    assert row == {
        "Model": "Alpha", "Agrees with the reader": "12 of 13", "Share": "92%", "95 % interval": "67% to 99%",
        "Beyond chance (kappa)": "0.85",
    }  # fmt: skip
    assert [one.value for one in app.metric] == ["13", "1 min 0\xa0s"]
    assert "12 films read again with the models in view: the answer changed on 6 (0 towards" in words(app)


def test_without_a_reading_the_summary_says_how_to_get_one(app: AppTest, asked: list):
    on(app).run()
    app.button(key="all-readings").click().run()
    assert "No reading is recorded yet." in words(app)


def test_nothing_that_identifies_is_kept_or_exported(app: AppTest, asked: list, database: Path):
    opened(app)
    sha256 = app.session_state[session.KEY].current
    app.text_input(key=f"name-{sha256}").set_value("Ward 3").run()
    recorded(app)
    kept = database.read_bytes().decode("latin1")
    exported = csv_text(app.session_state[desk.KEY].films.values())
    rows = list(csv.DictReader(io.StringIO(exported)))
    assert [(row["film"], row["model"], row["agrees"]) for row in rows] == [
        ("1", "one", "no"), ("1", "two", "yes"), ("1", "three", "no"),
    ]  # fmt: skip
    for text in (kept, exported):
        assert "normal" in text
        assert [one for one in (sha256, sha256[:8], "DOE", "Ward 3", "Film 1", "PNG") if one in text] == []


def test_two_readers_are_two_random_names(app: AppTest):
    names = {desk.Desk().session for _ in range(50)}
    assert len(names) == 50 and all(len(name) == 16 for name in names)


def test_durations_in_words():
    assert [said.duration(one).replace("\xa0", " ") for one in (0.2, 59.4, 59.6, 185)] == [
        "0 s",
        "59 s",
        "1 min 0 s",
        "3 min 5 s",
    ]


def test_a_reader_reads_first_in_a_real_browser(page: Page, server: str):
    page.goto(server)
    page.locator("label").filter(has_text="Reader first").click()
    expect(page.get_by_role("button", name="All readings")).to_be_visible()
    page.get_by_role("button", name="COVID-19").click()
    record = page.get_by_role("button", name="Record my reading and show the models")
    expect(record).to_be_in_viewport(timeout=PATIENCE)
    film = page.locator("canvas[data-drawn]").first
    expect(film).to_be_visible()
    assert film.bounding_box()["width"] >= 0.6 * 1440
    expect(page.locator("article.row")).to_have_count(0)
    expect(page.get_by_role("button", name="Lungs", exact=True)).to_be_hidden()
    drawn = film.get_attribute("data-drawn")
    page.get_by_role("radio", name="Pneumonia, not COVID-19").click()
    page.get_by_role("radio", name="Sure", exact=True).click()
    page.get_by_text("Lower zone").first.click()
    assert film.get_attribute("data-drawn") == drawn  # filling in the form leaves the film alone
    for name in ("Explain", "Compare"):
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.get_by_text("Your reading first.")).to_be_visible()
        expect(page.get_by_text("ResNet-18")).to_have_count(0)
    page.get_by_role("radio", name="Pneumonia, not COVID-19").click()
    page.get_by_role("radio", name="Sure", exact=True).click()
    page.get_by_text("Lower zone").first.click()
    page.get_by_role("button", name="Record my reading and show the models").click()
    expect(page.locator("article.row")).to_have_count(5, timeout=PATIENCE)
    page.get_by_role("link", name="Read", exact=True).first.click()
    expect(page.get_by_text("Pneumonia, not COVID-19 (sure), right lower zone")).to_be_visible()
    page.get_by_role("button", name="All readings").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the readings (CSV)").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    assert len(rows) == 5 and {row["regions"] for row in rows} == {"right lower"}
    assert page.locator("[data-testid=stException]").count() == 0
