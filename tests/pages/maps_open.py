"""The Explain page at work on flat maps: what stands in for the package, and how a test asks and waits."""

from threading import Event

import numpy as np
from film_open import FILM, flat_map
from streamlit.testing.v1 import AppTest

from cxr_models.errors import Cancelled
from cxr_models.types import Check, Evidence, Map, Zone
from pages.shared import jobs, map_words

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
