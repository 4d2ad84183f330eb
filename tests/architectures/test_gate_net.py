"""The gate's network: its shape, and a distance that one can check by hand."""

import pytest
import torch

from cxr_models.architectures.gate_net import CLASSES, FEATURES, GateNet


@pytest.fixture
def net() -> GateNet:
    torch.manual_seed(0)
    return GateNet().eval().requires_grad_(False)


def axis(k: int, length: float) -> torch.Tensor:
    """Feature maps (1, 192, 2, 2) that are ``length`` everywhere in channel k and 0 elsewhere."""
    maps = torch.zeros(1, FEATURES, 2, 2)
    maps[:, k] = length
    return maps


def test_its_size_is_stated(net):
    assert sum(p.numel() for p in net.parameters()) == 135_542


def test_maps_head_and_looks(net):
    maps = net.features(torch.rand(2, 1, 64, 64))
    assert maps.shape == (2, FEATURES, 4, 4)
    looks = net.looks(net.head(maps[:1]), maps[:1])
    assert list(looks) == [*CLASSES, "distance"]
    assert sum(looks[name] for name in CLASSES) == pytest.approx(1)
    assert all(0 <= looks[name] <= 1 for name in CLASSES)


def test_one_is_where_99_per_cent_of_the_held_out_films_end(net):
    pooled = torch.randn(400, FEATURES, generator=torch.Generator().manual_seed(1))
    net.remember(pooled[:300], pooled[300:])
    distances = net.distance(pooled[300:, :, None, None])
    assert distances.quantile(0.99).item() == pytest.approx(1, abs=1e-4)


def test_the_middle_of_the_films_is_at_no_distance_and_the_rest_further_the_less_films_vary_there(net):
    pooled = torch.randn(3000, FEATURES, generator=torch.Generator().manual_seed(1))
    pooled[:, 0] *= 10  # films vary much in channel 0, little in channel 1
    net.remember(pooled, pooled)
    middle = pooled.mean(0)[None, :, None, None]
    assert net.distance(middle).item() == pytest.approx(0, abs=1e-4)
    wide, narrow = (net.distance(middle + axis(k, 10)).item() for k in (0, 1))
    assert narrow / wide == pytest.approx(10, rel=0.2)
    assert net.distance(middle + axis(1, 20)).item() == pytest.approx(2 * narrow, rel=1e-3)
