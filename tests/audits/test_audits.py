"""Stored audits: what is read back is what was written, and which networks stand side by side."""

from audit_by_hand import audit

from cxr_models import audits, results
from cxr_models.audits import COLLECTION, FLIPS, Probe


def test_what_was_saved_is_read_back(tmp_path):
    one, two = audit(), audit("two", "Beta", "lungs")
    audits.save(two, tmp_path)
    audits.save(one, tmp_path)
    assert audits.stored(tmp_path) == {"one": one, "two": two}


def test_evaluations_do_not_take_audits_for_theirs(tmp_path):
    audits.save(audit(), tmp_path)
    assert results.stored(tmp_path) == [] and results.elsewhere("one", tmp_path) == []


def test_figures_by_name():
    one = audit()
    assert one.measure(FLIPS, "Tube").value == 0.25 and one.measure(FLIPS, "Cropped") is None
    assert [m.about for m in one.of(FLIPS)] == [*one.edits, *one.marks]
    assert one.probe(COLLECTION).found.value == 0.94 and one.probe("hospital") is None
    assert one.matrix.cell("north", "south").found.value == 0.55


def test_chance_is_one_of_the_answers():
    assert Probe("collection", {"a": 10, "b": 10, "c": 10, "d": 10}).chance == 0.25


def test_a_network_on_the_lungs_alone_stands_beside_its_twin():
    found = {name: audit(name) for name in ("resnet18-short", "resnet18-lungs-short", "hrnet", "cae-lungs")}
    assert audits.twins(found) == [(found["resnet18-short"], found["resnet18-lungs-short"])]


def test_class_names_for_readers():
    names = ("covid19", "non_covid19", "normal")
    assert [audits.readable(name) for name in names] == ["COVID-19", "not COVID-19", "normal"]
