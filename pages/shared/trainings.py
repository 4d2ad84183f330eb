"""Trainings as processes of their own: begun and stopped from the page, and outliving it."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from threading import Lock, Thread
from typing import NamedTuple

from cxr_models import manifest, runs
from cxr_models.errors import TrainingError
from cxr_models.runs.curves import LOG
from cxr_models.runs.state import LAUNCH, STOP, is_training
from cxr_models.runs.systems import System

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
TAKEN = {"cache", "phantoms", "predictions", "protocols"}  # folders beside the runs
PATIENCE = 5.0  # seconds
_one_at_a_time = Lock()


class Plan(NamedTuple):
    """A training to begin. phantoms: how many films to draw, 0 for the collections below ``films``."""

    system: System
    name: str
    minutes: int
    phantoms: int
    films: str = ""


def usual_name(system: System, home: Path) -> str:
    """System and time, with a number behind it where that is taken."""
    base = f"{system.id.replace('_', '-')}-{datetime.now():%m%d-%H%M}"
    names = [base, *(f"{base}-{number}" for number in range(2, 100))]
    return next(name for name in names if not (home / name).exists())


def words(plan: Plan, home: Path) -> list[str]:
    """What follows ``python`` on the command line."""
    films = ["--phantoms", str(plan.phantoms)] if plan.phantoms else ["--root", plan.films, "--no-export"]
    rest = ["--budget", f"{plan.minutes}m", "--name", plan.name]
    elsewhere = [] if home == manifest.ROOT / "runs" else ["--runs", str(home.resolve())]
    return ["-m", "cxr_models", "train", plan.system.id, *films, *rest, *elsewhere]


def shown(plan: Plan, home: Path) -> str:
    """The command as one types it in the project's folder."""
    return shlex.join(["python", *words(plan, home)])


def command(plan: Plan, home: Path) -> list[str]:
    """The command as it is run."""
    return [sys.executable, *words(plan, home)]


def fault(plan: Plan, home: Path) -> str:
    """Why this training cannot begin, and what to do; "" if it can."""
    if not NAME.fullmatch(plan.name):
        return "A name has small letters, digits and -, and begins with a letter or digit. Choose another one."
    if plan.name in TAKEN or (home / plan.name).exists():
        return f"There is a folder {plan.name} among the runs already. Choose another name."
    if not plan.phantoms and not plan.films:
        return "Name the folder that holds the collections, as it is called on the machine that runs this page."
    if not plan.phantoms and not Path(plan.films).is_dir():
        return f"There is no folder {plan.films} on the machine that runs this page. Correct it, or take phantoms."
    return ""


def busy(found: list[runs.Run]) -> str:
    """Who is being trained, and what to do about it; "" if nobody is."""
    live = next((run.name for run in found if run.live), None)
    return f"{live} is being trained. One at a time: stop it, or wait until it ends." if live else ""


def start(plan: Plan, home: Path) -> None:
    """Begin a training in a session of its own. Raises TrainingError where it cannot, or where one is under way."""
    with _one_at_a_time:
        if why := fault(plan, home) or busy(runs.every(home)):
            raise TrainingError(why)
        try:
            (home / plan.name).mkdir(parents=True)
            _launch(plan, home)
        except OSError as error:
            raise TrainingError(f"The training could not begin ({error}). Is there room, and may one write?") from error


def _launch(plan: Plan, home: Path) -> None:
    folder = home / plan.name
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            command(plan, home),
            cwd=manifest.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    _await_words(process, plan)
    Thread(target=process.wait, daemon=True, name="training-ended").start()  # one that ended is not to stay a zombie
    about = {"model": plan.system.id, "title": plan.system.title, "command": shown(plan, home)}
    manifest.replace_file(folder / LAUNCH, json.dumps({"pid": process.pid, "time": time.time(), **about}).encode())


def _await_words(process: subprocess.Popen, plan: Plan) -> None:
    """A new process has no command line for some milliseconds, and would be taken for one that is gone."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        if is_training(process.pid, plan.name, plan.system.id):
            return
        time.sleep(0.005)


def stop(run: runs.Run) -> None:
    """Ask a training to stop; it keeps its last checkpoint. Raises TrainingError where it is not a process of ours."""
    if run.pid is None or not is_training(run.pid, run.name, run.model):
        raise TrainingError(f"{run.name} does not run any more, or not on this machine: there is nothing to stop.")
    try:
        manifest.replace_file(run.folder / STOP, json.dumps({"pid": run.pid}).encode())
        # Before it trains it may have processes that draw or read films, and nothing yet that ends them with it.
        group = run.state == "starting" and os.getpgid(run.pid) == run.pid
        (os.killpg if group else os.kill)(run.pid, signal.SIGTERM)
    except OSError as error:
        raise TrainingError(f"{run.name} could not be stopped ({error}).") from error
