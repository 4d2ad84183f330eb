from dataclasses import replace

import pytest
import torch

from cxr_models.errors import ManifestError, TrainingError
from cxr_models.tables import fitted, keys
from cxr_models.training.augment import PRESETS, Augment, Drawn, draw, tone, warp
from cxr_models.training.augment.noise import normal, uniform
from cxr_models.training.augment.settings import NOTHING

SAME = [[1.0, 0, 0], [0, 1, 0]]
STEP = torch.arange(16.0).view(1, 1, 4, 4) / 16


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(n: int = 1, affine: list[list[float]] = SAME, **columns: float) -> Drawn:
    """Nothing drawn for ``n`` films but what is given."""
    nothing = draw(n, NOTHING, generator())
    given = {name: torch.full((n, 1, 1, 1), value) for name, value in columns.items()}
    return replace(nothing, affine=torch.tensor(affine).expand(n, 2, 3), **given)


def films(n: int, side: int = 32) -> torch.Tensor:
    return torch.rand(n, 1, side, side, generator=generator(1))


def both(images: torch.Tensor, settings: Augment, seed: int = 0) -> torch.Tensor:
    chosen = draw(len(images), settings, generator(seed))
    return tone(warp(images, chosen), chosen)


def test_nothing_drawn_changes_nothing():
    film = films(3)
    film[0, 0, 0] = 0.0
    assert torch.allclose(both(film, NOTHING), film, atol=1e-5)
    assert torch.equal(tone(film, drawn(3)), film)


@pytest.mark.parametrize(
    "affine, moved",
    [
        ([[-1.0, 0, 0], [0, 1, 0]], STEP.flip(3)),
        ([[1.0, 0, 0], [0, -1, 0]], STEP.flip(2)),
        ([[0.0, -1, 0], [1, 0, 0]], STEP.rot90(1, (2, 3))),
        ([[1.0, 0, 0.5], [0, 1, 0]], torch.cat([STEP[..., 1:], torch.zeros(1, 1, 4, 1)], 3)),
    ],
    ids=["mirrored", "upside down", "turned by 90 degrees", "shifted by one of four pixels"],
)
def test_geometry_by_hand(affine, moved):
    assert torch.allclose(warp(STEP, drawn(affine=affine)), moved, atol=1e-6)


def test_a_window_fills_the_film():
    """The upper left quarter, 0 1 / 4 5 sixteenths: in the middle of the result their mean."""
    got = warp(STEP, drawn(affine=[[0.5, 0, -0.5], [0, 0.5, -0.5]]))
    assert got[..., 1:3, 1:3].mean() == pytest.approx(2.5 / 16)


def test_half_precision_around_it_moves_no_pixel():
    film, chosen = films(4, 64), draw(4, PRESETS["hrnet-paper"], generator())
    with torch.autocast("cpu", torch.bfloat16):
        got = tone(warp(film, chosen), chosen)
    assert got.dtype == torch.float32
    assert torch.equal(got, tone(warp(film, chosen), chosen))


def test_turned_and_twice_as_large_by_hand():
    """Each column a unit vector halved, at right angles: places in the film lie half as far out, turned."""
    affine = draw(500, replace(NOTHING, scale=(2, 2), rotate=30), generator()).affine
    (cos, other), (sin, same) = affine[:, 0, :2].T, affine[:, 1, :2].T
    assert torch.equal(cos, same) and torch.equal(sin, -other)
    assert torch.allclose(cos**2 + sin**2, torch.tensor(0.25))
    angle = torch.rad2deg(torch.atan2(sin, cos))
    assert -30 <= angle.min() < -29 and 29 < angle.max() <= 30
    assert (affine[:, :, 2] == 0).all()


def test_shear_and_shift_by_hand():
    affine = draw(500, replace(NOTHING, shear=0.2, shift=0.1), generator()).affine
    assert (affine[:, 0, 0] == 1).all() and (affine[:, 1, 1] == 1).all() and (affine[:, 1, 0] == 0).all()
    for moved, most in ((affine[:, 0, 1], 0.2), (affine[:, 0, 2], 0.1), (affine[:, 1, 2], 0.1)):
        assert -most <= moved.min() < -0.95 * most and 0.95 * most < moved.max() <= most


def test_a_window_lies_within_the_film():
    affine = draw(500, replace(NOTHING, crop=0.4), generator()).affine
    side, place = affine[:, 0, 0], affine[:, :, 2].abs().amax(1)
    assert torch.equal(side, affine[:, 1, 1])
    assert 0.6 <= side.min() < 0.62 and 0.98 < side.max() <= 1
    assert (side + place).max() <= 1 + 1e-6 and (side + place).mean() > 0.9


def test_gamma_two_squares_grey_values():
    assert torch.allclose(tone(STEP, drawn(gamma=2.0)), STEP**2)


def test_coarse_is_the_mean_of_four_pixels():
    checks = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).repeat(1, 1, 8, 8)
    assert torch.allclose(tone(checks, drawn(coarse=1.0)), torch.full_like(checks, 0.5))


def test_salt_and_pepper_take_the_share_drawn_half_each():
    grey = torch.full((8, 3, 128, 128), 0.5)
    got = tone(grey, drawn(8, salt=0.1))
    assert ((got == 1) | (got == 0) | (got == 0.5)).all()
    assert torch.equal(got[:, :1].expand_as(got), got)  # all channels alike
    for value in (0.0, 1.0):
        shares = (got[:, 0] == value).float().mean((1, 2))
        assert torch.allclose(shares, torch.full((8,), 0.05), atol=0.008)


def test_blur_spreads_a_point_as_a_gaussian():
    """Sigma 0.5: a neighbour weighs exp(-1 / (2 * 0.5 ** 2)) = exp(-2) = 0.1353 of the centre."""
    point = torch.zeros(2, 1, 21, 21)
    point[:, :, 10, 10] = 1
    got = tone(point, replace(drawn(2), blur=torch.tensor([0.5, 0.0]).view(2, 1, 1, 1)))
    assert got[0].sum() == pytest.approx(1, abs=1e-5)
    assert got[0, 0, 10, 11] / got[0, 0, 10, 10] == pytest.approx(0.135335, abs=1e-4)
    assert got[0, 0, 9, 9] / got[0, 0, 10, 10] == pytest.approx(0.135335**2, abs=1e-4)
    assert torch.equal(got[1], point[1])


def test_noise_has_the_width_drawn():
    grey = torch.full((4, 1, 128, 128), 0.5)
    got = tone(grey, drawn(4, noise=0.05))
    assert got.mean() == pytest.approx(0.5, abs=0.001) and got.std() == pytest.approx(0.05, rel=0.02)
    assert not torch.equal(got[0], got[1])


def test_grain_takes_the_place_of_a_share_of_the_film():
    """Half black and half mid-grey: a quarter, with noise of half a ninth."""
    got = tone(torch.zeros(4, 1, 128, 128), drawn(4, grain=0.5))
    assert got.mean() == pytest.approx(0.25, abs=0.001) and got.std() == pytest.approx(0.5 / 9, rel=0.02)


def test_noise_is_as_good_as_a_generators():
    """Between films, neighbours and pixels of one place no correlation beyond chance; 4 standard errors allowed."""
    own = torch.randint(-(2**31), 2**31, (64, 2), generator=generator()).int()
    grains = normal(own, (64, 1, 64, 64), torch.device("cpu"))
    flat = grains.flatten(1)
    assert grains.mean().abs() < 4 / flat.numel() ** 0.5 and (grains.var() - 1).abs() < 4 * (2 / flat.numel()) ** 0.5
    assert (grains**4).mean() == pytest.approx(3, abs=0.1)
    for moved in (grains.roll(1, 3), grains.roll(1, 2), grains.roll(1, 0)):
        assert (grains * moved).mean().abs() < 4 / flat.numel() ** 0.5
    between = torch.corrcoef(flat)[~torch.eye(64, dtype=torch.bool)]
    assert between.std() == pytest.approx(1 / flat.shape[1] ** 0.5, rel=0.1) and between.abs().max() < 0.1
    even = uniform(own, (64, 1, 64, 64), torch.device("cpu")).histc(16, 0, 1) / flat.numel()
    assert torch.allclose(even, torch.full((16,), 1 / 16), atol=0.003)


@pytest.mark.parametrize("name", PRESETS)
def test_film_and_mask_move_alike(name):
    mask = torch.zeros(4, 1, 32, 32)
    mask[:, :, 8:20, 4:14] = 1
    moved = draw(4, PRESETS[name], generator(3))
    plain = replace(moved, **{f: getattr(drawn(4), f) for f in ("gamma", "noise", "coarse", "salt", "blur", "grain")})
    assert torch.allclose(tone(warp(mask * 0.5, moved), plain), warp(mask, moved) * 0.5, atol=1e-6)
    assert not torch.allclose(warp(mask, moved), mask, atol=0.1)


@pytest.mark.parametrize("name", PRESETS)
def test_a_film_gets_the_same_in_any_batch(name):
    images, chosen = films(8, 37), draw(8, PRESETS[name], generator(5))
    whole = tone(warp(images, chosen), chosen)
    for rank in (0, 1):
        own = slice(rank, None, 2)
        assert torch.equal(tone(warp(images[own], chosen.part(own)), chosen.part(own)), whole[own])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize("name", PRESETS)
def test_a_gpu_does_the_same(name):
    images, chosen = films(8), draw(8, PRESETS[name], generator(5))
    there = tone(warp(images.cuda(), chosen), chosen)
    assert torch.allclose(there.cpu(), tone(warp(images, chosen), chosen), atol=1e-4)


@pytest.mark.parametrize("name", PRESETS)
def test_grey_values_stay_between_0_and_1(name):
    got = both(films(16), PRESETS[name])
    assert got.dtype == torch.float32 and got.min() >= 0 and got.max() <= 1


def test_the_same_generator_draws_the_same():
    a, b = (both(films(5), PRESETS["hrnet-paper"], seed=7) for _ in range(2))
    assert torch.equal(a, b)
    assert not torch.equal(a, both(films(5), PRESETS["hrnet-paper"], seed=8))


def test_probability_0_is_never_and_1_is_always():
    film = films(64)
    never = replace(NOTHING, shear=0.2, shear_p=0, salt=0.01, salt_p=0, blur=0.5, blur_p=0, grain=0.5, grain_p=0)
    assert torch.allclose(both(film, never), film, atol=1e-5)
    for always in ({"flip": 1}, {"vertical": 1}, {"coarse": 1}, {"blur": 0.5}, {"grain": 0.5}, {"shear": 0.2}):
        changed = (both(film, replace(NOTHING, **always)) - film).abs().amax((1, 2, 3)) > 1e-3
        assert changed.all(), always


def test_presets_are_drawn_as_often_as_the_papers_say():
    """HRNet paper, table 3: shear .7, salt and pepper .3, blur .5, noise .3; CoroNet's flips half of the time."""
    table = draw(4000, PRESETS["hrnet-paper"], generator())
    for share, often in ((table.salt, 0.3), (table.blur, 0.5), (table.grain, 0.3)):
        assert (share > 0).float().mean() == pytest.approx(often, abs=0.03)
    assert table.salt.max() <= 0.01 and table.grain.max() <= 0.5 and table.blur.max() == 0.5
    assert 1 / 3 <= table.gamma.min() < 0.34 and 1.97 < table.gamma.max() <= 2
    zoom = table.affine[:, :, 0].norm(dim=1)  # shear is along x alone and so leaves the first column
    assert 1 / 1.1 <= zoom.min() < 0.92 and 1.23 < zoom.max() <= 1.25 + 1e-6
    turns = draw(4000, PRESETS["coronet-paper"], generator()).affine
    for entry in (turns[:, 0, 0], turns[:, 1, 1]):
        assert (entry == -1).float().mean() == pytest.approx(0.5, abs=0.03) and (entry.abs() == 1).all()


def test_settings_are_read_from_plain_values():
    read = Augment(**fitted(Augment, {"scale": [0.8, 1.1], "rotate": 45, "vertical": 0.5}, "augment"))
    assert read == Augment(scale=(0.8, 1.1), rotate=45.0, vertical=0.5)
    assert Augment(scale=[0.8, 1.1]) == Augment(scale=(0.8, 1.1))


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"scale": (1.1, 0.8)}, r"scale: \(1.1, 0.8\) is not two numbers above 0, the smaller first"),
        ({"gamma": (0.0, 2.0)}, "gamma"),
        ({"gamma": (0.5, 1.0, 2.0)}, "gamma"),
        ({"flip": 1.5}, "flip: 1.5 is not between 0 and 1"),
        ({"crop": 0.95}, "crop: 0.95 is not between 0 and 0.9"),
        ({"blur": -0.5}, "blur"),
        ({"noise": float("nan")}, "noise"),
        ({"rotate": "45"}, "rotate: '45' is not a finite number"),
    ],
)
def test_wrong_settings_are_refused_in_one_sentence(wrong, words):
    with pytest.raises(TrainingError, match=words):
        Augment(**wrong)


def test_an_unknown_setting_is_refused_where_a_table_is_read():
    with pytest.raises(ManifestError, match="augment.brightness: unknown key"):
        keys(Augment, {"brightness": 0.1}, "augment")
