"""Meaningful perturbation: its pieces by hand, and a network of which we know what it looks at."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from explain.tiny import SIZE, Detail, loaded, spec_of

from cxr_models.architectures.coronet import CoroNet
from cxr_models.errors import Cancelled
from cxr_models.explain import explain, perturbation
from cxr_models.imaging.preprocess import InputSpec, prepare
from cxr_models.types import Lungs


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(perturbation, "ITERATIONS", 4)


@pytest.fixture
def oval(textured):
    """Lungs in the middle of the film of fine detail."""
    rows, columns = np.ogrid[-1:1:128j, -1:1:192j]
    mask = rows**2 + columns**2 < 0.5
    return Lungs(mask, float(mask.mean()), (float(mask.mean()),), 1.0)


def test_settings_are_the_published_ones():
    p = perturbation
    assert (p.SIDE, p.RATE, p.ITERATIONS) == (28, 0.1, 300)
    assert (p.SPARSE, p.SMOOTH, p.BETA) == (1e-4, 1e-2, 3)
    assert (p.REFERENCE, p.SOFTEN, p.JITTER, p.AT) == (10, 5, 4, 224)


def test_penalty_of_one_blurred_cell():
    mask = torch.ones(28, 28)
    assert perturbation.penalty(mask) == 0
    mask[10, 10] = 0  # its own gradient has length sqrt(2), that of its upper and left neighbours 1
    assert perturbation.penalty(mask).item() == pytest.approx(1e-4 + 1e-2 * (2**1.5 + 1 + 1))


def test_spread_keeps_the_range_of_the_mask():
    matrix = perturbation.spread(224)
    assert matrix.shape == (224, 28) and matrix.min() >= 0
    np.testing.assert_allclose(matrix.sum(1), 1, atol=1e-5)
    assert list(matrix.argmax(1)[[4, 12, 220]]) == [0, 1, 27]


def test_blurring_keeps_an_even_film_and_lets_nothing_in_from_outside():
    inside = np.zeros((64, 64), np.float32)
    inside[16:48, 16:48] = 1
    even = np.full((64, 64), 0.4, np.float32)
    np.testing.assert_allclose(perturbation.blurred(even, np.ones_like(even), 10), even, atol=1e-5)
    bright_outside = np.where(inside > 0, even, 1)
    np.testing.assert_allclose(perturbation.blurred(bright_outside, inside, 10), 0.4 * inside, atol=1e-5)


@pytest.mark.parametrize("region", ["film", "lungs"])
def test_full_mask_shows_the_network_what_prediction_shows_it(textured, oval, region):
    spec = spec_of("detail", input=InputSpec(SIZE, 3, (0.4, 0.5, 0.6), (0.2, 0.3, 0.4), region))
    scene = perturbation.Scene(textured, oval, loaded(spec, Detail()), "covid19")
    shown = scene.picture(torch.ones(28, 28), scene.margin, scene.margin)[0]
    np.testing.assert_allclose(shown, prepare(textured.pixels, spec.input, oval.mask), atol=1e-5)


def test_jitter_moves_the_film_beneath_the_mask(textured):
    scene = perturbation.Scene(textured, None, loaded(spec_of("detail"), Detail()), "covid19")
    assert scene.margin == 1
    still, moved = (scene.picture(torch.ones(28, 28), *shift)[0, 0] for shift in ((1, 1), (1, 2)))
    torch.testing.assert_close(moved[:, :-1], still[:, 1:])
    half = torch.ones(28, 28)
    half[:, 14:] = 0
    keep, moved_reference = scene.keep(half), scene.picture(torch.zeros(28, 28), 1, 2)[0, 0]
    torch.testing.assert_close(scene.picture(half, 1, 2)[0, 0], keep * moved + (1 - keep) * moved_reference)


def test_finds_the_one_quarter_that_matters(serve, textured, monkeypatch):
    monkeypatch.setattr(perturbation, "ITERATIONS", 80)
    found = explain(textured, None, "detail", "perturbation", "covid19")
    assert found.values.shape == (128, 192) and found.values.dtype == np.float32
    assert found.values.min() >= 0 and found.values.max() <= 1
    inner = found.values[80:112, 120:168]
    assert inner.mean() > 0.5
    assert max(found.values[:48].mean(), found.values[80:, :72].mean()) < 0.05
    objective = found.extra["objective"]
    assert len(objective) == len(found.extra["probability"]) == 80
    assert objective[-1] < objective[0]
    assert found.extra["before"] > 0.9 and found.extra["after"] < found.extra["before"] / 3
    assert not found.signed and not found.exact


def test_a_class_that_needs_no_detail_leaves_the_film_alone(serve, textured, monkeypatch):
    monkeypatch.setattr(perturbation, "ITERATIONS", 30)
    found = explain(textured, None, "detail", "perturbation", "non_covid19")
    assert found.values.max() < 0.05
    assert found.extra["after"] == pytest.approx(found.extra["before"], abs=0.01)


def test_probability_before_is_the_calibrated_prediction(serve, textured, few):
    spec = spec_of("detail", temperature=2.0)
    net = serve(spec, Detail()).module
    logits = net(torch.from_numpy(prepare(textured.pixels, spec.input))[None])
    expected = (logits / 2).softmax(1)[0, 0].item()
    assert explain(textured, None, "detail", "perturbation", "covid19").extra["before"] == pytest.approx(expected)


def test_nothing_is_removed_outside_the_lungs_of_a_network_that_sees_them_alone(serve, textured, oval, few):
    serve(spec_of("detail", input=InputSpec(SIZE, 1, (0.0,), (1.0,), "lungs")), Detail())
    values = explain(textured, oval, "detail", "perturbation", "covid19").values
    assert values[64, 96] > 0 and not values[:4].any() and not values[:, :4].any()


def test_coronet_through_both_autoencoders(serve, quarters, few):
    torch.manual_seed(0)
    serve(spec_of("coronet", ("covid19", "normal", "pneumonia"), input=InputSpec(32, 1, (0.0,), (1.0,))), CoroNet())
    found = explain(quarters, None, "coronet", "perturbation", "covid19")
    assert np.isfinite(found.values).all() and found.values.std() > 0
    assert np.ptp(found.extra["probability"]) > 0


def test_same_film_same_map_also_from_two_threads(serve, textured, few):
    alone = explain(textured, None, "detail", "perturbation", "covid19").values
    found = []
    work = [
        threading.Thread(target=lambda: found.append(explain(textured, None, "detail", "perturbation", "covid19")))
        for _ in range(2)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert len(found) == 2 and all(np.array_equal(one.values, alone) for one in found)


def test_network_is_left_as_it_was(serve, textured, few):
    net = serve(spec_of("detail"), Detail()).module
    before = {name: value.clone() for name, value in net.state_dict().items()}
    explain(textured, None, "detail", "perturbation", "covid19")
    assert not net.training
    assert all(p.grad is None and p.requires_grad for p in net.parameters())
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


def test_cancel_is_asked_at_every_step_and_obeyed(serve, textured):
    asked = []

    def cancelled():
        asked.append(1)
        return len(asked) > 4

    with pytest.raises(Cancelled, match="after 3 of 300"):
        explain(textured, None, "detail", "perturbation", "covid19", cancelled=cancelled)
    assert len(asked) == 5


def test_lock_is_free_after_a_cancelled_search(serve, textured):
    model = serve(spec_of("detail"), Detail())
    with pytest.raises(Cancelled):
        explain(textured, None, "detail", "perturbation", "covid19", cancelled=iter([False, False, True]).__next__)
    with ThreadPoolExecutor(1) as other:  # a lock that one thread may take twice must be tried from another
        assert other.submit(model.lock.acquire, timeout=5).result()


def test_progress_grows_to_one_and_says_what_is_done(serve, textured, monkeypatch):
    monkeypatch.setattr(perturbation, "ITERATIONS", 25)
    told = []
    explain(textured, None, "detail", "perturbation", "covid19", progress=lambda *what: told.append(what))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert any("step 20 of 25" in text for _, text in told)


def test_film_of_one_grey_value(serve, textured, few):
    flat = replace(textured, pixels=np.full_like(textured.pixels, 0.5))
    found = explain(flat, None, "detail", "perturbation", "covid19")
    assert np.isfinite(found.values).all()
    assert found.extra["before"] == found.extra["blurred"] == found.extra["after"]
