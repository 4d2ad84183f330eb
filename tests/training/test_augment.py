import torch

from cxr_models.training.augment import Augment, Drawn, draw, tone, warp

STILL = Augment(scale=(1, 1), rotate=0, shear=0, shift=0, gamma=(1, 1), flip=0, noise=0, coarse=0)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(affine: list[list[float]], gamma: float = 1.0) -> Drawn:
    one = torch.ones(1, 1, 1, 1)
    return Drawn(torch.tensor([affine]), one * gamma, one * 0, one < 0, 0)


def test_nothing_drawn_changes_nothing():
    film = torch.rand(2, 1, 8, 8, generator=generator())
    still = draw(2, STILL, generator())
    assert torch.allclose(tone(warp(film, still), still), film.clamp(1e-4, 1), atol=1e-6)


def test_a_mirror_image_by_hand():
    film = torch.tensor([[[[0.1, 0.2], [0.3, 0.4]]]])
    mirrored = warp(film, drawn([[-1.0, 0, 0], [0, 1, 0]]))
    assert torch.allclose(mirrored, torch.tensor([[[[0.2, 0.1], [0.4, 0.3]]]]), atol=1e-6)


def test_gamma_two_squares_grey_values():
    film = torch.tensor([[[[0.5, 1.0], [0.2, 0.1]]]])
    assert torch.allclose(tone(film, drawn([[1.0, 0, 0], [0, 1, 0]], gamma=2)), film**2, atol=1e-6)


def test_film_and_mask_move_alike():
    mask = torch.zeros(4, 1, 32, 32)
    mask[:, :, 8:24, 4:14] = 1
    moved = draw(4, Augment(gamma=(1, 1), noise=0, coarse=0), generator(3))
    assert torch.allclose(tone(warp(mask * 0.5, moved), moved), (warp(mask, moved) * 0.5).clamp(1e-4, 1), atol=1e-5)
    assert not torch.allclose(warp(mask, moved), mask)


def test_the_same_seed_draws_the_same():
    a, b = draw(5, Augment(), generator(7)), draw(5, Augment(), generator(7))
    assert torch.equal(a.affine, b.affine) and a.seed == b.seed
    assert not torch.equal(a.affine, draw(5, Augment(), generator(8)).affine)
