"""What was measured of each map, a line of JSON each, kept as it goes: what was broken off goes on where it stopped.

A line hangs on the film, on the networks' weights and on the code of ``explain``: a changed one is always made anew.
What reads films and runs networks is not among it: after a change there, empty ``runs/maps``.
No film is kept.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from ... import registry
from ...inference import UNET
from ..lines import whole_lines

Record = dict


class Kept:
    """Records of one part of the measurement, in ``file``. code: the Python files that a record hangs on."""

    def __init__(self, file: Path, code: Iterable[Path]):
        self._file, self._code, self._known = file, _code(code), _read(file)

    def get(self, case: str, model_id: str, method: str, make: Callable[[], Record]) -> Record:
        """The record of this film, model and method: as it was kept, or made and kept."""
        key = " ".join((case, model_id, method, weights(model_id), self._code))
        if key not in self._known:
            self._known[key] = record = make()
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a") as lines:
                lines.write(json.dumps({"key": key, "record": record}, allow_nan=False) + "\n")
        return self._known[key]


def weights(model_id: str) -> str:
    """16 hex digits of what a map hangs on beside its film and the code: this network and the one that finds lungs."""
    spec = registry.spec(model_id)
    parts = (spec.sha256, spec.input, spec.precision, spec.temperature, registry.spec(UNET).sha256)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _code(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()[:16]


def _read(file: Path) -> dict[str, Record]:
    """Key -> record."""
    return {line["key"]: line["record"] for line in map(json.loads, whole_lines(file))}
