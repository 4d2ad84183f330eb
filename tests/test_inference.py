"""From a film to a reading, with models small enough to follow by hand."""

import numpy as np
import pytest
import torch
from small_models import BOXES, GREY, MODELS, entry, film, installed

from cxr_models import inference, manifest, registry
from cxr_models.architectures import gate_net
from cxr_models.errors import RefusedFilm, UnknownMethod, UnknownModel
from cxr_models.imaging.preprocess import InputSpec, prepare
from cxr_models.types import Lungs, Reason, Verdict

EMPTY = Lungs(np.zeros((320, 300), bool), 0.0, (), 0.9)
REFUSED = Verdict("refused", (Reason("not_chest", "refuse", "This is not a chest film.", 0.9, 0.5),))


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    with installed(tmp_path_factory.mktemp("models")) as folder:
        yield folder


@pytest.fixture
def lungs():
    mask = np.zeros((320, 300), bool)
    for box in BOXES:
        mask[box] = True
    return Lungs(mask, float(mask.mean()), (0.15, 0.13), 1.0)


@pytest.mark.parametrize("region", ["film", "lungs"])
@pytest.mark.parametrize(("size", "channels"), [(64, 1), (96, 3)])
def test_inputs_are_what_preprocessing_makes(lungs, region, size, channels):
    spec = InputSpec(size, channels, (0.5,) * channels, (0.25,) * channels, region)
    inputs = inference.Inputs(film())
    for _ in range(2):
        np.testing.assert_array_equal(inputs(spec, lungs)[0], prepare(film().pixels, spec, lungs.region))


def test_the_film_is_shrunk_once_a_size(monkeypatch):
    sizes, grey = [], inference.grey
    monkeypatch.setattr(inference, "grey", lambda pixels, size: sizes.append(size) or grey(pixels, size))
    inference.read(film(), ["whole", "inside", "whole"])
    assert sizes == [512, 64]


def test_the_unet_finds_the_two_dark_boxes(lungs):
    found = inference.find_lungs(film())
    assert (found.mask ^ lungs.mask).sum() < 2 * 2 * (180 + 80 + 180 + 70)  # two pixels along the edges
    assert found.areas == pytest.approx((180 * 80 / 96000, 180 * 70 / 96000), abs=0.005)


def test_classifiers_are_those_that_know_covid19_in_the_manifests_order():
    assert inference.classifiers() == ("whole", "inside")


def test_probabilities_are_the_softmax_of_calibrated_logits(folder, monkeypatch):
    model = registry.load("whole")
    logits = model.run(prepare(film().pixels, model.spec.input)[None])[0][0].numpy()
    object.__setattr__(model.spec, "temperature", 2.0)
    p = inference.predict(film(), None, "whole")
    object.__setattr__(model.spec, "temperature", 1.0)
    expected = np.exp(logits / 2) / np.exp(logits / 2).sum()
    np.testing.assert_allclose(p.probabilities, expected, rtol=1e-5)
    assert p.classes == ("covid19", "normal", "pneumonia")
    assert p.decided == p.classes[int(np.argmax(logits))]
    assert sum(p.probabilities) == pytest.approx(1)


@pytest.mark.parametrize("above", [True, False])
def test_positive_means_at_or_above_the_threshold(above):
    model = registry.load("whole")
    p = inference.predict(film(), None, "whole").probabilities[0]
    thresholds = dict(model.spec.thresholds)
    model.spec.thresholds["covid19"] = p if above else float(np.nextafter(p, 1))
    assert inference.predict(film(), None, "whole").positive == above
    model.spec.thresholds.update(thresholds)


def test_a_model_of_the_lungs_alone_does_not_see_the_rest(lungs):
    other = film()
    other.pixels[:30] = 0.5  # far from the lungs
    assert inference.predict(film(), lungs, "inside").probabilities == pytest.approx(
        inference.predict(other, lungs, "inside").probabilities
    )
    whole = inference.predict(film(), None, "whole").probabilities
    assert inference.predict(other, None, "whole").probabilities != pytest.approx(whole)


@pytest.mark.parametrize("lungs", [None, EMPTY])
def test_without_lungs_a_model_of_the_lungs_alone_declines(lungs):
    with pytest.raises(RefusedFilm, match="lungs alone"):
        inference.predict(film(), lungs, "inside")


def test_a_network_without_covid19_is_no_classifier():
    with pytest.raises(UnknownModel, match="unet.*whole, inside"):
        inference.predict(film(), None, "unet")


def test_check_without_a_gate_says_so(lungs):
    with pytest.raises(UnknownModel, match="gate"):
        inference.check(film(), lungs)


def test_a_reading_without_a_gate_is_a_warning_and_goes_on():
    reading = inference.read(film())
    assert reading.verdict.status == "warned"
    assert "Nothing checked" in reading.verdict.reasons[0].sentence
    assert list(reading.predictions) == ["whole", "inside"]
    assert set(reading.failures) == {"gate"}


@pytest.mark.parametrize("found", [True, False])
def test_the_gate_judges_by_its_networks_looks_with_and_without_lungs(tmp_path, monkeypatch, lungs, found):
    monkeypatch.setitem(MODELS, "gate", ("gate_net", {}, gate_net.CLASSES, GREY))
    manifest.write({"gate": entry("gate", tmp_path)}, tmp_path / "weights_manifest.toml")
    monkeypatch.setenv("CXR_MANIFEST", str(tmp_path / "weights_manifest.toml"))
    registry.clear()
    verdict = inference.check(film(), lungs if found else None)
    logits, _ = registry.load("gate").run(inference.Inputs(film())(GREY))
    registry.clear()
    expected = dict(zip(gate_net.CLASSES, logits.softmax(1)[0].tolist(), strict=True))
    assert {name: verdict.measured[name] for name in expected} == pytest.approx(expected)
    assert ("lung_area" in verdict.measured) == found


def test_a_refused_film_is_read_only_when_the_reader_insists(monkeypatch):
    monkeypatch.setattr(inference, "_check", lambda inputs, lungs: REFUSED)
    reading = inference.read(film())
    assert (reading.verdict, reading.predictions, reading.failures) == (REFUSED, {}, {})
    assert reading.lungs.mask.any()
    forced = inference.read(film(), force=True)
    assert forced.verdict is REFUSED
    assert set(forced.predictions) == {"whole", "inside"}


def test_one_model_that_cannot_be_used_does_not_stop_the_others():
    reading = inference.read(film(), ["vgg", "whole"])
    assert "vgg" in reading.failures["vgg"]
    assert list(reading.predictions) == ["whole"]


def test_without_the_unet_whole_films_are_still_read(tmp_path, monkeypatch):
    entries = {name: entry(name, tmp_path) for name in MODELS}
    (tmp_path / "unet.safetensors").write_bytes(b"damaged")
    manifest.write(entries, tmp_path / "weights_manifest.toml")
    monkeypatch.setenv("CXR_MANIFEST", str(tmp_path / "weights_manifest.toml"))
    registry.clear()
    reading = inference.read(film())
    registry.clear()
    assert reading.lungs is None
    assert list(reading.predictions) == ["whole"]
    assert set(reading.failures) == {"unet", "gate", "inside"}


def test_progress_goes_up_to_one_and_names_the_model():
    steps = []
    inference.read(film(), progress=lambda share, doing: steps.append((share, doing)))
    shares = [share for share, _ in steps]
    assert shares == sorted(shares) and (shares[0], shares[-1]) == (0, 1)
    assert any("Whole" in doing for _, doing in steps)


def test_a_model_without_autoencoder_has_no_residual():
    with pytest.raises(UnknownMethod, match="Whole has no autoencoder"):
        inference.residuals(film(), "whole")


@pytest.fixture
def autoencoders(tmp_path, monkeypatch):
    """A CAE and a CoroNet with random weights, on small films."""
    plain = {"thresholds": {"covid19": 0.5}}
    monkeypatch.setitem(MODELS, "cae", ("cae", {}, MODELS["whole"][2], InputSpec(64, 3, (0.0,) * 3, (1.0,) * 3)))
    monkeypatch.setitem(MODELS, "coronet", ("coronet", {}, MODELS["whole"][2], InputSpec(64, 1, (0.0,), (1.0,))))
    entries = {name: entry(name, tmp_path, **plain) for name in ("cae", "coronet")}
    manifest.write(entries, tmp_path / "weights_manifest.toml")
    monkeypatch.setenv("CXR_MANIFEST", str(tmp_path / "weights_manifest.toml"))
    registry.clear()
    yield
    registry.clear()


def test_residuals_of_both_kinds_of_autoencoder(autoencoders):
    square = prepare(film().pixels, registry.load("coronet").spec.input)[0]

    (cae,) = inference.residuals(film(), "cae").autoencoders
    again = registry.load("cae").module.reconstruct(torch.from_numpy(np.stack([square] * 3))[None])[0].mean(0)
    np.testing.assert_allclose(cae.input, square, atol=1e-6)
    np.testing.assert_allclose(cae.residual, np.abs(square - again.numpy()), atol=1e-6)
    assert not cae.identity.any()

    found = inference.residuals(film(), "coronet")
    tensor = registry.load("coronet").module.residuals(torch.from_numpy(square)[None, None])[0]
    np.testing.assert_allclose(found.tensor, tensor, atol=1e-6)
    assert [part.name for part in found.autoencoders] == ["F_H", "F_P"]
    for part, channel in zip(found.autoencoders, found.tensor, strict=False):
        np.testing.assert_array_equal(part.residual, channel)
        np.testing.assert_allclose(part.identity, np.abs(square - 1 / (1 + np.exp(-square))), atol=1e-6)
