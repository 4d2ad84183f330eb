"""The Read page from the app's entry point, with readings made by hand."""

import numpy as np
import pytest
from by_hand import png, reading_of
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from cxr_models import explain, inference
from cxr_models.errors import WeightsMissing
from cxr_models.types import Check, Evidence, Film, Map, Reading, Reason, Verdict
from pages.shared import frame, made, map_beside, map_words, session, viewer

GREY = np.random.default_rng(0).integers(0, 256, (120, 160)).astype(np.uint8)
REFUSAL = Verdict("refused", (Reason("lateral", "refuse", "This is a lateral film.", 0.93, 0.5),), {"lateral": 0.93})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, known_specs: dict) -> list[tuple[str, bool]]:
    """Every film answers as ``reading_of`` says; lists (sha256, force) of each time the models were asked."""
    calls = []

    def read(film: Film, model_ids=None, progress=None, force: bool = False) -> Reading:
        calls.append((film.sha256, force))
        return reading_of(film)

    monkeypatch.setattr(inference, "read", read)
    return calls


@pytest.fixture
def mapped(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Every map is flat; lists (model, class) of each that was made."""
    calls = []

    def make(film: Film, lungs, model_id: str, method: str, target: str) -> Map:
        calls.append((model_id, target))
        return Map(np.ones(film.pixels.shape, np.float32), model_id, method, target, False, "units")

    monkeypatch.setattr(explain, "explain", make)
    return calls


def upload(app: AppTest, *contents: bytes) -> AppTest:
    files = [(f"DOE^JANE-{number}.png", content, "image/png") for number, content in enumerate(contents)]
    return app.file_uploader(key="uploads").set_value(files).run()


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def cases(app: AppTest) -> tuple[session.Case, ...]:
    return app.session_state[session.KEY].cases


def test_without_a_film_the_page_says_what_to_do_and_bears_the_notice(app: AppTest, asked: list):
    app.run()
    assert not app.exception
    assert "No film is open" in html(app)
    assert frame.NOTICE in html(app)
    assert asked == []


def test_a_film_is_read_once_and_its_answers_stand_in_the_manifest_order(app: AppTest, asked: list):
    upload(app.run(), png(GREY))
    assert not app.exception
    text = html(app)
    assert "2 of 3 say COVID-19; Beta, on the lungs alone, does not." in text
    assert text.index("<b>Alpha</b>") < text.index("<b>Beta</b>") < text.index("<b>Gamma</b>")
    assert "Fit to be read" in text
    assert any("25% of the film" in caption.value for caption in app.caption)
    app.run()
    assert len(asked) == 1


def test_a_film_is_called_by_its_number_and_never_by_its_file(app: AppTest, asked: list):
    upload(app.run(), png(GREY), png(255 - GREY))
    assert [case.name for case in cases(app)] == ["Film 1", "Film 2"]
    assert "DOE" not in html(app) and "DOE" not in " ".join(one.value for one in (*app.markdown, *app.caption))
    assert app.session_state[session.KEY].current == cases(app)[0].sha256


def test_a_reader_may_name_a_film_and_markup_in_a_name_is_text(app: AppTest, asked: list):
    upload(app.run(), png(GREY))
    app.text_input(key=f"name-{cases(app)[0].sha256}").set_value("<b>Ward 3</b>").run()
    assert cases(app)[0].name == "<b>Ward 3</b>"
    assert '<h2 class="case">&lt;b&gt;Ward 3&lt;/b&gt;</h2>' in html(app)


def test_a_bad_file_is_one_sentence_and_the_others_go_on(app: AppTest, asked: list):
    upload(app.run(), b"%PDF-1.4 not a film", png(GREY))
    assert [error.value.split(".")[0] for error in app.error] == ["File 1 of 2 was not opened"]
    assert "PDF" in app.error[0].value and "DOE" not in app.error[0].value
    assert len(cases(app)) == 1 and len(asked) == 1


def test_a_click_on_a_row_makes_its_map_once_and_a_second_click_takes_it_off(app: AppTest, asked: list, mapped: list):
    upload(app.run(), png(GREY))
    assert mapped == []
    app.button(key="map-two").click().run()
    assert mapped == [("two", "normal")]
    assert app.session_state[session.KEY].shown == "two"
    app.button(key="map-two").click().run()
    app.button(key="map-two").click().run()
    assert mapped == [("two", "normal")]


def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many maps were laid on the film, each time it was drawn."""
    numbers, real = [], viewer.viewer

    def seen(film, *, key, overlays=(), **rest):
        numbers.append(len(overlays))
        real(film, key=key, overlays=overlays, **rest)

    monkeypatch.setattr(viewer, "viewer", seen)
    return numbers


def test_a_map_has_its_badge_its_share_in_the_lungs_and_the_way_to_its_checks(app, asked, monkeypatch):
    def make(film: Film, lungs, model_id: str, method: str, target: str) -> Map:
        return Map(np.ones(film.pixels.shape, np.float32), model_id, method, target, True, "units", inside_lungs=0.5)

    monkeypatch.setattr(explain, "explain", make)
    numbers = drawn(monkeypatch)
    upload(app.run(), png(GREY))
    app.button(key="map-one").click().run()
    assert not app.exception and numbers[-1] == 1
    badge = '<p class="badge none"><b>– Not checked: see Explain.</b> 50% of what it marks for the answer lies in the '
    assert f"{badge}lungs (of an even map: 25%). {map_words.CAUTION}</p>" in html(app)
    assert [link.proto.label for link in app.get("page_link")] == [map_beside.TO_EXPLAIN]
    (made_map,) = app.session_state[session.KEY].maps.values()
    fails = Check("curves", False, "The answer does not follow the map.", 0.0, 0.1)
    made.keep_evidence(made_map, Evidence("fails", (fails,)))
    app.run()
    assert "do not rest on this map.</b> The answer does not follow the map. 50% of what it marks" in html(app)


def test_a_map_without_evidence_is_a_sentence_and_the_bare_film(app, asked, monkeypatch):
    def make(film: Film, lungs, model_id: str, method: str, target: str) -> Map:
        return Map(-np.ones(film.pixels.shape, np.float32), model_id, method, target, True, "units")

    monkeypatch.setattr(explain, "explain", make)
    numbers = drawn(monkeypatch)
    upload(app.run(), png(GREY))
    app.button(key="map-one").click().run()
    assert not app.exception and set(numbers) == {0}
    assert "</b> By this method nothing on the film speaks for COVID-19: there is no map to show.</p>" in html(app)


def test_a_map_that_cannot_be_made_says_so(app: AppTest, asked: list, monkeypatch: pytest.MonkeyPatch):
    def fail(*args: object, **kwargs: object) -> Map:
        raise WeightsMissing("The weights are not there.")

    monkeypatch.setattr(explain, "explain", fail)
    upload(app.run(), png(GREY))
    app.button(key="map-one").click().run()
    assert not app.exception
    assert app.warning[0].value == "The map of Alpha could not be made. The weights are not there."


def test_a_model_that_could_not_be_used_is_a_row_that_says_why(app: AppTest, known_specs: dict, monkeypatch):
    def read(film: Film, *args: object, **kwargs: object) -> Reading:
        whole = reading_of(film)
        rest = {name: one for name, one in whole.predictions.items() if name != "one"}
        return Reading(film, whole.verdict, whole.lungs, rest, {"one": "Fetch <weights> with make weights."})

    monkeypatch.setattr(inference, "read", read)
    upload(app.run(), png(GREY))
    assert "1 of 2 says COVID-19; Beta, on the lungs alone, does not." in html(app)
    assert "Not read. Fetch &lt;weights&gt; with make weights." in html(app)


def test_a_refused_film_says_why_and_is_read_only_when_asked_to(app: AppTest, known_specs: dict, monkeypatch):
    def read(film: Film, model_ids=None, progress=None, force: bool = False) -> Reading:
        known = reading_of(film)
        return Reading(film, REFUSAL, known.lungs, known.predictions if force else {})

    monkeypatch.setattr(inference, "read", read)
    upload(app.run(), png(GREY))
    assert "Not fit to be read: This is a lateral film." in html(app)
    assert any("Measured 0.93, limit 0.5." in one.value for one in app.markdown)
    assert "<b>Alpha</b>" not in html(app)
    assert not any(one.value.startswith("Lungs as found:") for one in app.caption)  # of a hip, say
    app.button(key="force").click().run()
    assert "<b>Alpha</b>" in html(app)
    assert any(one.value.startswith("Lungs as found:") for one in app.caption)
    assert "Not fit to be read: This is a lateral film." in html(app)


def test_films_and_readings_stay_while_the_reader_visits_other_pages(app: AppTest, asked: list):
    upload(app.run(), png(GREY), png(255 - GREY))
    second = cases(app)[1].sha256
    app.button(key=f"choose-{second}").click().run()
    app.switch_page("pages/about.py").run()
    assert frame.NOTICE in html(app)
    app.switch_page("pages/read.py").run()
    assert app.session_state[session.KEY].current == second
    assert len(asked) == 2


def test_a_closed_film_is_forgotten_and_does_not_come_back(app: AppTest, asked: list):
    upload(app.run(), png(GREY), png(255 - GREY))
    first = cases(app)[0].sha256
    app.button(key=f"close-{first}").click().run()
    assert [case.name for case in cases(app)] == ["Film 2"]
    app.run()
    assert [case.name for case in cases(app)] == ["Film 2"]
    assert first not in {key[0] for key in app.session_state[session.KEY].maps}


def test_the_file_of_a_closed_film_goes_from_the_uploader(app: AppTest, asked: list, monkeypatch: pytest.MonkeyPatch):
    """It holds the patient's name and tags, and would stay in the server's memory as long as the session."""
    gone: list[str] = []

    def remove(manager: MemoryUploadedFileManager, session_id: str, file_id: str) -> None:
        gone.append(file_id)

    upload(app.run(), png(GREY), png(255 - GREY))
    first, uploads = cases(app)[0].sha256, app.session_state[session.KEY].uploads
    monkeypatch.setattr(MemoryUploadedFileManager, "remove_file", remove)
    app.button(key=f"close-{first}").click().run()
    assert not app.exception
    assert gone == [file_id for file_id, sha256 in uploads.items() if sha256 == first]
    assert len(gone) >= 1


def test_a_phantom_is_one_click_away_and_says_what_it_is(app: AppTest, asked: list):
    app.run().button(key="phantom-covid19").click().run()
    assert cases(app)[0].film.kind == "phantom"
    assert any("made by code" in caption.value for caption in app.caption)
    assert len(asked) == 1


def test_another_session_sees_nothing_of_this_one(app: AppTest, asked: list):
    upload(app.run(), png(GREY))
    other = AppTest.from_file(app._script_path, default_timeout=30).run()
    assert "No film is open" in html(other)
    assert session.KEY not in other.session_state or not cases(other)
