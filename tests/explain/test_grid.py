"""Where the cells of a grid come to lie on the film, by hand."""

import numpy as np
import pytest
import torch
from explain.tiny import Curved, Layered, Pooled, spec_of

from cxr_models.architectures.classifier import Cells
from cxr_models.explain import explain
from cxr_models.explain.grid import laid, weights
from cxr_models.imaging.preprocess import to_film_frame

ALL = slice(None)


def test_without_cells_the_grid_is_spread_evenly():
    parts = torch.rand(3, 4, 5, generator=torch.Generator().manual_seed(0))
    even = to_film_frame(parts.sum(0).numpy(), (40, 30))
    np.testing.assert_array_equal(laid(parts, (), 32, (40, 30)), even)
    # Which is the same as four cells of 8 pixels, and five of 6.4, with their centres in their middle.
    rows, columns = weights(40, 4, Cells(ALL, 3.5, 8), 32), weights(30, 5, Cells(ALL, 2.7, 6.4), 32)
    np.testing.assert_allclose(rows @ parts.sum(0).numpy() @ columns.T, even, atol=1e-5)


def test_a_cell_lies_on_its_centre():
    """Three cells on pixels 0, 2 and 4 of six; beyond the last one it goes on."""
    found = weights(6, 3, Cells(ALL, 0, 2), 6)
    np.testing.assert_allclose(found[:, 1], [0, 0.5, 1, 0.5, 0, 0])
    np.testing.assert_allclose(found[:, 2], [0, 0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(found.sum(1), 1)


def test_a_larger_film_has_more_pixels_between_the_same_places():
    """Twice as large: pixel j of the network is the middle of pixels 2 j and 2 j + 1."""
    found = weights(12, 3, Cells(ALL, 0, 2), 6)[:, 1]
    assert found[[4, 5]] == pytest.approx([0.875, 0.875]) and found[[2, 7]] == pytest.approx([0.375, 0.375])


def test_channels_have_places_of_their_own():
    parts = torch.zeros(2, 3, 3)
    parts[0, 1, 1], parts[1, 1, 1] = 1, 10
    found = laid(parts, (Cells(slice(0, 1), 0, 2), Cells(slice(1, 2), 1, 2)), 6, (6, 6))
    assert found[2, 2] == pytest.approx(1 + 10 / 4) and found[3, 3] == pytest.approx(10 + 1 / 4)
    assert found.dtype == np.float32


@pytest.mark.parametrize(
    ("net", "method"), [(Pooled, "cam"), (Curved, "grad_cam"), (Pooled, "grad_cam_pp")], ids=lambda one: str(one)
)
def test_a_map_lies_where_its_network_says(serve, quarters, net, method):
    """Cells 0 and 1 of two on the first and the last pixel: between them the map goes evenly from one to the other."""

    class Placed(net):
        cells = (Cells(ALL, 0, 63),)

    serve(spec_of("placed"), Placed())
    found = explain(quarters, None, "placed", method, "covid19")
    grid = found.extra["grid"]
    np.testing.assert_allclose(found.values[[0, -1], 0], grid[:, 0], atol=0.02)
    middle = (found.values[47:49].mean() - grid.mean()) / np.abs(grid).max()
    assert middle == pytest.approx(0, abs=0.01)
    steps = np.diff(found.values[:, 0])[2:-2]
    np.testing.assert_allclose(steps, steps[0], atol=1e-5)


def test_a_named_layer_is_spread_evenly(serve, quarters):
    class Placed(Layered):
        cells = (Cells(ALL, 0, 63),)

    serve(spec_of("placed"), Placed())
    found = explain(quarters, None, "placed", "grad_cam", "covid19", layer="first")
    np.testing.assert_array_equal(found.values, to_film_frame(found.extra["grid"], (96, 160)))
