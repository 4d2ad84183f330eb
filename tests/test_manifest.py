"""The manifest: what a good one says, and that a wrong one is refused with its entry and field named."""

import datetime
import tomllib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxr_models import manifest
from cxr_models.errors import ManifestError
from cxr_models.imaging.preprocess import InputSpec

EXAMPLE = """\
# One table a model, in the order readers see. Written by cxr_models.manifest; comments are not kept.

[hrnet]
title = "HRNet on the lungs alone"
family = "HRNet"
paper = "Some Author. A paper on \\"lungs\\". Some Journal, 2021."
architecture = "hrnet"
bundled = "weights/hrnet.safetensors"
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
size = 42731928
licence = "MIT"
classes = ["covid19", "normal", "pneumonia"]
thresholds_chosen = "Youden's index on the validation films"
temperature = 1.37
precision = "bf16"
cam_layer = "the last feature map, 7 x 7"
limits = "Cannot tell other viral pneumonias from COVID-19."

[hrnet.settings]
width = 18
classes = 3

[hrnet.hub]
repo = "some-owner/cxr-models"
revision = "0123456789abcdef0123456789abcdef01234567"
file = "hrnet.safetensors"

[hrnet.thresholds]
covid19 = 0.41

[hrnet.input]
size = 224
channels = 3
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]
region = "lungs"

[hrnet.training]
films_seen = 48000
epochs = 8.0
seed = 1
device = "2 CPU cores, bf16"
minutes = 95.5
shortened = "8 of the paper's 25 epochs."
initialisation = "random"
split = "by patient and near-duplicate, 70/10/20"
date = 2025-11-21

[hrnet.training.data]
Montgomery = 98
"COVID-19 Radiography" = 5902

[[hrnet.results]]
name = "macro F1"
value = 0.912
low = 0.897
high = 0.926
n = 1800
data = "own test films, never trained on"
command = "python -m cxr_models evaluate hrnet"
"""


def an_entry(**changes):
    """The example's entry as keyword arguments for ModelSpec, with ``changes``."""
    return tomllib.loads(EXAMPLE)["hrnet"] | {"id": "hrnet"} | changes


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "weights_manifest.toml"
    path.write_text(EXAMPLE)
    return path


def test_a_good_entry_is_read_with_its_types(file):
    spec = manifest.specs(file)["hrnet"]
    assert spec.id == "hrnet" and spec.classes == ("covid19", "normal", "pneumonia")
    assert spec.input == InputSpec(224, 3, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "lungs")
    assert spec.threshold == 0.41 and spec.settings == {"width": 18, "classes": 3}
    assert spec.training.date == datetime.date(2025, 11, 21)
    assert spec.training.data == {"Montgomery": 98, "COVID-19 Radiography": 5902}
    assert spec.results[0].low < spec.results[0].value < spec.results[0].high
    assert spec.bundled_path == file.parent / "weights/hrnet.safetensors"


def test_writing_gives_the_very_text_that_was_read(file, tmp_path):
    manifest.write(manifest.specs(file), tmp_path / "again.toml")
    assert (tmp_path / "again.toml").read_text() == EXAMPLE


texts = st.text(st.characters(codec="utf-8"), min_size=1)
numbers = st.floats(allow_nan=False, allow_infinity=False)
plain = st.booleans() | st.integers(-(2**63), 2**63 - 1) | numbers | texts


@settings(max_examples=60, deadline=None)
@given(texts, st.dictionaries(texts, plain | st.lists(plain, max_size=3), max_size=4), numbers)
def test_any_text_and_setting_survives_a_round_trip(tmp_path_factory, text, options, value):
    results = [{"name": text, "value": value, "low": value, "high": value, "n": 1, "data": "x", "command": "y"}]
    spec = manifest.ModelSpec(**an_entry(limits=f"{text}.", settings=options, results=results, hub=None))
    path = tmp_path_factory.getbasetemp() / "round.toml"
    manifest.write({"hrnet": spec}, path)
    assert manifest.specs(path) == {"hrnet": spec}


def test_a_network_that_finds_lungs_needs_no_classes_thresholds_or_maps():
    bare = an_entry(id="unet", classes=(), thresholds={}, thresholds_chosen="", cam_layer="", hub=None)
    assert manifest.ModelSpec(**bare).classes == ()
    lungs = manifest.ModelSpec(**(bare | {"classes": ["lungs"], "thresholds": {"lungs": 1}, "thresholds_chosen": "-"}))
    assert lungs.threshold == 1.0 and isinstance(lungs.threshold, float)


TRAINING = an_entry()["training"]
RESULT = an_entry()["results"][0]
HUB = an_entry()["hub"]
INPUT = an_entry()["input"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "HR Net"}, r"HR Net\.id: small letters"),
        ({"title": " "}, r"hrnet\.title: must not be empty"),
        ({"size": "big"}, r"hrnet\.size: 'big' is not a whole number"),
        ({"size": True}, r"hrnet\.size: True is not a whole number"),
        ({"size": 0}, r"hrnet\.size: 0 is not above 0"),
        ({"sha256": "abc"}, r"hrnet\.sha256: 'abc' is not 64 small hex digits"),
        ({"precision": "fp8"}, r"hrnet\.precision: 'fp8' is not one of bf16, f32"),
        ({"temperature": 0}, r"hrnet\.temperature: 0\.0 is not above 0"),
        ({"temperature": float("nan")}, r"hrnet\.temperature: nan is not a finite number"),
        ({"classes": "covid19"}, r"hrnet\.classes: 'covid19' is not a list"),
        ({"classes": ["covid19", "covid19"]}, r"hrnet\.classes: a class is listed twice"),
        ({"classes": ["normal", "covid19"]}, r"hrnet\.classes: covid19 must come first"),
        ({"thresholds": {}}, r"hrnet\.thresholds: .*covid19 is missing"),
        ({"thresholds": {"covid19": 0.4, "flu": 0.4}}, r"hrnet\.thresholds\.flu: not one of .*covid19, normal"),
        ({"thresholds": {"covid19": 41}}, r"hrnet\.thresholds\.covid19: 41\.0 is not within \[0, 1\]"),
        ({"thresholds_chosen": ""}, r"hrnet\.thresholds_chosen: "),
        ({"cam_layer": ""}, r"hrnet\.cam_layer: "),
        ({"bundled": "../hrnet.safetensors"}, r"hrnet\.bundled: "),
        ({"bundled": "/tmp/hrnet.safetensors"}, r"hrnet\.bundled: "),
        ({"bundled": "weights/hrnet.pt"}, r"hrnet\.bundled: .*\.safetensors"),
        ({"bundled": None, "hub": None}, r"hrnet\.bundled: give a bundled file, a hub, or both"),
        ({"hub": HUB | {"revision": "main"}}, r"hrnet\.hub\.revision: 'main' is not a commit \(40 hex digits\)"),
        ({"hub": HUB | {"repo": "models"}}, r"hrnet\.hub\.repo: 'models' is not of the form owner/name"),
        ({"hub": HUB | {"repo": "a/b--c"}}, r"hrnet\.hub\.repo: "),
        ({"settings": {"when": datetime.date(2025, 1, 1)}}, r"hrnet\.settings\.when: .* is not a plain value"),
        ({"settings": {"none": None}}, r"hrnet\.settings\.none: None is not a plain value"),
        ({"settings": {"nested": {"a": 1}}}, r"hrnet\.settings\.nested: .* is not a plain value"),
        ({"input": INPUT | {"mean": [0.5]}}, r"hrnet\.input: mean .* need 3 values"),
        ({"input": INPUT | {"region": "heart"}}, r"hrnet\.input: region 'heart' is not one of"),
        ({"input": INPUT | {"colour": 1}}, r"hrnet\.input\.colour: unknown key; the valid ones are size, channels"),
        ({"training": TRAINING | {"date": "2025-11-21"}}, r"hrnet\.training\.date: '2025-11-21' is not a date"),
        ({"training": TRAINING | {"data": {"Montgomery": 0}}}, r"hrnet\.training\.data\.Montgomery: 0 films"),
        ({"training": TRAINING | {"data": {}}}, r"hrnet\.training\.data: name at least one source"),
        ({"training": TRAINING | {"minutes": -1}}, r"hrnet\.training\.minutes: -1\.0 is below 0"),
        ({"training": {"seed": 1}}, r"hrnet\.training\.data: missing"),
        ({"results": [RESULT | {"value": 1}]}, r"hrnet\.results\[0\]\.value: 1\.0 is not within \[0\.897, 0\.926\]"),
        ({"results": [RESULT | {"n": 0}]}, r"hrnet\.results\[0\]\.n: 0 films"),
        ({"results": [RESULT | {"command": ""}]}, r"hrnet\.results\[0\]: name, data and command"),
        ({"results": [3]}, r"hrnet\.results\[0\]: 3 is not a table"),
    ],
)
def test_a_wrong_entry_names_entry_field_and_what_is_valid(changes, said):
    with pytest.raises(ManifestError, match=f"^{said}"):
        manifest.ModelSpec(**an_entry(**changes))


def test_types_are_checked_in_dataclasses_made_by_hand_too():
    with pytest.raises(ManifestError, match=r"hrnet\.hub\.file: 3 is not text"):
        manifest.ModelSpec(**an_entry(hub=manifest.Hub("a/b", "0" * 40, 3)))


def test_numbers_of_numpy_are_numbers():
    spec = manifest.ModelSpec(**an_entry(size=np.int64(7), temperature=np.float32(2), settings={"width": np.int64(18)}))
    assert type(spec.size) is int and type(spec.temperature) is float and type(spec.settings["width"]) is int


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("tresholds = 1", r"entry hrnet\.tresholds: unknown key; the valid ones are title, family"),
        ('id = "other"', r"entry hrnet\.id: unknown key"),
        ('folder = "/"', r"entry hrnet\.folder: unknown key"),
    ],
)
def test_unknown_keys_are_named(file, line, said):
    file.write_text(EXAMPLE.replace("[hrnet]", f"[hrnet]\n{line}"))
    with pytest.raises(ManifestError, match=f"^weights_manifest.toml, {said}"):
        manifest.specs(file)


def test_a_missing_key_is_named(file):
    file.write_text(EXAMPLE.replace('licence = "MIT"\n', ""))
    with pytest.raises(ManifestError, match=r"hrnet\.licence: missing"):
        manifest.specs(file)


@pytest.mark.parametrize(
    ("content", "said"), [(b"[hrnet", "not valid TOML"), (b"\xff", "not valid TOML"), (b"x = 1", "x: 1 is not a table")]
)
def test_a_file_that_is_no_manifest_is_refused(file, content, said):
    file.write_bytes(content)
    with pytest.raises(ManifestError, match=said):
        manifest.specs(file)


def test_an_absent_manifest_names_the_remedy(tmp_path):
    with pytest.raises(ManifestError, match=r"none\.toml cannot be read .*CXR_MANIFEST"):
        manifest.specs(tmp_path / "none.toml")


def test_the_environment_may_name_the_manifest(file, monkeypatch):
    monkeypatch.setenv("CXR_MANIFEST", str(file))
    assert list(manifest.specs()) == ["hrnet"]


def test_update_replaces_in_place_and_adds_last(file):
    def named(name, title):
        return manifest.ModelSpec(**an_entry(id=name, title=title))

    manifest.update(file, named("cnn-x", "CNN-X"))
    manifest.update(file, named("hrnet", "Trained again"))
    assert [(s.id, s.title) for s in manifest.specs(file).values()] == [("hrnet", "Trained again"), ("cnn-x", "CNN-X")]
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_update_begins_a_manifest(tmp_path):
    manifest.update(tmp_path / "new.toml", manifest.ModelSpec(**an_entry()))
    assert list(manifest.specs(tmp_path / "new.toml")) == ["hrnet"]


def test_update_leaves_a_wrong_manifest_alone(file):
    file.write_text(EXAMPLE.replace("size = 42731928", "size = -1"))
    before = file.read_bytes()
    with pytest.raises(ManifestError, match=r"hrnet\.size"):
        manifest.update(file, manifest.ModelSpec(**an_entry(id="cnn-x")))
    assert file.read_bytes() == before
