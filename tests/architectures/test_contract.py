"""What every classifier promises, checked on each of them: maps, a head, and whether the head is linear in the maps."""

from typing import NamedTuple

import pytest
import torch

from cxr_models.architectures import gate_net
from cxr_models.architectures.classifier import Classifier
from cxr_models.registry import BUILDERS, build

SMALL = {
    "cae": ({"classes": 3}, (3, 224, 224)),
    "coronet": ({"classes": 3}, (1, 64, 64)),
    "hrnet": ({"classes": 2}, (3, 64, 64)),
    "cnn_x": ({"size": 64, "classes": 3}, (1, 64, 64)),
    "resnet": ({"classes": 3}, (3, 64, 64)),
    "gate_net": ({}, (1, 64, 64)),
}
NOT_CLASSIFIERS = {"unet"}


class Case(NamedTuple):
    """A network with random weights, two inputs and their maps."""

    net: Classifier
    x: torch.Tensor
    features: torch.Tensor
    classes: int


@pytest.fixture(scope="module", params=SMALL)
def case(request) -> Case:
    settings, shape = SMALL[request.param]
    torch.manual_seed(0)
    net = build(request.param, settings).eval().requires_grad_(False)
    x = torch.rand(2, *shape)
    return Case(net, x, net.features(x), settings.get("classes", len(gate_net.CLASSES)))


def test_every_architecture_is_checked_here():
    assert set(SMALL) | NOT_CLASSIFIERS == set(BUILDERS)


class TestContract:
    def test_features_are_maps_and_logits_one_a_class(self, case):
        assert case.features.ndim == 4 and len(case.features) == len(case.x)
        assert case.net.head(case.features).shape == (len(case.x), case.classes)

    def test_forward_is_the_head_of_the_features_the_same_every_time(self, case):
        logits = case.net.head(case.features)
        assert torch.equal(logits, case.net(case.x))

    def test_films_of_one_batch_do_not_touch_each_other(self, case):
        difference = (case.net.features(case.x[1:]) - case.features[1:]).abs().max()
        assert difference < 1e-4 * case.features.abs().max()

    def test_linear_head_tells_the_truth(self, case):
        a, b = (f + torch.rand_like(f) for f in case.features.split(1))  # untrained maps may be nearly equal
        head = case.net.head
        bent = (head(a + b) + head(torch.zeros_like(a)) - head(a) - head(b)).abs().max()
        scale = max(head(a).abs().max().item(), 1)
        assert (bent < 1e-4 * scale) == case.net.linear_head

    def test_the_head_can_be_differentiated_although_no_weight_learns(self, case):
        features = case.features[:1].clone().requires_grad_()
        (gradient,) = torch.autograd.grad(case.net.head(features)[0, 0], features)
        assert gradient.abs().sum() > 0
