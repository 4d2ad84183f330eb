"""A film that is open and read, for the pages about one film."""

import numpy as np
from by_hand import reading_of
from streamlit.testing.v1 import AppTest

from cxr_models.types import Film, Map, Reading
from pages.shared import session

PIXELS = np.random.default_rng(1).random((80, 64), dtype=np.float32)
FILM = Film(PIXELS, "f" * 64, "Film", "PNG")


def visit(app: AppTest, page: str, reading: Reading | None = None, film: Film = FILM) -> AppTest:
    """Open ``page`` with ``film`` open and read (as ``reading_of`` says unless given)."""
    case = session.Case(film, "Film 1", reading=reading or reading_of(film))
    app.session_state[session.KEY] = session.Room((case,), film.sha256, 1)
    return app.switch_page(f"pages/{page}.py").run()


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def words(app: AppTest) -> str:
    """Everything a reader reads on the page."""
    parts = (app.markdown, app.caption, app.info, app.warning, app.error, app.header, app.subheader)
    return " ".join([html(app), *(one.value for part in parts for one in part)])


def flat_map(model_id: str, method: str, target: str, **changes: object) -> Map:
    """A map of ones, half of its evidence inside the lungs."""
    values = np.ones(FILM.pixels.shape, np.float32)
    return Map(**{"values": values, "model_id": model_id, "method": method, "target": target, "signed": False,
                  "unit": "units", "inside_lungs": 0.5} | changes)  # fmt: skip
