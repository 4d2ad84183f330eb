"""Frozen bases with dense heads, and the two-stage network of the same study."""

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy, cross_entropy

from cxr_models.architectures.custom_cnn import CustomCNN
from cxr_models.architectures.transfer import OneUnit, Transfer


def count(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def on_paper(*settings) -> Transfer:
    with torch.device("meta"):
        return Transfer(*settings)


@pytest.mark.parametrize(
    ("name", "layers", "classes", "base", "head"),
    [
        ("resnet50", (64,), 2, 23_508_032, 2049 * 64 + 65),
        ("vgg16", (128, 8), 2, 14_714_688, 513 * 128 + 129 * 8 + 9),
        ("densenet121", (16, 32, 64, 128), 3, 6_953_856, 1025 * 16 + 17 * 32 + 33 * 64 + 65 * 128 + 129 * 3),
    ],
)
def test_parameters_of_base_and_head(name, layers, classes, base, head):
    net = on_paper(name, layers, classes)
    assert count(net.encoder) == base
    assert count(net.head) == head


@pytest.mark.parametrize("layers", [(), (8, 8, 8, 8, 8), (7,), (64, 129)])
def test_layers_outside_the_search_are_refused(layers):
    with pytest.raises(ValueError, match="give 1 to 4 of them, each of 8 to 128 units"):
        Transfer("resnet50", layers)


class TestOneSigmoidUnit:
    z = torch.tensor([[-2.0], [0.0], [0.7], [5.0]])

    def test_softmax_of_the_logits_is_the_sigmoid(self):
        p = OneUnit()(self.z).softmax(1)
        torch.testing.assert_close(p, torch.cat([self.z.sigmoid(), 1 - self.z.sigmoid()], dim=1))

    def test_cross_entropy_is_binary_cross_entropy(self):
        first = torch.tensor([1.0, 0.0, 1.0, 0.0])  # the film is of the first class
        binary = binary_cross_entropy(self.z.sigmoid()[:, 0], first)
        torch.testing.assert_close(cross_entropy(OneUnit()(self.z), 1 - first.long()), binary)

    def test_both_classes_have_a_logit_that_the_film_moves(self):
        z = self.z.clone().requires_grad_()
        for index, slope in enumerate((0.5, -0.5)):
            (gradient,) = torch.autograd.grad(OneUnit()(z)[:, index].sum(), z)
            assert (gradient == slope).all()

    def test_two_classes_have_it_and_three_have_a_unit_each(self):
        assert isinstance(on_paper("resnet50", (8,), 2).head[-1], OneUnit)
        assert on_paper("resnet50", (8,), 3).head[-1].out_features == 3


def test_batch_norm_of_a_frozen_base_stays_in_eval_mode():
    net = on_paper("densenet121", (8,), 3)
    net.encoder.requires_grad_(False)
    net.train()
    assert not any(m.training for m in net.encoder.modules())
    assert all(m.training for m in net.head.modules())


class TestCustomCNN:
    @pytest.fixture
    def net(self):
        torch.manual_seed(0)
        return CustomCNN().eval().requires_grad_(False)

    def test_its_size_is_stated(self, net):
        base = 9 * (1 * 32 + 32 * 64 + 64 * 128) + 2 * (32 + 64 + 128)
        further = 9 * 2 * 128 * 128 + 2 * 2 * 128
        assert (count(net.base), count(net.further)) == (base, further)
        assert count(net) == base + further + 2 * 129 * 2 == 388_836

    def test_maps_of_the_papers_size(self, net):
        assert net.features(torch.rand(1, 1, 150, 150)).shape == (1, 128, 4, 4)

    def test_screening_depends_on_the_base_alone(self, net):
        x = torch.rand(2, 1, 64, 64)
        before = net.screen(x)
        assert before.shape == (2, 2)
        net.further[0].weight.data.zero_(), net.head[-1].weight.data.zero_()
        assert torch.equal(net.screen(x), before)
