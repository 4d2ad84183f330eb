"""What every method owes its caller: of every bundled model on a phantom, and of small networks used by many."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from explain.tiny import Pooled, a_film, settings, spec_of, state

from cxr_models import manifest, registry
from cxr_models.engine import Engine, Maps
from cxr_models.errors import Cancelled
from cxr_models.explain import Question, explain, explain_all, methods_for
from cxr_models.imaging.phantom import thorax
from cxr_models.inference import predict
from cxr_models.types import Lungs

PAIRS = [(name, method) for name, spec in manifest.specs().items() if spec.bundled for method in methods_for(name)]
SIGNED = {"cam", "grad_cam", "integrated_gradients", "occlusion"}
SMALL = [  # every method: a small network that has it, the method, a layer
    ("halved", "cam", ""),
    ("curved", "grad_cam", ""),
    ("layered", "grad_cam", "first"),
    ("halved", "grad_cam_pp", ""),
    ("layered", "grad_cam_pp", "first"),
    ("halved", "integrated_gradients", ""),
    ("halved", "occlusion", ""),
    ("detail", "perturbation", ""),
    ("halved", "residual", ""),
]
STEPWISE = ["integrated_gradients", "occlusion"]
every = pytest.mark.parametrize(("model", "method", "layer"), SMALL)


@pytest.fixture(scope="module")
def bundled():
    """The bundled models in plain torch: what OpenVINO makes of them is tested elsewhere, and converting takes time."""

    def plain(net, *how):
        return Engine("PyTorch f32", lambda x: Maps(net)(torch.from_numpy(x)).numpy())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_loaded", {})
        patch.setattr(registry, "compile_maps", plain)
        yield


@pytest.fixture(scope="module")
def phantom():
    """A film that is higher than wide, and its lungs."""
    made = thorax(1, "covid19", size=256)
    mask = made.lungs[:, 16:-16]
    film = replace(made.film, pixels=made.film.pixels[:, 16:-16])
    return film, Lungs(mask, float(mask.mean()), (float(mask.mean()),), 1.0)


@pytest.mark.parametrize(("model", "method"), PAIRS)
def test_every_method_of_every_bundled_model(bundled, phantom, quick, monkeypatch, model, method):
    monkeypatch.setattr(settings("integrated_gradients"), "STEPS", 1)
    monkeypatch.setattr(settings("occlusion"), "STRIDE", 1 / 2)
    monkeypatch.setattr(settings("search"), "LOOKS", 1)
    film, lungs = phantom
    net, target = registry.load(model).module, predict(film, lungs, model).decided
    before = state(net)
    found = explain(film, lungs, model, method, target)
    assert (found.values.shape, found.values.dtype) == ((256, 224), np.float32)
    assert np.isfinite(found.values).all() and np.ptp(found.values) > 0
    assert (found.model_id, found.method, found.target) == (model, method, target)
    assert found.signed == (method in SIGNED) and (found.signed or found.values.min() >= 0)
    assert found.exact == (method == "cam") and found.unit
    assert found.extra["floor"] == pytest.approx(lungs.mask.mean())
    assert (found.inside_lungs is None) == (found.values.max() <= 0)
    assert found.inside_lungs is None or 0 <= found.inside_lungs <= 1
    assert state(net) == before


def test_every_bundled_classifier_and_every_method_is_among_them():
    assert {model for model, _ in PAIRS} == {name for name, s in manifest.specs().items() if "covid19" in s.classes}
    assert {method for _, method in PAIRS} == {method for _, method, _ in SMALL}


@pytest.fixture
def questions(textured):
    """questions(method, layer): two films of fine detail, and both classes where both have evidence on them."""
    pixels = textured.pixels.copy()
    pixels[:64, :96] = 0

    def asked(method, layer):
        targets = ("covid19",) if method == "perturbation" else ("covid19", "non_covid19")
        return [Question(film, None, target, layer) for film in (textured, a_film(pixels)) for target in targets]

    return asked


@every
def test_several_questions_are_answered_as_one_by_one(serve, quick, questions, model, method, layer):
    asked = questions(method, layer)
    together = explain_all(asked, model, method)
    for question, found in zip(asked, together, strict=True):
        alone = explain(question.film, None, model, method, question.target, layer=layer)
        assert found.target == question.target and found.extra.keys() == alone.extra.keys()
        np.testing.assert_allclose(found.values, alone.values, atol=1e-4)


@every
def test_two_threads_agree_with_one(serve, quick, questions, model, method, layer):
    asked = questions(method, layer)
    alone = [explain_all([question], model, method)[0].values for question in asked]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda question: explain_all([question], model, method)[0].values, asked * 3))
    for values, expected in zip(found, alone * 3, strict=True):
        np.testing.assert_allclose(values, expected, atol=1e-6)


@every
@pytest.mark.parametrize("frozen", [True, False])
def test_the_network_is_left_as_it_was(serve, quick, textured, model, method, layer, frozen):
    net = registry.load(model).module.requires_grad_(not frozen)
    before = state(net)
    explain(textured, None, model, method, "covid19", layer=layer)
    assert state(net) == before


@every
def test_progress_grows_from_nothing_to_all(serve, quick, questions, model, method, layer):
    told = []
    explain_all(questions(method, layer), model, method, lambda *what: told.append(what))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert all(doing for _, doing in told)
    assert method not in STEPWISE or len({share for share in shares if 0 < share < 1}) >= 8  # a step at a time


def taken_and_given_back(lock):
    taken = lock.acquire(timeout=5)
    if taken:
        lock.release()
    return taken


@pytest.mark.parametrize("method", STEPWISE)
def test_cancel_is_asked_at_every_step_and_obeyed(serve, quick, quarters, method):
    loaded, asked = registry.load("halved"), []
    before = state(loaded.module)

    def cancelled():
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(Cancelled, match="there is no map"):
        explain(quarters, None, "halved", method, "covid19", cancelled=cancelled)
    assert len(asked) == 4
    assert state(loaded.module) == before
    with ThreadPoolExecutor(1) as other:  # a lock that one thread may take twice must be tried from another
        assert other.submit(taken_and_given_back, loaded.lock).result()
    assert explain(quarters, None, "halved", method, "covid19").values.any()


@pytest.mark.parametrize("method", STEPWISE)
def test_an_error_on_the_way_leaves_nothing_behind(serve, quick, quarters, method):
    net = registry.load("halved").module
    before = state(net)

    def left(share, doing):
        if share > 0:
            raise ConnectionError("the reader is gone")

    with pytest.raises(ConnectionError):
        explain(quarters, None, "halved", method, "covid19", progress=left)
    assert state(net) == before


@pytest.mark.parametrize(("model", "method", "layer"), [one for one in SMALL if one[0] != "detail"])
@pytest.mark.parametrize("shape", [(1, 300), (300, 1), (3, 2), (1, 20000)])
def test_films_of_odd_shapes(serve, quick, model, method, layer, shape):
    film = a_film(np.linspace(0, 1, shape[0] * shape[1]).reshape(shape))
    found = explain(film, None, model, method, "covid19", layer=layer)
    assert found.values.shape == shape and np.isfinite(found.values).all()


@pytest.fixture(scope="module")
def huge():
    """6000 x 6000 pixels, and lungs on its right half."""
    film = a_film(cv2.resize(thorax(1, size=128).film.pixels, (6000, 6000), interpolation=cv2.INTER_NEAREST))
    mask = np.zeros(film.pixels.shape, bool)
    mask[:, 3000:] = True
    return film, Lungs(mask, 0.5, (0.5,), 1.0)


@pytest.mark.parametrize("method", ["cam", "integrated_gradients", "occlusion"])
def test_a_huge_film_costs_the_network_no_more(serve, quick, huge, monkeypatch, method):
    """Only the first and the last step know its size: the network sees its own square, as often as of any film."""
    loaded = serve(spec_of("pooled"), Pooled())
    seen, features = [], loaded.module.features
    monkeypatch.setattr(loaded.module, "features", lambda x: seen.append(tuple(x.shape[2:])) or features(x))
    explain(a_film(np.eye(50)), None, "pooled", method, "covid19")
    small, seen[:] = list(seen), []
    found = explain(*huge, "pooled", method, "covid19")
    assert found.values.shape == (6000, 6000) and 0 <= found.inside_lungs <= 1
    assert seen == small and set(seen) == {(64, 64)}
