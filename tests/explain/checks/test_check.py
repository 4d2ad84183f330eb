"""All checks of one map together."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from explain.checks.nets import Learned, Rebuilds, a_map, lungs_of, two_lungs
from explain.tiny import Curved, a_film, spec_of

from cxr_models.errors import Cancelled, MapError
from cxr_models.explain import METHODS, Question, explain, methods_for
from cxr_models.explain.checks import check

CODES = ("evidence", "curves", "random", "repeat", "agreement")


@pytest.fixture
def question(serve, textured):
    serve(spec_of("learned"), Learned())
    return Question(textured, lungs_of(two_lungs((128, 192))), "covid19")


def made_of(question, model="learned", method="cam"):
    return explain(question.film, question.lungs, model, method, question.target)


def test_a_true_map_passes_and_says_where_it_lies(question):
    made = made_of(question)
    found = check(made, question, [made_of(question, method="occlusion"), made])
    assert found.badge == "passes"
    assert tuple(one.code for one in found.checks) == CODES and all(one.passed for one in found.checks)
    assert found.inside == made.inside_lungs and found.floor == pytest.approx(question.lungs.mask.mean())
    assert found.floor < found.ceiling < 1
    assert sum(zone.share for zone in found.zones) == pytest.approx(1)
    assert len(found.deletion) == len(found.insertion) == 11 and found.deletion[0] == found.insertion[-1]
    assert [name for name, _ in found.cascade] == ["head", "later half", "whole network"]
    assert list(found.agreement) == ["occlusion"]


def test_a_map_of_noise_does_not_pass(question):
    noise = a_map(np.random.default_rng(0).normal(size=(128, 192)), model="learned")
    found = check(noise, question)
    assert found.badge in ("doubtful", "fails")
    assert {one.code: one.passed for one in found.checks}["repeat"] is False


def test_a_map_that_ignores_the_weights_fails(serve, quarters):
    serve(spec_of("curved"), Curved())
    question = Question(quarters, None, "covid19")
    found = check(made_of(question, "curved", "grad_cam"), question)
    assert found.badge == "fails"
    assert {one.code: one.passed for one in found.checks}["random"] is False


def test_a_true_map_outside_the_lungs_is_no_fault(question):
    corner = np.zeros((128, 192), bool)
    corner[:, 150:] = True
    asked = replace(question, lungs=lungs_of(corner))
    found = check(made_of(asked), asked)
    assert found.inside < 0.1 and found.badge == "passes"


def test_no_evidence_and_nothing_more(serve, question):
    against = a_map(-np.ones((128, 192)), model="learned")
    told = []
    found = check(against, question, [made_of(question)], lambda share, doing: told.append(share))
    assert found.badge == "no evidence" and [one.code for one in found.checks] == ["evidence"]
    assert not found.zones and not found.deletion.size and not found.cascade and found.inside is None
    assert told == [1.0]


def test_without_lungs_everything_but_the_places(question):
    for lungs in (None, lungs_of(np.zeros((128, 192), bool))):
        asked = replace(question, lungs=lungs)
        found = check(made_of(asked), asked)
        assert found.badge == "passes" and found.zones == ()
        assert found.inside is None and found.floor is None and found.ceiling is None


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_checked(serve, quarters, method):
    serve(spec_of("rebuilds"), Rebuilds())
    question = Question(quarters, lungs_of(two_lungs((96, 160))), "covid19")
    model = "rebuilds" if method in methods_for("rebuilds") else "curved"
    found = check(made_of(question, model, method), question)
    assert tuple(one.code for one in found.checks) == CODES
    assert len(found.cascade) == 3 and all(-1 <= value <= 1 for _, value in found.cascade)
    assert (found.ceiling is None) == (method == "residual")


def test_a_layer_is_asked_for_again(question, monkeypatch):
    made, layers, honest = made_of(question), [], METHODS["cam"]

    def listening(loaded, questions, *rest):
        layers.append(questions[0].layer)
        return honest(loaded, questions, *rest)

    monkeypatch.setitem(METHODS, "cam", listening)
    check(made, replace(question, layer="filter"))
    assert layers == ["filter"] * 5


def test_map_and_question_belong_together(question):
    with pytest.raises(MapError, match="check a map with the question it was made for"):
        check(made_of(question), replace(question, target="non_covid19"))
    with pytest.raises(MapError, match="check a map with the question it was made for"):
        check(made_of(question), replace(question, film=a_film(np.zeros((32, 32)))))


def test_progress_grows_to_one(question):
    told = []
    check(made_of(question), question, progress=lambda share, doing: told.append((share, doing)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert any("weights" in doing for _, doing in told) and any("Moving" in doing for _, doing in told)


@pytest.mark.parametrize("after", [0, 40, 76, 79])
def test_cancelled_in_every_part(question, after):
    made, asked = made_of(question), iter([False] * after)
    with pytest.raises(Cancelled):
        check(made, question, cancelled=lambda: next(asked, True))


def test_lock_is_free_after_a_cancelled_check(serve, question):
    model = serve(spec_of("learned"), Learned())
    made, asked = made_of(question), iter([False] * 40)
    with pytest.raises(Cancelled):
        check(made, question, cancelled=lambda: next(asked, True))
    with ThreadPoolExecutor(1) as other:
        assert other.submit(model.lock.acquire, timeout=5).result()


def test_two_threads_agree_with_one(question):
    made = made_of(question)
    alone, found = check(made, question), []
    work = [threading.Thread(target=lambda: found.append(check(made, question))) for _ in range(2)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert len(found) == 2
    for one in found:
        assert one.cascade == alone.cascade and np.array_equal(one.deletion, alone.deletion)
        assert one.zones == alone.zones
        assert [done.sentence for done in one.checks] == [done.sentence for done in alone.checks]
