"""What one reader has open, typed, in this browser's session and nowhere else. It lasts from page to page."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cxr_models.errors import FilmError
from cxr_models.types import Film, Map, Reading
from pages.shared import jobs

KEY = "reading_room"
MAPS_KEPT = 24  # a map is as large as its film: 20 MB for 2000 x 2500 pixels


@dataclass(frozen=True, eq=False)
class Case:
    """One open film. name: what the reader calls it, "Film 3" until then. source: of a sample, its attribution."""

    film: Film
    name: str
    source: str = ""
    reading: Reading | None = None

    @property
    def sha256(self) -> str:
        return self.film.sha256


@dataclass(frozen=True, eq=False)
class Room:
    """All open cases in the order they came, the one being read, and how many were ever opened (for naming).

    shown: model whose map lies on the film. uploads: what became of each uploaded file, by the uploader's file id:
    the film's sha256, or the error met.
    """

    cases: tuple[Case, ...] = ()
    current: str | None = None
    opened: int = 0
    shown: str | None = None
    uploads: dict[str, str | FilmError] = field(default_factory=dict)
    maps: OrderedDict[tuple[str, str, str, str], Map] = field(default_factory=OrderedDict)


def room() -> Room:
    return st.session_state.setdefault(KEY, Room())


def _set(**changes: Any) -> None:
    st.session_state[KEY] = replace(room(), **changes)


def current() -> Case | None:
    """The case being read; None when no film is open."""
    return find(room().current or "")


def find(sha256: str) -> Case | None:
    return next((case for case in room().cases if case.sha256 == sha256), None)


def add(film: Film, source: str = "") -> Case:
    """Open a film and make it the current one. The same film twice is one case."""
    case = find(film.sha256)
    if case is None:
        opened = room().opened + 1
        case = Case(film, f"Film {opened}", source)
        _set(cases=(*room().cases, case), opened=opened)
    choose(case.sha256)
    return case


def choose(sha256: str) -> None:
    _set(current=sha256)


def show(model_id: str | None) -> None:
    """Lay this model's map on the film; None takes it off."""
    _set(shown=model_id)


def rename(sha256: str, name: str) -> None:
    """Call a case what the reader typed; an empty name changes nothing."""
    if name.strip():
        _replace(sha256, name=name.strip())


def keep_reading(reading: Reading) -> None:
    """Keep what the models said of a film, in place of what they said before; its maps are forgotten."""
    _forget_maps(reading.film.sha256)
    _replace(reading.film.sha256, reading=reading)


def close(sha256: str) -> None:
    """Close a case, give up the work on it, forget its film, file, reading and maps. Its neighbour becomes current."""
    jobs.film_closed(sha256)
    _forget_files(sha256)
    left = tuple(case for case in room().cases if case.sha256 != sha256)
    _forget_maps(sha256)
    current_stays = any(case.sha256 == room().current for case in left)
    _set(cases=left, current=room().current if current_stays else (left[-1].sha256 if left else None))


def keep_map(sha256: str, result: Map) -> None:
    """Keep an explanation of an open film; the oldest go when there are more than MAPS_KEPT."""
    maps = room().maps
    maps[(sha256, result.model_id, result.method, result.target)] = result
    while len(maps) > MAPS_KEPT:
        maps.popitem(last=False)


def kept_map(sha256: str, model_id: str, method: str, target: str) -> Map | None:
    return room().maps.get((sha256, model_id, method, target))


def _replace(sha256: str, **changes: Any) -> None:
    _set(cases=tuple(replace(case, **changes) if case.sha256 == sha256 else case for case in room().cases))


def _forget_files(sha256: str) -> None:
    """The uploader would hold the file, with its name and tags, for as long as the session lasts."""
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for file_id, of in room().uploads.items():
        if of == sha256:
            context.uploaded_file_mgr.remove_file(context.session_id, file_id)


def _forget_maps(sha256: str) -> None:
    for key in [key for key in room().maps if key[0] == sha256]:
        del room().maps[key]
