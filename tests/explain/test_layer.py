"""A layer by its name: which there are, which give no maps, and that the hook is gone and was nobody else's."""

from concurrent.futures import ThreadPoolExecutor, wait
from threading import current_thread, main_thread

import numpy as np
import pytest
import torch
from explain.tiny import Layered, spec_of, state
from torch import nn

from cxr_models.architectures.cae import CAE
from cxr_models.errors import UnknownMethod
from cxr_models.explain import explain
from cxr_models.imaging.preprocess import InputSpec

LAYERED = pytest.mark.parametrize("method", ["grad_cam", "grad_cam_pp"])


@LAYERED
@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ("layer4", r"Layered has no layer 'layer4'. The network has: head, first, bend\.$"),
        ("first.weight", r"no layer 'first.weight'. first has: no parts\.$"),
        ("head.7", r"no layer 'head.7'. head has: head.0, head.1, head.2\.$"),
        ("head.", r"no layer 'head.'. head has: head.0"),
        (".", r"no layer '.'. The network has: head"),
        (" ", r"no layer ' '. The network has: head"),
        ("features", "The network has: head, first, bend"),  # a method, not a part
    ],
)
def test_a_layer_that_does_not_exist_lists_those_there_are(serve, quarters, method, layer, said):
    with pytest.raises(UnknownMethod, match=said):
        explain(quarters, None, "layered", method, "covid19", layer=layer)


class Twice(Layered):
    """``bend`` is used twice, ``spare`` never, ``pair`` gives two tensors."""

    def __init__(self):
        super().__init__()
        self.spare, self.pair = nn.Identity(), Pair()

    def features(self, x):
        return self.pair(self.bend(super().features(x)))[0]


class Pair(nn.Module):
    def forward(self, x):
        return x, x


@LAYERED
@pytest.mark.parametrize("layer", ["head", "head.1", "bend", "spare", "pair"])
def test_a_layer_that_does_not_give_one_set_of_maps_is_a_sentence(serve, quarters, method, layer):
    net = serve(spec_of("twice"), Twice()).module
    before = state(net)
    with pytest.raises(UnknownMethod, match=f"Layer '{layer}' of Twice does not give one set of maps: name another"):
        explain(quarters, None, "twice", method, "covid19", layer=layer)
    assert state(net) == before


def test_other_methods_take_no_layer(serve, quarters):
    for method in ("cam", "integrated_gradients", "occlusion", "perturbation"):
        with pytest.raises(UnknownMethod, match=f"'{method}' takes no layer. Those that do: grad_cam, grad_cam_pp"):
            explain(quarters, None, "layered", method, "covid19", layer="first")


@LAYERED
def test_a_network_that_answers_no_question_has_no_layers_either(serve, quarters, method):
    with pytest.raises(UnknownMethod, match="Lungs-Net has no .* It has: none"):
        explain(quarters, None, "lungs-net", method, "lungs", layer="first")


def test_a_layer_makes_grad_cam_of_a_network_with_an_exact_map(serve, quarters):
    with pytest.raises(UnknownMethod, match="'grad_cam' is for curved"):
        explain(quarters, None, "layered", "grad_cam", "covid19")
    assert explain(quarters, None, "layered", "grad_cam", "covid19", layer="bend").method == "grad_cam"


def test_a_convolution_before_a_relu_that_works_in_place(serve, quarters):
    net = serve(spec_of("real", input=InputSpec(224, 3, (0.0,) * 3, (1.0,) * 3)), CAE(2)).module
    assert isinstance(net.encoder[14], nn.Conv2d) and net.encoder[15].inplace
    found = explain(quarters, None, "real", "grad_cam", "covid19", layer="encoder.14")
    assert found.extra["grid"].shape == (14, 14)


@LAYERED
def test_the_hook_is_gone_and_the_lock_free_after_an_error(serve, quarters, monkeypatch, method):
    model = serve(spec_of("layered"), Layered())
    before = state(model.module)

    def fails(features):
        raise RuntimeError("out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(model.module.head, "forward", fails)
        with pytest.raises(RuntimeError, match="out of memory"):
            explain(quarters, None, "layered", method, "covid19", layer="first")
    assert state(model.module) == before
    with ThreadPoolExecutor(1) as other:  # a lock that one thread may take twice must be tried from another
        assert other.submit(model.lock.acquire, timeout=5).result()


class Meanwhile(nn.Module):
    """The main thread's first look through it waits for another reader's question to be answered."""

    def __init__(self, ask):
        super().__init__()
        self.ask, self.asked = ask, []

    def forward(self, x):
        if current_thread() is main_thread() and not self.asked:
            self.asked.append(self.ask())
            wait(self.asked, timeout=1)  # answered while the hook is there, unless the other waits for the lock
        return x.relu()


def test_a_hook_is_no_other_readers(serve, quarters, quick):
    model = serve(spec_of("layered"), Layered())
    asked = (quarters, None, "layered", "integrated_gradients", "covid19")
    theirs = explain(*asked).values
    mine = explain(quarters, None, "layered", "grad_cam", "covid19", layer="first").values
    with ThreadPoolExecutor(1) as other:
        model.module.bend = Meanwhile(lambda: other.submit(explain, *asked))
        found = explain(quarters, None, "layered", "grad_cam", "covid19", layer="first").values
        assert model.module.bend.asked
        np.testing.assert_array_equal(model.module.bend.asked[0].result(timeout=20).values, theirs)
    np.testing.assert_array_equal(found, mine)
    assert torch.is_grad_enabled()
