"""Meaningful perturbation: its pieces by hand, and a network of which we know what it looks at."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from explain.tiny import SIZE, Detail, Halved, loaded, spec_of

from cxr_models.architectures.coronet import CoroNet
from cxr_models.errors import Cancelled, MapError
from cxr_models.explain import Question, explain, explain_all, perturbation, search
from cxr_models.imaging.preprocess import InputSpec, prepare
from cxr_models.types import Lungs


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(search, "LOOKS", 3)


@pytest.fixture
def oval(textured):
    """Lungs in the middle of the film of fine detail."""
    rows, columns = np.ogrid[-1:1:128j, -1:1:192j]
    mask = rows**2 + columns**2 < 0.5
    return Lungs(mask, float(mask.mean()), (float(mask.mean()),), 1.0)


def test_spread_keeps_the_range_of_the_mask():
    matrix = perturbation.spread(224)
    assert matrix.shape == (224, 28) and matrix.min() >= 0
    np.testing.assert_allclose(matrix.sum(1), 1, atol=1e-5)
    assert list(matrix.argmax(1)[[4, 12, 220]]) == [0, 1, 27]


@pytest.mark.parametrize("region", ["film", "lungs"])
def test_full_mask_shows_the_network_what_prediction_shows_it(textured, oval, region):
    spec = spec_of("detail", input=InputSpec(SIZE, 3, (0.4, 0.5, 0.6), (0.2, 0.3, 0.4), region))
    sight = perturbation.Sight(loaded(spec, Detail()), [Question(textured, oval, "covid19")])
    shown = sight.scenes[0].mixed(sight.keep(torch.ones(28, 28)))
    np.testing.assert_allclose(shown, prepare(textured.pixels, spec.input, oval.mask), atol=1e-5)


def test_look_gives_the_log_odds_and_their_slope(serve, textured, monkeypatch):
    monkeypatch.setattr(perturbation, "has_bf16", lambda: False)
    sight = perturbation.Sight(serve(spec_of("detail"), Detail()), [Question(textured, None, "covid19")])
    mask, draw = np.full((28, 28), 0.7), np.random.default_rng(0).normal(size=(28, 28))
    (here,), (slope,) = sight.look([0], mask[None])
    (ahead,), _ = sight.look([0], mask[None] + 1e-2 * draw)
    (behind,), _ = sight.look([0], mask[None] - 1e-2 * draw)
    assert (ahead - behind) / 2e-2 == pytest.approx((slope * draw).sum(), rel=0.05)
    p = sight.probability(0, torch.from_numpy(mask).float())
    assert here == pytest.approx(np.log(p / (1 - p)), abs=1e-4)


def test_finds_the_one_quarter_that_matters(serve, textured):
    found = explain(textured, None, "detail", "perturbation", "covid19")
    assert found.values.shape == (128, 192) and found.values.dtype == np.float32
    assert found.values.min() >= 0 and found.values.max() <= 1
    inner = found.values[80:112, 120:168]
    assert inner.mean() > 0.5
    assert max(found.values[:48].mean(), found.values[80:, :72].mean()) < 0.05
    objective = found.extra["objective"]
    assert len(objective) == len(found.extra["probability"]) <= 24
    assert objective[-1] < objective[0]
    assert found.extra["before"] > 0.9 and found.extra["after"] < found.extra["before"] / 3
    assert not found.signed and not found.exact


def test_a_class_that_needs_no_detail_has_no_map(serve, textured):
    with pytest.raises(MapError, match="zero everywhere"):
        explain(textured, None, "detail", "perturbation", "non_covid19")


def test_classes_and_films_share_looks_and_keep_their_maps(serve, textured, quarters):
    serve(spec_of("detail"), Detail())
    serve(spec_of("halved"), Halved())
    asked = [Question(textured, None, "covid19"), Question(quarters, None, "covid19")] * 5  # more than share a look
    together = explain_all(asked, "halved", "perturbation")
    for question, one in zip(asked[:2], together, strict=False):
        alone = explain(question.film, None, "halved", "perturbation", "covid19")
        np.testing.assert_allclose(one.values, alone.values, atol=0.02)
        assert one.values.shape == question.film.pixels.shape
    np.testing.assert_array_equal(together[0].values, together[8].values)


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


def test_lock_is_free_after_a_cancelled_search(serve, textured):
    model = serve(spec_of("detail"), Detail())
    with pytest.raises(Cancelled):
        explain(textured, None, "detail", "perturbation", "covid19", cancelled=iter([False, False, True]).__next__)
    with ThreadPoolExecutor(1) as other:  # a lock that one thread may take twice must be tried from another
        assert other.submit(model.lock.acquire, timeout=5).result()


def test_progress_grows_to_one_and_says_what_is_done(serve, textured):
    told = []
    explain(textured, None, "detail", "perturbation", "covid19", progress=lambda *what: told.append(what))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert any("look 2 of at most" in text for _, text in told)


def test_film_of_one_grey_value(serve, textured):
    flat = replace(textured, pixels=np.full_like(textured.pixels, 0.5))
    with pytest.raises(MapError, match="nothing on the film speaks for this class"):
        explain(flat, None, "detail", "perturbation", "covid19")
