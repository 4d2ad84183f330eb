import json

import numpy as np
import pandas as pd
import pytest

from cxr_models import manifest, results
from cxr_models.errors import RefusedFilm, TrainingError
from cxr_models.evaluation import evaluate as evaluation
from cxr_models.evaluation import predictions
from cxr_models.evaluation.compare import compare
from cxr_models.evaluation.films import foreign, own


def run(root, index, films=None):
    return evaluation.evaluate("whole", index, root, root / "runs", root / "weights_manifest.toml", films)


def test_calibration_and_evaluation_by_hand(measured):
    root, index = measured
    spec = evaluation.calibrate("whole", index, root, root / "runs", root / "weights_manifest.toml")
    assert "6 validation films" in spec.thresholds_chosen and 0.01 <= spec.threshold <= 0.99
    found = run(root, index)
    assert (found.n, found.groups, found.cramers_v, found.refused) == (6, 6, 0.0, "")
    assert found.confusion == ((2, 0, 0), (0, 2, 0), (0, 0, 2))
    assert found.measure("macro-F1").value == 1 and found.measure("ROC AUC", "covid19").value == 1
    assert found.measure("accuracy", "collection a").n == 3
    assert found.measure("sensitivity at threshold", "covid19").value == 1
    assert set(found.reliability) == {"before", "after"} and set(found.pr) == set(found.classes)


def test_two_validation_films_of_a_class_are_too_few_to_leave_it_out_of_a_set(measured):
    root, index = measured
    found = run(root, index)
    assert set(found.conformal.cuts.values()) == {0.0} and set(found.conformal.n.values()) == {2}
    assert found.measure("mean set size").value == 3 and found.measure("coverage of sets").value == 1
    assert found.abstain.low == 0


def test_what_is_stored_is_what_was_measured(measured):
    root, index = measured
    found = run(root, index)
    assert results.evaluation("whole", root / "results") == found
    shown = manifest.specs(root / "weights_manifest.toml")["whole"].results
    assert {r.name for r in shown} >= {"macro-F1", "accuracy"} and all(r.n in (3, 6) for r in shown)


def test_where_collection_and_class_are_one_no_figure_over_all_films_is_given(measured):
    root, index = measured
    found = run(root, index.assign(source=index.label + "-only"))
    assert found.cramers_v == 1 and "perfectly confounded" in found.refused and found.notes[0] == found.refused
    assert found.measure("accuracy") is None and found.measure("macro-F1") is None
    assert found.measure("accuracy", "collection covid19-only").value == 1
    assert found.measure("sensitivity", "covid19").value == 1


def test_the_source_alone_is_measured_beside_the_model(measured):
    root, index = measured
    trained = index.assign(split="train", source=["a"] * 6 + ["b"] * 6)
    trained = trained[~((trained.source == "b") & (trained.label == "covid19"))]  # a: 2 of each, b: no covid19
    found = run(root, pd.concat([index, trained.assign(sha256="none")], ignore_index=True))
    # Of a the first class by order, covid19; of b the first of two, normal: one of three right in each.
    assert found.measure("accuracy", "source alone").value == pytest.approx(2 / 6, abs=1e-4)
    assert found.measure("macro-F1", "source alone").value == pytest.approx((2 / 5 + 2 / 5 + 0) / 3, abs=1e-4)


def test_films_of_another_table_have_results_of_their_own_and_leave_the_card_alone(measured):
    root, index = measured
    run(root, index)
    before = manifest.specs(root / "weights_manifest.toml")["whole"]
    index.assign(source="elsewhere", sha256=index.sha256).to_csv(root / "other.csv", index=False)
    found = run(root, index, foreign(root / "other.csv", "val", "other"))
    assert (found.name, found.n) == ("other", 6) and "--name other" in found.command
    assert found.conformal == results.evaluation("whole", root / "results").conformal
    assert any("Not trained on: elsewhere" in note for note in found.notes)
    assert any("6 of these films were training or validation films" in note for note in found.notes)
    assert results.evaluation("whole", root / "results", "other") == found
    assert manifest.specs(root / "weights_manifest.toml")["whole"] == before
    assert [one.name for one in results.stored(root / "results")] == ["test"]


def test_another_name_for_ones_own_test_films_leaves_the_card_alone_too(measured):
    root, index = measured
    found = run(root, index, own(index, "covidx"))
    assert (root / "results/whole.covidx.json").is_file() and not (root / "results/whole.json").exists()
    assert found.command == "python -m cxr_models evaluate whole --name covidx"
    assert manifest.specs(root / "weights_manifest.toml")["whole"].results == ()


def test_two_models_on_the_same_films(measured, monkeypatch):
    root, index = measured
    logits = {"whole": np.eye(3)[[0, 1, 2, 0, 1, 2]] * 9, "inside": np.tile([0.0, 1.0], (6, 1))}
    monkeypatch.setattr(evaluation, "logits", lambda name, rows, root, runs: logits[name])
    found = compare("whole", "inside", index, root, root / "runs", root / "weights_manifest.toml")
    assert (found.classes, found.n, found.only_a, found.only_b) == (("covid19", "non_covid19"), 6, 2, 0)
    accuracy = next(d for d in found.differences if d.name == "accuracy")
    assert (accuracy.a, accuracy.b, accuracy.value) == (
        1,
        pytest.approx(4 / 6, abs=1e-4),
        pytest.approx(2 / 6, abs=1e-4),
    )
    assert (accuracy.test, accuracy.p) == ("McNemar, exact", 0.5)
    area = next(d for d in found.differences if (d.name, d.about) == ("ROC AUC", "covid19"))
    assert (area.a, area.b, area.value) == (1, 0.5, 0.5)
    compare("whole", "inside", index, root, root / "runs", root / "weights_manifest.toml")
    assert results.comparisons(root / "results") == [found]


def test_a_film_that_one_model_does_not_read_is_left_out_of_the_comparison(measured, monkeypatch):
    root, index = measured
    logits = {"whole": np.eye(3)[[0, 1, 2, 0, 1, 2]] * 9, "inside": np.tile([0.0, 1.0], (6, 1))}
    logits["inside"][0] = np.nan
    monkeypatch.setattr(evaluation, "logits", lambda name, rows, root, runs: logits[name])
    found = compare("whole", "inside", index, root, root / "runs", root / "weights_manifest.toml")
    assert (found.n, found.only_a) == (5, 1)


def test_models_of_different_questions_are_not_compared(measured):
    root, index = measured
    with pytest.raises(TrainingError, match="different questions"):
        compare("whole", "unet", index, root, root / "runs", root / "weights_manifest.toml")


def test_labels_a_two_class_model_does_not_name_are_its_last_class():
    rows = pd.DataFrame({"label": ["normal", "covid19", "pneumonia"]})
    assert predictions.truth_of(rows, ("covid19", "non_covid19")).tolist() == [1, 0, 1]


def test_labels_a_three_class_model_does_not_name_are_an_error():
    with pytest.raises(TrainingError, match="labels tuberculosis are none of covid19, normal"):
        predictions.truth_of(pd.DataFrame({"label": ["tuberculosis"]}), ("covid19", "normal", "pneumonia"))


def test_an_index_without_test_films_is_an_error(measured):
    root, index = measured
    with pytest.raises(TrainingError, match="no films to answer"):
        run(root, index[index.split == "val"])


def test_an_evaluation_broken_off_goes_on_where_it_stopped(measured, monkeypatch):
    root, index = measured
    rows = predictions.labelled(index, "test")
    whole = predictions.logits("whole", rows, root, root / "runs")
    (file,) = (root / "runs/predictions").glob("whole-*.csv")
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:3]) + lines[3][:20])
    asked = []
    answers = predictions._answers
    monkeypatch.setattr(predictions, "_answers", lambda m, r, root: asked.extend(r.sha256) or answers(m, r, root))
    again = predictions.logits("whole", rows, root, root / "runs")
    assert np.array_equal(again, whole) and asked == list(rows.sha256[3:])
    assert file.read_text() == "".join(lines)


def test_a_film_that_changed_since_the_index_was_made_is_named(measured):
    root, index = measured
    (root / "films/7.png").write_bytes((root / "films/8.png").read_bytes())
    with pytest.raises(TrainingError, match="films/7.png has changed since the index was made"):
        run(root, index)


def test_a_film_without_lungs_has_no_answer_of_a_model_on_the_lungs(measured, monkeypatch):
    root, index = measured

    def refuse(film):
        def inputs(spec, lungs=None):
            raise RefusedFilm("none were found")

        return inputs

    monkeypatch.setattr(predictions.inference, "Inputs", refuse)
    rows = predictions.labelled(index, "test")
    assert np.isnan(predictions.logits("whole", rows, root, root / "runs")).all()


def test_stored_files_are_plain_json(measured):
    root, index = measured
    run(root, index)
    text = (root / "results/whole.json").read_text()
    assert json.loads(text)["confusion"] == [[2, 0, 0], [0, 2, 0], [0, 0, 2]] and "NaN" not in text
