"""The page Train: what runs on this machine, and a training begun and stopped from here."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import run_folders
from film_open import html, words
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from cxr_models import manifest, runs
from cxr_models.errors import TrainingError
from cxr_models.runs.systems import System
from pages.shared import trainings

HERE = Path(__file__).parent
SYSTEM = System("custom-cnn", "Custom CNN in two stages", "Transfer learning study, model 1")
PLAN = trainings.Plan(SYSTEM, "small", 2, 60)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty runs folder; what still runs in it is ended afterwards."""
    home = tmp_path / "runs"
    monkeypatch.setenv("CXR_RUNS", str(home))
    monkeypatch.delenv("CXR_FILMS", raising=False)
    yield home
    end_all(home)


def end_all(home: Path) -> None:
    """End the trainings that this test began: each is a group of processes of its own."""
    for run in runs.every(home):
        if run.pid and os.getpgid(run.pid) == run.pid:
            os.killpg(run.pid, signal.SIGKILL)


@pytest.fixture
def learns_nothing(monkeypatch: pytest.MonkeyPatch):
    """Trainings are begun whole, but by a program that learns nothing."""
    program = [sys.executable, str(HERE.parent / "cxr_models_that_learn_nothing.py")]
    monkeypatch.setattr(trainings, "command", lambda plan, home: [*program, *trainings.words(plan, home)[2:]])


def visit(app: AppTest) -> AppTest:
    app.switch_page("pages/train.py").run()
    assert not app.exception
    return app


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label == label)


def until(home: Path, name: str, *states: str) -> runs.Run:
    end = time.monotonic() + 30
    while (run := runs.read(home / name)).state not in states:
        assert time.monotonic() < end, f"{run.state}: {run.sentence}"
        time.sleep(0.05)
    return run


def test_an_empty_folder_says_what_to_do(app: AppTest, home: Path):
    visit(app)
    assert "Nothing has been trained here yet" in html(app) and str(home) in html(app)
    assert not button(app, "Start").disabled


def test_the_command_is_shown_as_one_types_it(app: AppTest, home: Path):
    visit(app)
    app.text_input(key="train-name").input("my-run").run()
    app.number_input(key="train-count").set_value(90).run()
    shown = f"python -m cxr_models train cnn-x --phantoms 90 --budget 2m --name my-run --runs {home}"
    assert [code.value for code in app.code] == [shown]
    assert "drawings, not patients" in words(app) and "not added to the models" in words(app)


def test_every_system_is_offered(app: AppTest, home: Path):
    visit(app)
    box = app.selectbox(key="train-system")
    assert box.value == "cnn-x" and {"UNet", "CoroNet"} <= {w for o in box.options for w in re.findall(r"\w+", o)}


@pytest.mark.parametrize("name", ["Mine", "a b", "../up", "-x", "cache", "taken"])
def test_a_name_that_cannot_be_is_a_sentence(app: AppTest, home: Path, name: str):
    (home / "taken").mkdir(parents=True)
    visit(app)
    app.text_input(key="train-name").input(name).run()
    assert button(app, "Start").disabled
    assert re.search("Choose another", app.info[0].value)
    with pytest.raises(TrainingError, match="Choose another"):
        trainings.start(PLAN._replace(name=name), home)


def test_a_folder_that_is_not_there_is_said_before_anything_starts(app: AppTest, home: Path, tmp_path: Path):
    visit(app)
    app.radio(key="train-films").set_value("Collections on this machine").run()
    assert "Name the folder" in app.info[0].value
    app.text_input(key="train-folder").input("/no/such/folder").run()
    assert "There is no folder /no/such/folder on the machine" in app.info[0].value and button(app, "Start").disabled
    app.text_input(key="train-folder").input(str(tmp_path)).run()
    assert not app.info and not button(app, "Start").disabled
    assert f"--root {tmp_path} --no-export --budget" in app.code[0].value and "--phantoms" not in app.code[0].value


def test_the_real_command_is_this_program_with_arguments_the_shell_never_sees(home: Path):
    plan = PLAN._replace(phantoms=0, films="/films; rm -r x")
    started = trainings.command(plan, home)
    assert started[:5] == [sys.executable, "-m", "cxr_models", "train", "custom-cnn"]
    assert started[started.index("--root") + 1] == "/films; rm -r x"
    assert "'/films; rm -r x'" in trainings.shown(plan, home)
    assert "--runs" not in trainings.words(plan, manifest.ROOT / "runs")


def test_a_training_is_begun_watched_and_stopped(app: AppTest, home: Path, learns_nothing):
    visit(app)
    button(app, "Start").click().run()
    name = app.multiselect[0].value[0]
    until(home, name, "training")
    app.run()
    assert "Training, stage 2 of 2 (covid19), epoch" in html(app)
    assert button(app, "Start").disabled and f"{name} is being trained. One at a time" in app.info[0].value
    button(app, "Stop").click().run()
    assert until(home, name, "stopped").sentence == "The same command goes on from its last checkpoint."
    app.run()
    assert "Stopped. The same command goes on" in html(app) and not button(app, "Start").disabled
    assert "Stop" not in [one.label for one in app.button]


def test_a_second_start_says_that_one_is_under_way(home: Path, learns_nothing):
    trainings.start(PLAN, home)
    with pytest.raises(TrainingError, match="small is being trained. One at a time"):
        trainings.start(PLAN._replace(name="second"), home)
    assert not (home / "second").exists()
    trainings.stop(runs.read(home / "small"))


def test_one_that_is_stopped_before_it_trains_has_stopped(home: Path, monkeypatch: pytest.MonkeyPatch):
    words = [sys.executable, "-c", "import time; time.sleep(60)", "cxr_models", "train", "small"]
    monkeypatch.setattr(trainings, "command", lambda plan, home: words)
    trainings.start(PLAN, home)
    run = runs.read(home / "small")
    assert run.state == "starting" and os.getpgid(run.pid) == run.pid  # a session of its own: it outlives the page
    trainings.stop(run)
    assert until(home, "small", "stopped").sentence == "It had not begun to train."
    with pytest.raises(TrainingError, match="nothing to stop"):
        trainings.stop(run)


def test_a_process_that_is_not_the_run_is_never_stopped(home: Path):
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    folder = run_folders.run(home / "small", (10, 2), run_folders.training(other.pid))
    run = runs.read(folder)
    assert run.state == "broken off"
    for pid in (None, other.pid, os.getpid()):
        with pytest.raises(TrainingError, match="nothing to stop"):
            trainings.stop(runs.Run("small", folder, "training", pid=pid, model="custom-cnn"))
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingError, match="could not begin"):
        trainings.start(PLAN, tmp_path / "file")


def test_one_that_fails_shows_its_message_and_its_log(app: AppTest, home: Path, learns_nothing):
    trainings.start(PLAN._replace(phantoms=30), home)
    until(home, "small", "failed")
    visit(app)
    said = "python -m cxr_models train: 30 phantoms are too few for this test."
    assert f"Failed. {said}" in html(app)
    assert said in [code.value for code in app.code]
    assert not any(file.name.endswith(".part") for file in (home / "small").iterdir())
    assert json.loads((home / "small/launch.json").read_text())["title"] == SYSTEM.title


def test_runs_are_compared_in_one_figure_and_a_table(app: AppTest, home: Path):
    run_folders.run(home / "old", (10, 12), {"state": "done"}, memorises=True, started="2026-01-01T00:00:00+00:00")
    run_folders.run(home / "new", (10, 3), {"state": "failed", "message": "The disk is full."}, films="--root /data")
    (home / "half").mkdir()
    (home / "half/run.json").write_text('{"mod')
    visit(app)
    assert app.multiselect[0].value == ["new"] and app.multiselect[0].options == ["new", "old", "half"]
    app.multiselect[0].set_value(["new", "old", "half"]).run()
    assert not app.exception
    text = html(app)
    assert "it memorises" in text and "The disk is full." in text and "run.json cannot be read" in text
    assert text.count("drawings, not patients</em>") == 1
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert spec["encoding"]["color"]["scale"]["domain"] == ["new", "old", "half"]
    assert [one.label.split(":")[0] for one in app.expander] == ["new", "old"]
    assert "a figure that is lost" in str(app.table[0].value)


def test_a_run_that_was_removed_is_no_longer_chosen(app: AppTest, home: Path):
    for name in ("one", "two"):
        run_folders.run(home / name, (3,), {"state": "done"})
    visit(app)
    app.multiselect[0].set_value(["one", "two"]).run()
    for file in sorted((home / "one").rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    app.run()
    assert not app.exception and app.multiselect[0].value == ["two"]


LIVE = ".headline p.said"
MARK = "element => { element.marked = true }"
CHART = ".stVegaLiteChart svg.marks"
POINTS = "element => element.querySelectorAll('.mark-symbol path').length"
MORE = f"before => ({POINTS})(document.querySelector('{CHART}')) > before"
SOON = 60_000  # milliseconds


@pytest.fixture(scope="module")
def served(serve, tmp_path_factory: pytest.TempPathFactory):
    """A server of the page alone, whose trainings learn nothing: its address and its runs folder."""
    home = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CXR_RUNS", str(home))
        yield serve(HERE / "train_script.py"), home
    end_all(home)


def test_in_a_browser_the_curves_live_and_nothing_else_is_drawn_anew(page: Page, served: tuple[str, Path]):
    page.goto(served[0])
    page.get_by_label("Name of the run").fill("by-hand")
    page.get_by_label("Name of the run").press("Enter")
    page.get_by_text("--name by-hand").wait_for()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(LIVE)).to_contain_text("Training, stage 2 of 2", timeout=SOON)
    chart, panel = page.locator(CHART), page.get_by_label("Name of the run")
    chart.wait_for()
    panel.evaluate(MARK)
    chart.evaluate(MARK)
    page.wait_for_function(MORE, arg=chart.evaluate(POINTS))
    assert panel.evaluate("element => element.marked") and chart.evaluate("element => element.marked")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator(LIVE)).to_contain_text("Stopped. The same command goes on", timeout=SOON)
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled(timeout=SOON)
    assert page.locator("[data-testid=stException]").count() == 0


def test_in_a_browser_the_page_fits_the_screen(page: Page, served: tuple[str, Path]):
    for name in ("one", "two"):
        run_folders.run(served[1] / name, (10, 5), {"state": "done"}, started="2027-01-01T00:00:00+00:00")
    page.goto(served[0])
    page.locator(CHART).wait_for()
    expect(page.get_by_role("note")).to_have_text("Research and teaching only. Not for diagnosis.")
    for width in (1024, 1440):
        page.set_viewport_size({"width": width, "height": 768})
        page.wait_for_function("() => document.documentElement.scrollWidth <= window.innerWidth")
