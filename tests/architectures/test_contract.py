"""What every classifier promises, checked on each of them: maps, a head, and whether the head is linear in the maps."""

from typing import NamedTuple

import pytest
import torch

from cxr_models.architectures import gate_net
from cxr_models.architectures.classifier import Classifier
from cxr_models.registry import BUILDERS, build

SMALL = [
    ("cae", {"classes": 3}, (3, 224, 224)),
    ("cae", {"classes": 3, "head": "5dense"}, (3, 224, 224)),
    ("coronet", {"classes": 3}, (1, 64, 64)),
    ("hrnet", {"classes": 2}, (3, 64, 64)),
    ("cnn_x", {"size": 64, "classes": 3}, (1, 64, 64)),
    ("resnet", {"classes": 3}, (3, 64, 64)),
    ("pooled", {"name": "googlenet", "classes": 3}, (3, 64, 64)),
    ("pooled", {"name": "densenet121", "classes": 3}, (3, 64, 64)),
    ("fully_connected", {"name": "alexnet", "classes": 3}, (3, 64, 64)),
    ("squeezenet", {"classes": 4}, (3, 64, 64)),
    ("transfer", {"name": "densenet121", "layers": [16, 8], "classes": 2}, (3, 64, 64)),
    ("transfer", {"name": "densenet121", "layers": [16], "classes": 3}, (3, 64, 64)),
    ("custom_cnn", {"classes": 2}, (1, 150, 150)),
    ("gate_net", {}, (1, 64, 64)),
]
NOT_CLASSIFIERS = {"unet"}


class Case(NamedTuple):
    """A network with random weights, two inputs and their maps."""

    net: Classifier
    x: torch.Tensor
    features: torch.Tensor
    classes: int


@pytest.fixture(scope="module", params=SMALL, ids=lambda case: "-".join([case[0], *map(str, case[1].values())]))
def case(request) -> Case:
    architecture, settings, shape = request.param
    torch.manual_seed(0)
    net = build(architecture, settings).eval().requires_grad_(False)
    x = torch.rand(2, *shape)
    return Case(net, x, net.features(x), settings.get("classes", len(gate_net.CLASSES)))


def test_every_architecture_is_checked_here():
    assert {architecture for architecture, _, _ in SMALL} | NOT_CLASSIFIERS == set(BUILDERS)


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

    def test_the_page_can_ask_the_class_whether_the_head_is_linear(self, case):
        assert type(case.net).linear_head == case.net.linear_head

    def test_the_head_can_be_differentiated_although_no_weight_learns(self, case):
        features = case.features[:1].clone().requires_grad_()
        (gradient,) = torch.autograd.grad(case.net.head(features)[0, 0], features)
        assert gradient.abs().sum() > 0


class TestFrozenParts:
    """A part of which nothing learns stays in eval mode: stage 2 of the custom CNN freezes its base."""

    @pytest.fixture
    def net(self):
        torch.manual_seed(0)
        net = build("custom_cnn", {})
        net.base.requires_grad_(False)
        return net.train()

    def test_only_they_stay_in_eval_mode(self, net):
        assert not net.base.training and not any(m.training for m in net.base.modules())
        assert net.training and net.further.training and net.head.training

    def test_batch_norm_keeps_its_statistics(self, net):
        before = {name: b.clone() for name, b in net.named_buffers()}
        net(torch.rand(4, 1, 32, 32))
        changed = {name.split(".")[0] for name, b in net.named_buffers() if not torch.equal(b, before[name])}
        assert changed == {"further"}

    def test_they_train_again_once_thawed(self, net):
        assert net.requires_grad_(True).train().base[1].training
