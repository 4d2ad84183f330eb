"""Train: what is being trained on this machine, its curves while it learns, and a small training begun from here."""

import html
import os
from pathlib import Path

import streamlit as st

from cxr_models import runs
from cxr_models.errors import TrainingError
from cxr_models.runs import Run
from cxr_models.runs.curves import log_tail
from cxr_models.runs.systems import System, systems
from pages.shared import curves, frame, run_words, trainings
from pages.shared.trainings import Plan

STYLE = Path(curves.__file__).with_name("train.css")
LEAD = (
    "A network learns from films in many small steps. After each round through them (an epoch) it is tried on films "
    "that it never learns from. **Loss** is how far its answers are from the truth: 0 would be perfect."
)
DRAWN = (
    "Phantoms are drawings, not patients. A network trained on them shows how learning goes; it is not added to the "
    "models, and nothing it scores is about people. They are drawn once and kept."
)
COLLECTED = (
    "A folder's first run reads every film in it, which can take long; the time below counts only the training. So "
    "short a training is for a lesson: the network is not added to the models. In a terminal, without --no-export, it "
    "is, where validation films find it no worse than the one in use."
)
HOW_TO_READ = "Thin: films it learns from. Thick, a mark an epoch: films it never saw."
LOGARITHMIC = " The scale is logarithmic, as the stages' losses are of different kinds."
PHANTOMS, COLLECTIONS = "Phantoms, made by this program", "Collections on this machine"
FIRST = "cnn-x"  # small enough to show within two minutes on a processor that it learns
MINUTES = (1, 2, 5, 10)
FEWEST, USUAL, MOST = 30, 300, 1200
SHOWN, SAID = "train-shown", "train-said"
LIVE_EVERY, IDLE_EVERY = 2.0, 10.0  # seconds
LOG_LINES = 12


def main() -> None:
    frame.page("Train")
    st.html(STYLE)
    home = runs.home()
    found = runs.every(home)
    left, right = st.columns([1, 2.9], gap="medium")
    with left:
        st.markdown(LEAD)
        begin(home, found)
    with right:
        watch(home, found)


def begin(home: Path, found: list[Run]) -> None:
    """The panel that starts a training."""
    st.markdown("#### Start a small training")
    try:
        known = systems()
    except TrainingError as error:
        st.error(str(error))
        return
    plan = asked(home, known)
    why = trainings.busy(found) or trainings.fault(plan, home)
    st.button("Start", type="primary", width="stretch", disabled=bool(why), on_click=start, args=(plan, home))
    if said := st.session_state.pop(SAID, ""):
        st.error(said)
    if why:
        st.info(why)
    st.caption("The same in a terminal, in this program's folder:")
    st.code(trainings.shown(plan, home), language="bash", wrap_lines=True)


def asked(home: Path, known: dict[str, System]) -> Plan:
    """The training that the panel describes."""
    names = list(known)
    at = names.index(FIRST) if FIRST in names else 0
    system = known[st.selectbox("System", names, at, format_func=lambda name: known[name].title, key="train-system")]
    st.caption(system.paper)
    count, films = material()
    asked = "Time to train, at most, in minutes"
    minutes = st.segmented_control(asked, MINUTES, default=2, required=True, key="train-minutes")
    usual = trainings.usual_name(system, home)
    name = st.text_input("Name of the run", key="train-name", placeholder=usual).strip()
    return Plan(system, name or usual, minutes, count, films)


def material() -> tuple[int, str]:
    """How many phantoms to draw (0: none) and the folder of collections."""
    if st.radio("Films", (PHANTOMS, COLLECTIONS), key="train-films") == PHANTOMS:
        count = st.number_input("How many", FEWEST, MOST, USUAL, 30, key="train-count")
        st.caption(DRAWN)
        return int(count), ""
    folder = st.text_input("Folder of the collections", os.environ.get("CXR_FILMS", ""), key="train-folder").strip()
    st.caption(COLLECTED)
    return 0, folder


def start(plan: Plan, home: Path) -> None:
    try:
        trainings.start(plan, home)
    except TrainingError as error:
        st.session_state[SAID] = str(error)
    else:
        st.session_state[SHOWN] = [plan.name]
        st.session_state["train-name"] = ""


def stop(run: Run) -> None:
    try:
        trainings.stop(run)
    except TrainingError as error:
        st.session_state[SAID] = str(error)


def watch(home: Path, found: list[Run]) -> None:
    """Curves and table, drawn anew by themselves; below them what does not change."""
    if not found:
        text = f"Start one on the left, or in a terminal. Its curve appears here as it learns. Runs lie in {home}."
        frame.empty("Nothing has been trained here yet", html.escape(text))
        return
    shown = chosen(found)
    live = any(run.live for run in found)
    with st.container(key="curves"):
        st.fragment(learning, run_every=LIVE_EVERY if live else IDLE_EVERY)(home, shown, states(found))
    for run in found:
        if run.name in shown and run.command:
            about(run)


def chosen(found: list[Run]) -> list[str]:
    """The names of the runs to draw: at first those that go on, else the newest."""
    names = [run.name for run in found]
    before = st.session_state.get(SHOWN, [run.name for run in found if run.live] or names[:1])
    st.session_state[SHOWN] = [name for name in before if name in names][: len(curves.COLOURS)]
    return st.multiselect("Runs in the figure", names, key=SHOWN, max_selections=len(curves.COLOURS))


def states(found: list[Run]) -> dict[str, str]:
    return {run.name: run.state for run in found}


def learning(home: Path, shown: list[str], before: dict[str, str]) -> None:
    """All that changes while a network learns."""
    found = {run.name: run for run in runs.every(home)}
    if states(list(found.values())) != before:
        st.rerun()
    drawn, colours = [found[name] for name in shown if name in found], curves.colours(shown)
    several = len(drawn) > 1
    if several:
        figure(drawn)
    for run in drawn:
        headline(run, colours[run.name], several)
    if not several:
        figure(drawn)
    for run in drawn:
        log(run)
    st.html(run_words.table([run_words.row(run) for run in found.values()], colours))


def figure(drawn: list[Run]) -> None:
    with_curves = [run for run in drawn if run.stages]
    if with_curves:
        log = curves.logarithmic(with_curves)
        spec = curves.figure([run.name for run in drawn], log)
        st.vega_lite_chart(curves.rows(with_curves), spec, theme=None, width="stretch")
        st.caption(HOW_TO_READ + (LOGARITHMIC if log else ""))


def headline(run: Run, colour: str, several: bool) -> None:
    """How a run fares and what its curve says; beside it what stops it."""
    if not run.live or run.state == "stopping":
        st.html(run_words.headline(run, colour))
        return
    words, button = st.columns([6, 1], vertical_alignment="center")
    words.html(run_words.headline(run, colour))
    name = f"Stop {run.name}" if several else "Stop"
    button.button(name, key=f"stop-{run.name}", width="stretch", on_click=stop, args=(run,))
    if run.state == "starting":
        st.caption("".join(log_tail(run.folder, 1)) or "Loading the program")


def log(run: Run) -> None:
    """The end of what a run that failed has said."""
    if run.state == "failed" and (lines := log_tail(run.folder, LOG_LINES)):
        st.caption(f"The last lines of the log of {run.name}:")
        st.code("\n".join(lines), language=None, wrap_lines=True)


def about(run: Run) -> None:
    """How the run was made, and where its recipe leaves the paper."""
    with st.expander(f"{run.name}: how it is trained, and what the paper did otherwise"):
        if run.differences:
            heads = ("What", "In the paper", "Here", "Why")
            st.table([dict(zip(heads, one, strict=True)) for one in run.differences])
        else:
            st.write("No difference from the paper is recorded yet." if run.live else "No difference is recorded.")
        if run.films:
            counts = ", ".join(f"{count:,} {part}" for part, count in run.films)
            st.caption(f"Films: {counts}{' (drawings, not patients)' if run.on_phantoms else ''}.")
        st.caption("Begun with this command; given again, it goes on where the run stopped:")
        st.code(run.command, language="bash", wrap_lines=True)


main()
