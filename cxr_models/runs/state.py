"""How a run fares: what it wrote last, what was asked of it, and whether its process lives."""

import math
import subprocess
import time
from pathlib import Path
from typing import Literal, NamedTuple

from .curves import log_tail
from .values import Table, content, number, text, whole

State = Literal[
    "starting", "training", "measuring", "stopping", "stopped", "failed", "broken off", "done", "unreadable"
]
LIVE: tuple[State, ...] = ("starting", "training", "measuring", "stopping")
RUN, STATUS, LAUNCH, STOP = "run.json", "status.json", "launch.json", "stop.json"
FRESH = 60.0  # seconds for which a run that has not reported yet may just have begun
AGAIN = "The same command goes on from its last checkpoint."


class Fares(NamedTuple):
    """sentence: what went wrong or what to do next, "" if nothing. pid: of the process that is the run's own and lives,
    else None."""

    state: State
    sentence: str = ""
    pid: int | None = None


class Place(NamedTuple):
    """Where a training is. number of of: stages; epoch of epochs: of the stage. seconds_left: of the stage, from now;
    None where it is not known."""

    stage: str
    number: int
    of: int
    epoch: int
    epochs: int
    seconds_left: float | None


def fares(folder: Path, status: Table, launch: Table, model: str) -> Fares:
    """By the newer of what the run (``status``) and its starter (``launch``) wrote. measuring: it is trained, and its
    process has not ended."""
    begun = number(launch, "time", 0.0) > number(status, "time", 0.0)
    pid = whole(launch if begun else status, "pid")
    said, stopping = "" if begun else text(status, "state"), _asked(folder, pid)
    if is_training(pid, folder.name, model):
        if stopping:
            return Fares("stopping", "It ends with the batch it is at.", pid)
        return Fares("starting" if begun else "measuring" if said == "done" else "training", "", pid)
    if said == "done":
        return Fares("done")
    if said == "failed":
        return Fares("failed", text(status, "message") or "It left no word why.")
    if said == "stopped" or stopping:
        return Fares("stopped", "It had not begun to train." if begun else AGAIN)
    if begun:
        return Fares("failed", "".join(log_tail(folder, 1)) or "It ended before it trained, and left no word why.")
    if said == "training":
        return Fares("broken off", f"Its process is gone. {AGAIN}")
    return _silent(folder, status)


def _silent(folder: Path, status: Table) -> Fares:
    """A run whose status says nothing that is known here, or that has none."""
    if status:
        return Fares("unreadable", f"{STATUS} names no state that is known here. Was it written by another version?")
    if time.time() - _changed(folder / RUN) < FRESH:
        return Fares("starting", "It has not reported yet.")
    return Fares("broken off", f"It never reported a step. {AGAIN}")


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _asked(folder: Path, pid: int) -> bool:
    """Whether this very process was asked to stop."""
    try:
        return pid > 0 and whole(content(folder / STOP), "pid") == pid
    except ValueError:
        return False


def place(status: Table) -> Place:
    """Where the training is that wrote ``status``."""
    now = time.time()
    left = number(status, "seconds_left", math.nan) - (now - number(status, "time", now))
    stages, epochs = (whole(status, "number"), whole(status, "of")), (whole(status, "epoch"), whole(status, "epochs"))
    return Place(text(status, "stage"), *stages, *epochs, None if math.isnan(left) else max(left, 0.0))


def is_training(pid: int, name: str, model: str) -> bool:
    """Whether ``pid`` lives and is the training of that name or model, by its command line: numbers are given anew."""
    words = command_line(pid) if pid > 1 else []
    named = {name, model, "all"} - {""}
    return "train" in words and any("cxr_models" in word for word in words) and not named.isdisjoint(words)


def command_line(pid: int) -> list[str]:
    """The words a living process was started with; none for one that is gone, has ended, or may not be looked at."""
    try:
        if Path("/proc/self").exists():
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        asked = ["ps", "-o", "command=", "-p", str(pid)]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
    except OSError:
        return []
