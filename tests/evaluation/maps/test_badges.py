"""Shares of badges and of failed checks, by hand."""

from types import SimpleNamespace

import pandas as pd
from explain.tiny import a_film

from cxr_models.errors import RefusedFilm
from cxr_models.evaluation.maps import badges
from cxr_models.evaluation.maps.badges import figures, judged, of
from cxr_models.types import Check, Evidence


def row(badge, **checks):
    return {"badge": badge, "checks": checks, "model": "m", "method": "cam"}


def test_badges_are_shares_of_the_films_that_are_read():
    rows = [row("passes", repeat=True), row("fails", repeat=False), row("doubtful", repeat=None), row("")]
    found = {(m.name, m.about): m for m in figures(pd.DataFrame(rows))}
    passes = found["badge passes", "m, cam"]
    assert (round(passes.value, 4), passes.n) == (0.3333, 3)
    assert found["badge no evidence", "m, cam"].value == 0
    fails = found["fails repeat", "m, cam"]
    assert (fails.value, fails.n) == (0.5, 2)  # where it could not be made it is not counted


def test_what_is_kept_of_the_evidence():
    evidence = Evidence("fails", (Check("random", False, "", 0.9, 0.5), Check("curves", None, "", 0, 0)))
    assert of(evidence) == {"badge": "fails", "checks": {"random": False, "curves": None}}


def test_the_map_is_judged_beside_the_quick_ones(weighted, lower_right, right_lung, monkeypatch):
    case = SimpleNamespace(film=a_film(lower_right), lungs=right_lung, decided=lambda model_id: "covid19")
    found = judged(case, weighted, "cam")
    assert found["badge"] in ("passes", "doubtful", "fails")
    assert set(found["checks"]) == {"evidence", "curves", "random", "repeat", "agreement"}
    assert found["checks"]["evidence"] is True and found["checks"]["agreement"] is not None
    monkeypatch.setattr(badges, "companions", lambda model_id, method: ())
    assert judged(case, weighted, "cam")["checks"]["agreement"] is None


def test_a_map_of_nothing_is_no_evidence_and_a_film_that_is_not_read_has_no_badge(weighted, dark, right_lung):
    case = SimpleNamespace(film=dark, lungs=right_lung, decided=lambda model_id: "non_covid19")
    assert judged(case, weighted, "cam") == {"badge": "no evidence", "checks": {}}

    def refuse(model_id):
        raise RefusedFilm("no lungs")

    case.decided = refuse
    assert judged(case, weighted, "cam") == {"badge": "", "checks": {}}
