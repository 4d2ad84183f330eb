"""Runs folders read from outside: whole ones, and whatever else may lie there."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
import run_folders
from run_folders import BATCH, STEPS

from cxr_models import runs
from cxr_models.errors import TrainingError
from cxr_models.runs import curves, state, systems

NOBODY = 2**30  # no system gives numbers as high


@pytest.fixture
def sleeper():
    """A process whose command line is that of the training "mine"; its pid."""
    words = [sys.executable, "-c", "import time; time.sleep(60)", "cxr_models", "train", "--name", "mine"]
    process = subprocess.Popen(words)
    while "mine" not in state.command_line(process.pid):  # a new process has no command line for some milliseconds
        time.sleep(0.005)
    yield process.pid
    process.kill()
    process.wait()


def test_a_run_is_what_its_files_say(tmp_path):
    run = runs.read(run_folders.run(tmp_path / "one", (10, 2.2), {"state": "done"}))
    assert (run.name, run.model, run.title) == ("one", "custom-cnn", "Custom CNN in two stages")
    assert (run.state, run.sentence, run.pid, run.place, run.live) == ("done", "", None, None, False)
    assert (run.init, run.device, run.on_phantoms) == ("random", "CPU, 2 threads", True)
    assert run.started == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert run.films == (("train", 48), ("val", 12))
    assert [one.what for one in run.differences] == ["layers", "films"]
    assert run.differences[0].why == "The text names none."


def test_its_curves_come_stage_by_stage(tmp_path):
    run = runs.read(run_folders.run(tmp_path / "one", (10, 2.2), {"state": "done"}))
    assert [(stage.name, len(stage.validated)) for stage in run.stages] == [("screening", 10), ("covid19", 2)]
    assert run.tested is run.stages[1]
    assert run.films_seen == (10 * STEPS + round(2.2 * STEPS)) * BATCH


def test_validation_of_an_earlier_stage_counts_until_the_next_has_one(tmp_path):
    run = runs.read(run_folders.run(tmp_path / "one", (10, 0.5), {"state": "done"}))
    assert run.tested is run.stages[0]


def test_rows_that_are_not_whole_are_left_out(tmp_path):
    file = tmp_path / "metrics.csv"
    file.write_text("step,epoch,loss,val_loss\n20,1,0.5,\nx,y,z\n10,1,nan,0.7\n\n30,1\n40,2,0.4,0.6\n50,2,0.")
    assert curves.points(file) == ((10, 1, None, 0.7), (20, 1, 0.5, None), (30, 1, None, None), (40, 2, 0.4, 0.6))
    file.write_bytes(b"\xff\xfe\x00\n\x00")
    assert curves.points(file) == ()
    assert curves.points(tmp_path / "gone.csv") == ()


def test_a_file_that_grew_is_read_again(tmp_path):
    file = tmp_path / "metrics.csv"
    file.write_text("step,epoch,loss,val_loss\n1,1,0.5,\n")
    assert len(curves.points(file)) == 1
    with file.open("a") as more:
        more.write("2,1,0.4,\n")
    assert len(curves.points(file)) == 2


def test_a_training_that_lives_says_where_it_is(tmp_path, sleeper):
    status = run_folders.training(sleeper, left=100.0) | {"time": time.time() - 40}
    run = runs.read(run_folders.run(tmp_path / "mine", (10, 3), status))
    assert (run.state, run.pid, run.live) == ("training", sleeper, True)
    assert run.place[:5] == ("covid19", 2, 2, 4, 12)
    assert run.place.seconds_left == pytest.approx(60, abs=5)


@pytest.mark.parametrize("pid", [NOBODY, os.getpid(), 1, 0, -1, True, "7", None])
def test_a_training_whose_process_is_gone_or_anothers_was_broken_off(tmp_path, pid):
    run = runs.read(run_folders.run(tmp_path / "mine", (10, 3), run_folders.training(1) | {"pid": pid}))
    assert (run.state, run.pid, run.live) == ("broken off", None, False)
    assert "same command goes on" in run.sentence


def test_a_process_is_the_run_only_by_name_or_model(sleeper):
    assert state.is_training(sleeper, "mine", "resnet18")
    assert not state.is_training(sleeper, "other", "resnet18")
    assert not state.is_training(sleeper, "other", "")
    os.kill(sleeper, signal.SIGKILL)
    os.waitpid(sleeper, 0)
    assert not state.is_training(sleeper, "mine", "resnet18")


@pytest.mark.parametrize(
    "status, found, said",
    [
        ({"state": "stopped"}, "stopped", "same command goes on"),
        ({"state": "failed", "message": "The disk is full."}, "failed", "The disk is full."),
        ({"state": "failed"}, "failed", "left no word why"),
        ({"state": "dancing"}, "unreadable", "no state that is known"),
        ({"state": 7}, "unreadable", "no state that is known"),
    ],
)
def test_how_it_ended(tmp_path, status, found, said):
    run = runs.read(run_folders.run(tmp_path / "one", (1,), status))
    assert run.state == found and said in run.sentence and not run.live


def launched(folder, pid, at=None):
    about = {"model": "cae", "title": "CAE", "command": "python -m cxr_models train cae --phantoms 60"}
    run_folders.write(folder / "launch.json", {"pid": pid, "time": time.time() if at is None else at, **about})
    return folder


def test_a_launched_run_is_getting_ready_until_it_reports(tmp_path, sleeper):
    folder = launched(tmp_path / "mine", sleeper)
    run = runs.read(folder)
    assert (run.state, run.pid, run.title, run.on_phantoms) == ("starting", sleeper, "CAE", True)
    assert run.started.tzinfo is not None
    run_folders.run(folder, (0.5,), run_folders.training(sleeper, 1))
    assert runs.read(folder).state == "training"
    run_folders.write(folder / "status.json", {"state": "done", "pid": sleeper, "time": time.time()})
    assert runs.read(folder).state == "measuring"


def test_one_that_ended_before_it_reported_failed_with_its_last_words(tmp_path):
    folder = launched(tmp_path / "mine", NOBODY)
    assert "left no word why" in runs.read(folder).sentence
    (folder / "log.txt").write_text("drawn: 1%\rdrawn: 2%\n\x1b[31mpython -m cxr_models train: No films.\x1b[0m\n\n")
    run = runs.read(folder)
    assert (run.state, run.sentence) == ("failed", "python -m cxr_models train: No films.")
    assert curves.log_tail(folder, 5) == ["drawn: 2%", "python -m cxr_models train: No films."]


def test_one_that_is_begun_again_is_not_what_it_was_before(tmp_path, sleeper):
    folder = run_folders.run(tmp_path / "mine", (3,), {"state": "stopped", "time": time.time() - 60})
    assert runs.read(launched(folder, sleeper)).state == "starting"


def test_who_was_asked_to_stop_stops_and_has_stopped(tmp_path, sleeper):
    folder = run_folders.run(tmp_path / "mine", (10, 3), run_folders.training(sleeper))
    run_folders.write(folder / "stop.json", {"pid": sleeper})
    assert runs.read(folder).state == "stopping"
    run_folders.write(folder / "status.json", run_folders.training(NOBODY))
    assert runs.read(folder).state == "broken off"  # another process was asked
    run_folders.write(folder / "stop.json", {"pid": NOBODY})
    assert runs.read(folder).state == "stopped"


def test_one_without_a_status_may_just_have_begun(tmp_path):
    folder = run_folders.run(tmp_path / "one", ())
    assert runs.read(folder).state == "starting"
    os.utime(folder / "run.json", (1, 1))
    assert (runs.read(folder).state, runs.read(folder).stages) == ("broken off", ())


FOREIGN = [b"", b'{"model": "x"', b"[1, 2]", b"\xff\xfe", b"null", b"[" * 100_000]


@pytest.mark.parametrize("content", FOREIGN)
@pytest.mark.parametrize("name", ["run.json", "status.json", "launch.json"])
def test_a_file_cut_short_is_a_sentence(tmp_path, content, name):
    folder = run_folders.run(tmp_path / "one", (3,), {"state": "done"})
    (folder / name).write_bytes(content)
    run = runs.read(folder)
    assert run.state == "unreadable" and run.sentence.startswith(f"{name} ") and run.title == "one"


@pytest.mark.parametrize("value", [None, 3, "text", [1], {"a": None}, [{"name": 5, "batch": "x"}], -1e300, True])
def test_values_of_another_type_are_blank(tmp_path, value):
    folder = tmp_path / "one"
    keys = ("model", "title", "recipe", "films", "device", "command", "started")
    run_folders.write(folder / "run.json", dict.fromkeys(keys, value))
    run_folders.write(folder / "status.json", dict.fromkeys(("pid", "time", "stage", "epoch", "message"), value))
    run_folders.write(folder / "launch.json", dict.fromkeys(("pid", "time", "model"), value))
    run_folders.write(folder / "stop.json", value)
    assert runs.read(folder).state in ("unreadable", "failed")
    recipe = dict.fromkeys(("stages", "differences", "init"), value)
    run_folders.write(folder / "run.json", {"recipe": recipe, "started": "2026-11-20"})
    assert runs.read(folder).started is not None


def test_a_stage_named_as_a_path_is_not_followed(tmp_path):
    run_folders.curve(tmp_path / "elsewhere", 2, 2)
    folder = run_folders.run(tmp_path / "one", (), {"state": "done"}, (("../elsewhere", 2), ("/", 1), ("..", 1)))
    assert runs.read(folder).stages == ()


def test_what_is_no_run_is_passed_over_and_the_newest_stands_first(tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "index.csv").write_text("path\n")
    run_folders.run(tmp_path / "old", (1,), {"state": "done"}, started="2026-01-01T00:00:00+00:00")
    run_folders.run(tmp_path / "new", (1,), {"state": "done"}, started="2026-02-01T00:00:00")
    run_folders.run(tmp_path / "whenever", (1,), {"state": "done"}, started="yesterday")
    assert [run.name for run in runs.every(tmp_path)] == ["new", "old", "whenever"]
    assert runs.every(tmp_path / "gone") == runs.every(tmp_path / "index.csv") == []


def test_the_runs_folder_is_named_by_a_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("CXR_RUNS", str(tmp_path))
    assert runs.home() == tmp_path
    monkeypatch.delenv("CXR_RUNS")
    assert runs.home().name == "runs"


def test_reading_runs_needs_no_torch():
    program = "import sys, cxr_models.runs, cxr_models.runs.systems as s; s.systems(); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"


def test_every_recipe_is_a_system_with_a_title_and_a_paper():
    found = systems.systems()
    assert set(found) == {file.stem for file in systems.RECIPES.glob("*.toml")}
    assert all(one.title and one.paper for one in found.values())
    assert found["custom-cnn"] == ("custom-cnn", "Custom CNN in two stages", "Transfer learning study, model 1")


def test_a_recipe_takes_from_the_one_it_is_like(tmp_path):
    (tmp_path / "a.toml").write_text('title = "A"\npaper = "P"')
    (tmp_path / "b.toml").write_text('like = "a"\ntitle = "B"')
    (tmp_path / "c.toml").write_text('like = "b"')
    found = systems.systems(tmp_path)
    assert [tuple(found[name]) for name in "abc"] == [("a", "A", "P"), ("b", "B", "P"), ("c", "B", "P")]


@pytest.mark.parametrize(
    "text, said", [('like = "a"', "like itself"), ("=", "cannot be read"), ('like = "z"', "z.toml")]
)
def test_a_recipe_that_cannot_be_read_is_named(tmp_path, text, said):
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(TrainingError, match=said):
        systems.systems(tmp_path)
    with pytest.raises(TrainingError, match="no recipes"):
        systems.systems(tmp_path / "gone")


def test_a_finished_stage_says_itself_how_many_films_it_showed(tmp_path):
    folder = run_folders.run(tmp_path / "one", (10,), {"state": "done"}, (("screening", 10),))
    (folder / "screening/stage.json").write_text(json.dumps({"films": 99}))
    assert runs.read(folder).films_seen == 99
    (folder / "screening/stage.json").write_text("{")
    assert runs.read(folder).films_seen == 10 * STEPS * BATCH
