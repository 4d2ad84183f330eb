"""The Explain page: maps with their badge, made and checked in the background, seen in four ways, and kept."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from by_hand import lungs_of, reading_of
from film_open import FILM, flat_map, html, visit, words
from streamlit.testing.v1 import AppTest

from cxr_models import explain, manifest
from cxr_models.errors import Cancelled, MapError, WeightsMissing
from cxr_models.explain import Question, checks
from cxr_models.types import COVID19, NORMAL, PNEUMONIA, Check, Evidence, Map, Reading, Reason, Verdict, Zone
from pages.shared import cached, jobs, made, map_words, session
from pages.shared.explain import views
from pages.shared.explain.asked import Answer, Asked
from pages.shared.explain.company import company
from pages.shared.explain.removed import BLURRED, SHOWN, curves

EXTRA = {"probability": [0.6, 0.3, 0.1], "objective": [0.7, 0.4, 0.2], "before": 0.8, "after": 0.1, "blurred": 0.2}
REMOVE = map_words.METHODS["perturbation"].question
SMALL = map_words.METHODS["grad_cam_pp"].question
FOLLOWS = Check("curves", True, "The answer follows the map.", 0.4, 0.1)
MOVES = Check("repeat", False, "After moving the film the map is another one.", 0.2, 0.5)
ZONES = (Zone("right lung, lower third", 0.6, 0.1), Zone("heart and mediastinum", 0.4, 0.9))
DELETION = np.linspace(0.8, 0.1, 11, dtype=np.float32)
INSERTION = np.linspace(0.1, 0.8, 11, dtype=np.float32)
LEARNED = Check("random", True, "A network with shuffled weights draws another map.", 0.05, 0.5)
CASCADE = (("head", 0.9), ("later half", 0.4), ("whole network", 0.05))
DOUBTFUL = Evidence(
    "doubtful", (FOLLOWS, LEARNED, MOVES), ZONES, 0.5, 0.25, 0.75, deletion=DELETION, insertion=INSERTION,
    cascade=CASCADE, agreement={"occlusion": 0.6},
)  # fmt: skip


class Work:
    """Stands in for the package: flat maps and one evidence for all, slow ones held up until they are let go.

    calls: (model, method, class) of each map made; checked: of each map checked; beside: the methods of the maps beside
    which each was. against: classes for which no map holds anything.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str]] = []
        self.checked: list[tuple[str, str, str]] = []
        self.beside: list[list[str]] = []
        self.against: tuple[str, ...] = ()
        self.evidence = DOUBTFUL
        self.begun, self.let_go, self.hold = Event(), Event(), ""

    def explain(self, film, lungs, model_id, method, target, progress=None, cancelled=None) -> Map:
        self.calls.append((model_id, method, target))
        self._held("map", method, progress, cancelled)
        extra = {name: np.asarray(v, np.float32) for name, v in EXTRA.items()} if method == "perturbation" else {}
        size = 1 + ["covid19", "normal", "pneumonia", "non_covid19"].index(target)
        size, signed = (-size, True) if target in self.against else (size, False)
        values = np.full(FILM.pixels.shape, size, np.float32)
        return flat_map(model_id, method, target, values=values, signed=signed, extra=extra)

    def check(self, result, question, others=(), progress=None, cancelled=None) -> Evidence:
        self.checked.append((result.model_id, result.method, result.target))
        self.beside.append([other.method for other in others])
        self._held("check", result.method, progress, cancelled)
        return self.evidence

    def _held(self, what: str, method: str, progress, cancelled) -> None:
        if self.hold not in (what, method) or progress is None:
            return
        progress(0.4, "Blurring the film")
        self.begun.set()
        while not self.let_go.wait(0.001):
            if cancelled():
                raise Cancelled("Cancelled.")


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, known_specs: dict) -> Work:
    stand_in = Work()
    monkeypatch.setattr(explain, "explain", stand_in.explain)
    monkeypatch.setattr(checks, "check", stand_in.check)
    yield stand_in
    stand_in.let_go.set()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, list]:
    """Viewer's key -> the overlays last drawn on it."""
    seen: dict[str, list] = {}
    real = views.viewer

    def viewer(film, *, key, overlays=(), **rest):
        seen[key] = list(overlays)
        real(film, key=key, overlays=overlays, **rest)

    monkeypatch.setattr(views, "viewer", viewer)
    return seen


def settled(app: AppTest) -> AppTest:
    """Run the page until nothing is left to do."""
    while jobs.KEY in app.session_state:
        assert app.session_state[jobs.KEY].wait(10)
        app.run()
    assert not app.exception
    return app


def seen(app: AppTest, kind: str) -> AppTest:
    return settled(app.button_group(key="explain-view").set_value(kind).run())


def ask(app: AppTest, question: str) -> AppTest:
    return app.selectbox(key="explain-question").set_value(question).run()


def held(app: AppTest, work: Work, what: str) -> AppTest:
    """The page with the making of a map, or its checking, under way."""
    work.hold = what
    visit(app, "explain")
    if what != "check":
        ask(app, REMOVE)
    assert work.begun.wait(10)
    return app.run()


def test_without_a_film_it_offers_the_next_step(app: AppTest, known_specs: dict):
    app.switch_page("pages/explain.py").run()
    assert not app.exception
    assert "No film is open" in html(app)
    assert app.button(key="sample-covid19").label == "Phantom with COVID-19"


def test_without_models_there_is_nothing_to_explain_and_it_says_so(app: AppTest, monkeypatch: pytest.MonkeyPatch):
    cached.specs.clear()
    monkeypatch.setattr(manifest, "specs", lambda path=None: {})
    visit(app, "explain", Reading(FILM, Verdict("ok"), None))
    cached.specs.clear()
    assert not app.exception
    assert "No model here gives an answer" in app.info[0].value


def test_it_starts_with_the_models_own_answer_and_keeps_the_map_and_its_checks(app: AppTest, work: Work):
    settled(visit(app, "explain"))
    assert work.calls == [("one", "cam", COVID19), ("one", "grad_cam_pp", COVID19)]  # the second to check the first
    assert work.checked == [("one", "cam", COVID19)]
    assert "50% of the evidence lies inside the lungs, which are 25% of the film" in words(app)
    assert "would have 75% there" in words(app)
    assert "2.0 times" in words(app)
    app.switch_page("pages/about.py")
    settled(app.switch_page("pages/explain.py").run())
    assert (len(work.calls), len(work.checked)) == (2, 1)


def test_model_and_class_are_choices(app: AppTest, work: Work):
    settled(visit(app, "explain"))
    settled(app.selectbox(key="explain-model").set_value("two").run())
    (answer,) = [one for one in app.button_group if one.key and one.key.startswith("explain-class-two")]
    settled(answer.set_value(COVID19).run())
    assert work.checked[1:] == [("two", "cam", NORMAL), ("two", "cam", COVID19)]
    assert "shown the lungs alone" in words(app)


def test_the_question_stays_when_the_model_changes(app: AppTest, work: Work):
    settled(ask(visit(app, "explain"), SMALL))
    settled(app.selectbox(key="explain-model").set_value("three").run())
    assert app.selectbox(key="explain-question").value == SMALL
    assert work.checked[-1] == ("three", "grad_cam_pp", COVID19)


def test_every_map_of_an_answer_is_judged_by_the_same_company(app: AppTest, work: Work):
    """Whatever was looked at before: the map of a slow method is there, and is not among them."""
    settled(visit(app, "explain"))
    settled(ask(app, REMOVE))
    settled(ask(app, SMALL))
    settled(ask(app, map_words.METHODS["occlusion"].question))
    assert [method for _, method, _ in work.checked] == ["cam", "perturbation", "grad_cam_pp", "occlusion"]
    quick = ["cam", "grad_cam_pp"]
    assert work.beside == [["grad_cam_pp"], quick, ["cam"], quick]


def test_a_map_that_is_the_same_for_every_class_keeps_nobody_company(work: Work, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(explain, "methods_for", lambda model: ("grad_cam", "grad_cam_pp", "occlusion", "residual"))
    question = Question(FILM, None, COVID19)

    def methods(of: str) -> list[str]:
        return [one.method for one in company(question, flat_map("one", of, COVID19), lambda: False)]

    assert methods("grad_cam") == ["grad_cam_pp"]
    assert methods("residual") == ["grad_cam", "grad_cam_pp"]

    def nothing(*_, **__):
        raise MapError("Zero everywhere.")

    monkeypatch.setattr(explain, "explain", nothing)
    assert methods("occlusion") == []


def test_the_map_is_there_while_it_is_being_checked(app: AppTest, work: Work, drawn: dict):
    held(app, work, "check")
    assert "Being checked" in html(app)
    assert [overlay.label for overlay in drawn["explain"]] == ["Alpha: COVID-19"]
    assert not app.select_slider
    work.let_go.set()
    settled(app)
    assert "Doubtful" in html(app) and "Being checked" not in html(app)


def test_the_badge_gives_its_reasons_and_the_rest_is_one_click_below(app: AppTest, work: Work):
    settled(visit(app, "explain"))
    assert "After moving the film the map is another one." in html(app)
    assert "The answer follows the map." not in html(app)
    (checked,) = [one for one in app.expander if one.label == "What was checked"]
    assert "✓ The answer follows the map." in checked.markdown[0].value
    assert "shuffled weights draws another map.  \n\u2003Likeness of the map as more of" in checked.markdown[0].value
    assert "its last layers 0.90, also its later half 0.40 and all of it 0.05" in checked.markdown[0].value
    assert "0.60" in checked.caption[0].value
    assert "<td>right lung, lower third</td><td>60%</td><td>10%</td>" in html(app)
    assert "The evidence for COVID-19 that Alpha used lies mostly in: right lung, lower third (60% of it" in words(app)


def test_a_map_without_evidence_is_not_shown(app: AppTest, work: Work, drawn: dict):
    work.against = (COVID19,)
    visit(app, "explain")
    assert not app.exception
    assert drawn["explain"] == []  # from the first moment on: there is nothing to check
    assert jobs.KEY not in app.session_state and work.checked == []
    assert f"No evidence for this answer.</b> {map_words.nothing(COVID19)}</p>" in html(app)
    assert not app.select_slider and not app.get("download_button")


def test_a_map_that_fails_is_not_said_to_be_what_the_answer_rests_on(app: AppTest, work: Work):
    work.evidence = replace(DOUBTFUL, badge="fails")
    settled(visit(app, "explain"))
    assert "This map marks mostly: right lung, lower third (60% of it" in words(app)
    assert "50% of what it marks lies inside the lungs" in words(app)
    assert "The evidence for COVID-19" not in words(app) and "% of the evidence" not in words(app)


def test_the_method_and_its_paper_are_one_click_below(app: AppTest, work: Work):
    settled(visit(app, "explain"))
    (below,) = [one for one in app.expander if one.label == "Method and paper"]
    assert "Class activation map" in below.markdown[0].value
    assert "Zhou" in below.caption[0].value
    assert "Unit of the map: units." in below.caption[0].value and "odds" not in below.caption[0].value
    assert not any("activation" in option for option in app.selectbox(key="explain-question").options)


def test_a_unit_in_logits_is_told_in_odds(app: AppTest, work: Work, monkeypatch: pytest.MonkeyPatch):
    def logits(film, lungs, model_id, method, target, progress=None, cancelled=None) -> Map:
        return flat_map(model_id, method, target, unit="contribution to the logit of one cell")

    monkeypatch.setattr(explain, "explain", logits)
    settled(visit(app, "explain"))
    (below,) = [one for one in app.expander if one.label == "Method and paper"]
    assert "before it becomes a probability: 0.69 more doubles the odds." in below.caption[0].value


def test_a_slow_map_shows_progress_can_be_cancelled_and_tried_again(app: AppTest, work: Work):
    held(app, work, "perturbation")
    under_way = app.session_state[jobs.KEY]
    assert (under_way.share, under_way.task.label) == (0.4, "Map of Alpha: COVID-19, Film 1")
    app.button(key="work-cancel").click().run()
    assert under_way.wait(10) and under_way.cancelled
    settled(app.run())
    assert app.warning[0].value == "There is no map of Alpha. Cancelled: nothing was kept."
    work.let_go.set()
    (retry,) = [button for button in app.button if button.label == "Try again"]
    settled(retry.click().run())
    assert not app.warning
    assert "Doubtful" in html(app)


def test_a_slow_map_goes_on_while_the_reader_is_on_another_page(app: AppTest, work: Work):
    held(app, work, "perturbation")
    app.switch_page("pages/models.py").run()
    work.let_go.set()
    assert app.session_state[jobs.KEY].wait(10)
    app.switch_page("pages/explain.py").run()
    assert (FILM.sha256, "one", "perturbation", COVID19) in app.session_state[session.KEY].maps
    settled(ask(app, REMOVE))
    assert "0.80 on the film as it is, 0.10 with the marked parts blurred" in words(app)
    assert work.calls.count(("one", "perturbation", COVID19)) == 1


def test_a_slow_map_of_a_film_that_was_closed_is_dropped(app: AppTest, work: Work):
    held(app, work, "perturbation")
    under_way = app.session_state[jobs.KEY]
    app.button(key=f"close-{FILM.sha256}").click().run()
    assert not app.exception
    assert under_way.wait(10) and under_way.cancelled
    assert "No film is open" in html(app)
    assert not app.session_state[session.KEY].maps


def test_another_question_takes_the_place_of_the_work_under_way(app: AppTest, work: Work):
    held(app, work, "perturbation")
    under_way = app.session_state[jobs.KEY]
    settled(ask(app, SMALL))
    assert under_way.wait(10) and under_way.cancelled
    assert not app.warning
    assert work.checked[-1] == ("one", "grad_cam_pp", COVID19)


def test_checks_that_fail_leave_the_map_and_say_so(app: AppTest, work: Work, monkeypatch: pytest.MonkeyPatch):
    def missing(*_, **__):
        raise WeightsMissing("The weights of one are not on this machine.")

    monkeypatch.setattr(checks, "check", missing)
    settled(visit(app, "explain"))
    assert "Not checked" in html(app)
    assert app.warning[0].value == "The map of Alpha was not checked. The weights of one are not on this machine."


def test_two_maps_of_one_kind_are_on_one_scale(app: AppTest, work: Work, drawn: dict):
    settled(visit(app, "explain"))
    seen(app, "two")
    assert {"explain-0", "explain-1"} <= drawn.keys()
    app.selectbox(key="explain-question-2").set_value(map_words.WHERE).run()
    assert "Both are the same map" in app.info[0].value
    settled(app.selectbox(key="explain-model-2").set_value("three").run())
    assert [drawn[key][0].label for key in ("explain-0", "explain-1")] == ["Alpha: COVID-19", "Gamma: COVID-19"]
    assert drawn["explain-0"][0].high == drawn["explain-1"][0].high
    assert views.ONE_SCALE in words(app)
    assert html(app).count("Doubtful") == 2


@pytest.mark.parametrize(
    ("one", "two", "shared"),
    [(("one", "cam", "logit"), ("three", "cam", "logit"), True),
     (("one", "cam", "logit"), ("three", "cam", "score"), False),
     (("one", "grad_cam_pp", "score"), ("three", "grad_cam_pp", "score"), False),  # proportions only
     (("one", "grad_cam", "score"), ("three", "grad_cam", "score"), False),
     (("one", "grad_cam_pp", "score"), ("one", "grad_cam_pp", "score"), True)],
)  # fmt: skip
def test_maps_share_a_scale_where_their_sizes_mean_the_same(one: tuple, two: tuple, shared: bool):
    maps = [flat_map(model, method, COVID19, unit=unit) for model, method, unit in (one, two)]
    assert views.one_scale([Answer(None, made_map, None) for made_map in maps]) == shared
    against = flat_map("one", "cam", COVID19, values=-np.ones(FILM.pixels.shape, np.float32), signed=True)
    assert not views.one_scale([Answer(None, maps[0], None), Answer(None, against, None)])


def test_small_places_of_two_models_have_their_own_scales(app: AppTest, work: Work, drawn: dict):
    settled(ask(visit(app, "explain"), SMALL))
    seen(app, "two")
    app.selectbox(key="explain-question-2").set_value(SMALL).run()
    settled(app.selectbox(key="explain-model-2").set_value("three").run())
    assert drawn["explain-0"] and drawn["explain-1"]
    assert map_words.OWN_SCALES in words(app) and views.ONE_SCALE not in words(app)


def test_beside_another_a_map_without_evidence_is_a_bare_film_and_a_sentence(app: AppTest, work: Work, drawn: dict):
    work.against = (NORMAL,)
    settled(visit(app, "explain"))
    seen(app, "two")
    settled(app.selectbox(key="explain-model").set_value("two").run())
    assert drawn["explain-0"] == [] and map_words.nothing(NORMAL) in [one.value for one in app.caption]


def test_two_maps_of_different_units_keep_their_own_scales():
    assert views._up_to(3.0, views.Overlay.of(flat_map("one", "cam", COVID19), "A")).high == 3.0
    signed = views.Overlay.of(flat_map("one", "cam", COVID19, signed=True), "A")
    assert (views._up_to(3.0, signed).low, views._up_to(3.0, signed).high) == (-3.0, 3.0)


def test_the_difference_of_two_answers_is_the_first_map_less_the_second(app: AppTest, work: Work, drawn: dict):
    settled(visit(app, "explain"))
    seen(app, "difference")
    assert work.checked == [("one", "cam", COVID19), ("one", "cam", NORMAL)]
    assert views.NOT_CHECKED in words(app)
    less, *parts = drawn["explain"]
    assert less.label == "Alpha: COVID-19 less normal"
    assert less.signed and np.array_equal(less.values, np.full(FILM.pixels.shape, -1))  # 1 of COVID-19, 2 of normal
    assert [part.label for part in parts] == ["Alpha: COVID-19", "Alpha: normal"]
    (second,) = [one for one in app.button_group if one.label == "Less the map of"]
    settled(second.set_value(PNEUMONIA).run())
    assert drawn["explain"][0].values[0, 0] == -2


def test_proportions_are_not_taken_from_each_other(app: AppTest, work: Work, drawn: dict):
    settled(ask(visit(app, "explain"), SMALL))
    seen(app, "difference")
    assert drawn["explain"] == [] and not app.get("download_button")
    assert app.info[0].value == views.PROPORTIONS and views.NOT_CHECKED not in words(app)


def test_the_difference_of_two_answers_without_evidence_is_nothing(app: AppTest, work: Work, drawn: dict):
    work.against = (COVID19, NORMAL)
    settled(visit(app, "explain"))
    seen(app, "difference")
    assert drawn["explain"] == [] and not app.get("download_button")
    assert app.info[0].value == views.NO_EVIDENCE
    (second,) = [one for one in app.button_group if one.label == "Less the map of"]
    settled(second.set_value(PNEUMONIA).run())
    assert [overlay.label for overlay in drawn["explain"]] == ["Alpha: COVID-19 less pneumonia", "Alpha: pneumonia"]


def test_a_map_of_every_class_has_no_difference(known_specs: dict):
    case, spec = session.Case(FILM, "Film 1"), known_specs["one"]
    answers = [
        Answer(Asked(case, None, spec, "residual", target), flat_map("one", "residual", target), None)
        for target in (COVID19, NORMAL)
    ]
    assert views.no_difference(answers) == views.EQUAL_ANSWERS
    assert views.less_second(answers) is None


def test_the_gallery_holds_every_model_with_its_badge(app: AppTest, work: Work, drawn: dict):
    settled(visit(app, "explain"))
    seen(app, "all")
    assert work.checked == [("one", "cam", COVID19), ("two", "cam", NORMAL), ("three", "cam", COVID19)]
    assert {"explain-one", "explain-two", "explain-three"} <= drawn.keys()
    assert html(app).count("? doubtful") == 3
    assert "<b>Beta</b> normal 0.70" in html(app)
    assert f"{map_words.CAUTION} Unit: units." in words(app)
    assert f"{map_words.COLOURS} {map_words.OWN_SCALES}" not in words(app)  # no map here has a sign
    settled(app.button_group(key="explain-class-all").set_value(COVID19).run())
    assert work.checked[-1] == ("two", "cam", COVID19)


def test_the_slider_blurs_the_film_and_reads_the_probability_there(app: AppTest, work: Work):
    settled(visit(app, "explain"))
    assert "0.80 on the film, 0.66 with 20% blurred" in words(app)
    app.select_slider[0].set_value(10).run()
    assert "0.80 on the film, 0.10 with 100% blurred" in words(app)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_strongest_places_are_blurred_first(known_specs: dict, share: float):
    values = np.zeros(FILM.pixels.shape, np.float32)
    values[:20] = 1.0  # a quarter of 80 rows
    shown = made.removed(FILM, None, flat_map("one", "cam", COVID19, values=values), share).pixels
    same = shown == FILM.pixels
    assert same.mean() == pytest.approx(1 - share, abs=0.01)
    assert not same[:19].any() or share == 0
    assert same[21:].all() or share == 1


def test_a_model_of_the_lungs_alone_has_only_lungs_blurred(known_specs: dict):
    lungs = lungs_of(FILM)
    shown = made.removed(FILM, lungs, flat_map("two", "cam", COVID19), 1.0).pixels
    assert np.array_equal(shown[~lungs.mask], FILM.pixels[~lungs.mask])
    assert (shown[30:50, 12:20] != FILM.pixels[30:50, 12:20]).all()


def test_the_chart_has_both_curves_and_marks_the_sliders_point():
    blurred, shown, dot = curves(DOUBTFUL, 3, COVID19, 0.5).data
    assert (dot.x[0], dot.y[0]) == (30.0, DELETION[3])
    assert (blurred.name, shown.name) == (BLURRED, SHOWN)
    assert np.array_equal(blurred.y, DELETION) and np.array_equal(shown.y, INSERTION)
    assert blurred.x[-1] == shown.x[-1] == 100.0
    assert (blurred.showlegend, shown.showlegend, dot.showlegend) == (True, True, False)


def test_every_map_shown_can_be_kept(app: AppTest, work: Work):
    settled(visit(app, "explain"))
    assert [button.proto.label for button in app.get("download_button")] == ["PNG", "NPY", "DICOM-ready NPZ"]


def test_a_map_that_cannot_be_made_is_a_sentence(app: AppTest, work: Work, monkeypatch: pytest.MonkeyPatch):
    def missing(*_, **__):
        raise WeightsMissing("The weights of one are not on this machine.")

    monkeypatch.setattr(explain, "explain", missing)
    settled(visit(app, "explain"))
    assert app.warning[0].value == "The map of Alpha could not be made. The weights of one are not on this machine."
    settled(ask(app, REMOVE))
    assert app.warning[0].value == "There is no map of Alpha. The weights of one are not on this machine."


def test_a_model_that_has_not_read_the_film_says_why(app: AppTest, work: Work):
    whole = reading_of(FILM)
    predictions = {name: one for name, one in whole.predictions.items() if name != "one"}
    visit(app, "explain", Reading(FILM, whole.verdict, whole.lungs, predictions, {"one": "Its weights are wrong."}))
    assert app.warning[0].value == "Alpha has not read this film. Its weights are wrong."
    assert work.calls == []
    seen(app, "all")
    assert "Not shown, as they have not read the film or have no such map: Alpha." in words(app)


def test_a_refused_film_is_shown_and_nothing_is_computed(app: AppTest, work: Work):
    refused = Verdict("refused", (Reason("lateral", "refuse", "This is a lateral film.", 0.93, 0.5),))
    visit(app, "explain", Reading(FILM, refused, None))
    assert not app.exception
    assert "This is a lateral film." in html(app)
    assert "Nothing is computed from a film the gate refused." in words(app)
    assert app.button(key="to-read").label == "Go to Read"
    assert work.calls == []
