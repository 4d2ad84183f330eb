"""The maps beside which each map is judged are the same whatever was looked at before."""

import pytest
from film_open import FILM, flat_map, visit
from maps_open import REMOVE, SMALL, Work, ask, settled
from streamlit.testing.v1 import AppTest

from cxr_models import explain
from cxr_models.errors import MapError
from cxr_models.explain import Question
from cxr_models.explain.checks import company as company_of
from cxr_models.types import COVID19
from pages.shared import map_words
from pages.shared.explain.company import company


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
    monkeypatch.setattr(company_of, "methods_for", lambda model: ("grad_cam", "grad_cam_pp", "occlusion", "residual"))
    question = Question(FILM, None, COVID19)

    def methods(of: str) -> list[str]:
        return [one.method for one in company(question, flat_map("one", of, COVID19), lambda: False)]

    assert methods("grad_cam") == ["grad_cam_pp"]
    assert methods("residual") == ["grad_cam", "grad_cam_pp"]

    def nothing(*_, **__):
        raise MapError("Zero everywhere.")

    monkeypatch.setattr(explain, "explain", nothing)
    assert methods("occlusion") == []
