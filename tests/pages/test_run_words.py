"""Runs in words and as curves."""

import pytest
import run_folders

from cxr_models import runs
from cxr_models.runs.curves import Point, Stage
from cxr_models.runs.state import Place
from pages.shared import curves, run_words


def run_of(validations, train=None, state="training", **changes):
    """A run of one stage whose epochs, of ten steps, end with these losses."""
    train = train or [1.0] * len(validations)
    points = tuple(Point(10 * n, n, loss, val) for n, (loss, val) in enumerate(zip(train, validations, strict=True), 1))
    values = {"title": "One", "stages": (Stage("only", points, 0),) if points else (), **changes}
    return runs.Run("one", None, state, **values)


FALLING = [1.0, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]


@pytest.mark.parametrize(
    "run, said",
    [
        (run_of([]), ""),
        (run_of([None, None]), "It has not been tried yet"),
        (run_of([1.0]), "tried once on films it never saw: too early"),
        (run_of([1.0, 0.5]), "tried twice on films it never saw: too early"),
        (run_of([1.0, 0.8, 0.6]), "is falling (1 to 0.6): what it learns also helps on those."),
        (run_of([1.0, 0.8, 0.6], state="done"), "was still falling at the end (1 to 0.6)"),
        (run_of([1.0, 0.5, 0.52]), "is falling (1 to 0.5)"),  # one worse epoch is no turn
        (run_of([0.7, 0.695, 0.699]), "has hardly moved (0.7 to 0.695)"),
        (run_of([1.0, 1.2, 0.9, 1.1]), "has hardly moved (1 to 0.9)"),  # it jumps by more than it has fallen
        (run_of([1.0, 0.5, 0.51, 0.5, 0.51]), "least in epoch 2 (0.5) and has stayed about there"),
    ],
)
def test_a_curve_is_said_in_a_sentence(run, said):
    found = run_words.meaning(run)
    assert said in found and bool(said) == bool(found)
    assert "memorises" not in found


def test_memorising_is_said_where_one_loss_rises_and_the_other_falls():
    validations = [1.0, 0.7, 0.5, 0.55, 0.65, 0.75, 0.8]
    assert run_words.meaning(run_of(validations, FALLING)) == (
        "The loss on films it never saw was least in epoch 3 (0.5) and is 0.8 now, while the loss on the films it "
        "learns from goes on falling: from epoch 3 on it memorises. The weights of epoch 3 are the ones that are kept."
    )


def test_where_both_losses_rise_it_does_not_memorise():
    validations = [1.0, 0.7, 0.5, 0.55, 0.65, 0.75, 0.8]
    found = run_words.meaning(run_of(validations, FALLING[::-1]))
    assert "got worse on new films" in found and "memorises" not in found


def test_only_the_stage_under_way_is_spoken_of(tmp_path):
    run = runs.read(run_folders.run(tmp_path / "one", (10, 0.5), {"state": "done"}))
    assert run_words.meaning(run).startswith("In stage covid19 it has not been tried yet")


def test_the_generated_run_that_memorises_is_seen_to(tmp_path):
    folder = run_folders.run(tmp_path / "one", (10, 12), {"state": "done"}, memorises=True)
    assert "it memorises" in run_words.meaning(runs.read(folder))


@pytest.mark.parametrize(
    "place, said",
    [
        (Place("b", 2, 3, 4, 12, 170.0), "training, stage 2 of 3 (b), epoch 4 of 12, about 3 minutes left in it"),
        (Place("c", 3, 3, 4, 12, 20.0), "training, stage 3 of 3 (c), epoch 4 of 12, about 20 seconds left"),
        (Place("c", 3, 3, 4, 12, None), "training, stage 3 of 3 (c), epoch 4 of 12"),
        (Place("", 0, 0, 0, 0, None), "training"),
    ],
)
def test_where_it_is_in_words(place, said):
    assert run_words.state(run_of([], place=place)) == said


@pytest.mark.parametrize(
    "seconds, said",
    [
        (0, "5 seconds"),
        (52, "50 seconds"),
        (55, "1 minute"),
        (100, "2 minutes"),
        (5400, "2 hours"),
        (4000, "67 minutes"),
    ],
)
def test_times_are_rounded(seconds, said):
    assert run_words.duration(seconds) == f"about {said}"


def test_a_row_has_a_cell_under_every_head(tmp_path):
    run = runs.read(run_folders.run(tmp_path / "one", (10, 12), {"state": "done"}))
    cells = dict(zip(run_words.HEADS, run_words.row(run), strict=True))
    best = min(point.val_loss for point in run.stages[1].validated)
    assert cells["Best validation loss"] == f"{best:.3g} (covid19)"
    assert cells["Films seen"] == "28,160, drawings"
    assert (cells["Run"], cells["State"], cells["First weights"]) == ("one", "done", "random")
    assert run_words.row(run_of([], init="/some/runs/cae"))[5] == "run cae"


def test_markup_in_a_run_is_text():
    run = run_of([], state="failed", title="<b>x", sentence="<script>")
    for said in (run_words.headline(run, "#fff"), run_words.table([run_words.row(run)], {})):
        assert "<script>" not in said and "<b>x" not in said
        assert "&lt;b&gt;x" in said
    assert "drawings, not patients" in run_words.headline(run_of([], command="train x --phantoms 60"), "#fff")
    assert "drawings" not in run_words.headline(run_of([], command="train x --root /data"), "#fff")


def test_stages_stand_one_after_another_a_line_each(tmp_path):
    run = runs.read(run_folders.run(tmp_path / "one", (10, 3), {"state": "done"}))
    rows = curves.rows([run])
    new = rows[rows.kind == curves.NEW]
    assert list(new.step) == [40 * n for n in range(1, 14)]  # 10 epochs, then 3, of 40 steps
    assert list(new.part) == ["one/screening"] * 10 + ["one/covid19"] * 3
    assert list(new.loss) == [point.val_loss for stage in run.stages for point in stage.validated]
    begins = rows[rows.kind == curves.BEGINS]
    assert list(zip(begins.stage, begins.step, strict=True)) == [("screening", 0), ("covid19", 400)]


def parts(spec):
    """All layers of a specification, however deep."""
    for layer in spec.get("layer", []):
        yield layer
        yield from parts(layer)


def test_the_loss_on_new_films_is_the_thick_one_with_marks():
    width = {}
    for layer in curves.figure(["a"], False)["layer"][1:3]:
        inner = next(parts(layer), layer)
        width[layer["transform"][0]["filter"]["equal"]] = inner["mark"]["strokeWidth"]
    assert width[curves.LEARNED] < width[curves.NEW]
    assert "point" in [layer["mark"]["type"] for layer in parts(curves.figure(["a"], False)) if "mark" in layer]


def test_runs_have_a_colour_and_a_shape_each():
    spec = curves.figure(["a", "b", "c"], False)
    colour = spec["encoding"]["color"]
    assert dict(zip(*colour["scale"].values(), strict=True)) == curves.colours(["a", "b", "c"])
    shapes = [layer["encoding"]["shape"] for layer in parts(spec) if "shape" in layer.get("encoding", {})]
    assert len(set(shapes[0]["scale"]["range"])) == 3
    assert colour["legend"] and curves.figure(["a"], False)["encoding"]["color"]["legend"] is None


def test_the_figure_is_the_same_while_its_rows_grow(tmp_path):
    """What lets the chart take new rows where it stands."""
    early = runs.read(run_folders.run(tmp_path / "one", (3,), {"state": "done"}))
    late = runs.read(run_folders.run(tmp_path / "one", (10, 3), {"state": "done"}))
    assert len(curves.rows([late])) > len(curves.rows([early]))
    assert curves.figure(["one"], False) == curves.figure(["one"], False)
    assert curves.logarithmic([early]) == curves.logarithmic([late])


def test_losses_far_apart_stand_on_a_logarithmic_scale():
    assert curves.logarithmic([run_of([1.0, 0.01], [1.0, 0.01])])
    assert not curves.logarithmic([run_of([1.0, 0.0], [1.0, 0.5])])  # zero has no logarithm
    assert not curves.logarithmic([])
    scales = [layer["encoding"]["y"]["scale"] for layer in curves.figure(["a"], True)["layer"][1:3]]
    assert [scale["type"] for scale in scales] == ["log", "log"]


def test_a_long_curve_is_thinned_and_keeps_its_end():
    rows = curves.rows([run_of([0.5] * 5000)])
    learned = rows[rows.kind == curves.LEARNED]
    assert 300 < len(learned) <= curves.MOST_POINTS and learned.step.max() == 50_000
