"""Cells lie where networks compute them from: the middle of what moves a cell, on noise."""

import numpy as np
import pytest
import torch

from cxr_models.architectures.baselines import ResNet
from cxr_models.architectures.cae import CAE
from cxr_models.architectures.coronet import CoroNet
from cxr_models.architectures.hrnet import HRNet
from cxr_models.architectures.transfer import Transfer

SIDE = 224


def middle(net, channels: slice, count: int) -> float:
    """Pixel in the middle of the squared gradient of a cell at the film's middle, less that of an even spread."""
    found = []
    at = [count // 2] if count < 10 else range(count // 2, count // 2 + 8)  # coarser maps repeat every 8 cells
    for seed in range(3 if len(at) == 1 else 1):
        x = torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(seed)).requires_grad_()
        features = net.features(x)[0, channels]
        for i in at:
            (gradient,) = torch.autograd.grad(features[:, i, i].sum(), x, retain_graph=True)
            weight = gradient[0].square().sum(0).numpy()
            for one in (weight.sum(0), weight.sum(1)):
                found.append((one @ np.arange(SIDE)) / one.sum() - ((i + 0.5) * SIDE / count - 0.5))
    return float(np.mean(found))


@pytest.mark.parametrize("net", [ResNet, HRNet], ids=["resnet18", "hrnet"])
def test_cells_are_nearer_to_what_moves_them_than_an_even_spread(net):
    torch.manual_seed(0)
    net = net().eval()
    count = net.features(torch.zeros(1, 3, SIDE, SIDE)).shape[-1]
    for cells in net.cells:
        assert cells.step == SIDE / count
        said, found = cells.first - (SIDE / count / 2 - 0.5), middle(net, cells.channels, count)
        assert said < 0 and abs(found - said) < abs(found)
        if net.name == "resnet18":
            assert found == pytest.approx(said, abs=6)


def test_every_channel_lies_somewhere_and_once():
    with torch.device("meta"):
        nets = ResNet("resnet50"), CoroNet(), HRNet(), Transfer("resnet50")
    for net, channels in zip(nets, (2048, 512, 270, 2048), strict=True):
        here = [i for cells in net.cells for i in range(channels)[cells.channels]]
        assert here == list(range(channels))


def test_where_halvings_are_not_padded_cells_are_spread_evenly():
    assert CAE.cells == ()
    with torch.device("meta"):
        assert Transfer("vgg16").cells == ()
