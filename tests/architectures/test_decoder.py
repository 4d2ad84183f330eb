"""A film from a classifier's maps: every size, every value by hand."""

import pytest
import torch
from torch import nn

from cxr_models.architectures.decoder import Decoder


def test_a_cell_becomes_its_patch_and_nothing_else():
    net = Decoder(features=2, scale=2)
    nn.init.zeros_(net.patch.weight), nn.init.zeros_(net.patch.bias)
    net.patch.weight.data[:, 0, 0, 0] = torch.tensor([1.0, 2.0, 3.0, 4.0])  # feature 0 paints 1 2 / 3 4
    features = torch.zeros(1, 2, 1, 2)
    features[0, 0, 0, 1] = 1  # the right cell only
    expected = torch.tensor([[0.0, 0, 1, 2], [0, 0, 3, 4]]).sigmoid()
    torch.testing.assert_close(net(features)[0, 0], expected)


@pytest.mark.parametrize(("scale", "channels", "grid"), [(32, 3, (7, 7)), (4, 1, (56, 56)), (3, 1, (75, 75))])
def test_sizes_that_divide_evenly(scale, channels, grid):
    film = Decoder(8, scale, channels)(torch.rand(2, 8, *grid))
    assert film.shape == (2, channels, grid[0] * scale, grid[1] * scale)
    assert film.min() >= 0 and film.max() <= 1


def test_a_size_that_does_not_divide_is_brought_to_the_films():
    torch.manual_seed(0)
    net, features = Decoder(8, 32), torch.rand(1, 8, 8, 8)
    film, plain = net(features, (299, 299)), net(features)
    assert film.shape == (1, 1, 299, 299) and plain.shape == (1, 1, 256, 256)
    assert plain.min() <= film.min() and film.max() <= plain.max()
    assert torch.equal(net(features, (256, 256)), plain)


def test_it_is_small_beside_the_encoder():
    assert sum(p.numel() for p in Decoder(2048, 32).parameters()) == (2048 + 1) * 32**2  # ResNet-50: 23.5 million


def test_it_learns_the_film():
    torch.manual_seed(0)
    net, features, film = Decoder(16, 8), torch.rand(4, 16, 2, 2), torch.rand(4, 1, 16, 16)
    optimiser = torch.optim.Adam(net.parameters(), 0.1)
    losses = []
    for _ in range(100):
        losses.append(nn.functional.mse_loss(net(features), film))
        optimiser.zero_grad(), losses[-1].backward(), optimiser.step()
    assert losses[-1] < 0.1 * losses[0]
