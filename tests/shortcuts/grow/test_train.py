"""The net and its growth: exact maps, the same result for the same seed, and the shortcut itself, on films by hand."""

from threading import Thread

import numpy as np
import pytest
import torch

from cxr_models.errors import Cancelled, TrainingError
from cxr_models.shortcuts.grow import exam, growth, train
from cxr_models.shortcuts.grow.films import SIDE, Example, Films, Material, letter_at
from cxr_models.shortcuts.grow.net import TinyNet, tensor
from cxr_models.shortcuts.grow.settings import Settings

HERE = (slice(50, 74), slice(54, 78))


def films(count: int, seed: int, contrast: float) -> Films:
    """Noise; the ill have a brighter square, ``contrast`` above the rest."""
    ill = np.arange(count) % 2 == 0
    pixels = np.random.default_rng(seed).normal(0.4, 0.05, (count, SIDE, SIDE)).astype(np.float32)
    opacity = np.zeros((count, SIDE, SIDE), bool)
    for at in np.flatnonzero(ill):
        pixels[at][HERE] += contrast
        opacity[at][HERE] = True
    return Films(pixels, ill, opacity)


def material(contrast: float) -> Material:
    test = films(20, 1, contrast)
    examples = (Example.of(test.pixels[0], True, test.opacity[0]), Example.of(test.pixels[1], False, test.opacity[1]))
    return Material(films(60, 0, contrast), test, examples)


def last(contrast: float, strength: float, seed: int = 0, epochs: int = 4) -> exam.Snapshot:
    return list(train.grow(material(contrast), strength, seed, epochs))[-1]


def alike(one: exam.Snapshot, other: exam.Snapshot) -> bool:
    same = np.array_equal(one.maps, other.maps) and np.array_equal(one.answers, other.answers)
    return same and (one.right, one.shares) == (other.right, other.shares)


def test_before_the_first_epoch_the_net_knows_nothing():
    first = next(train.grow(material(0.3), 1.0, 0))
    assert (first.epoch, first.shares) == (0, None)
    assert set(first.right.values()) == {10} and first.films == 20
    assert first.answers.tolist() == [0.5, 0.5] and not first.maps.any()


def test_the_map_is_exact():
    net = TinyNet(torch.Generator().manual_seed(2)).eval()
    torch.nn.init.normal_(net.head.weight, generator=torch.Generator().manual_seed(3))
    torch.nn.init.constant_(net.head.bias, 0.7)
    shown = tensor(films(4, 0, 0.3).pixels)
    with torch.no_grad():
        logits, maps = net.look(shown)
        torch.testing.assert_close(logits, net(shown))
        torch.testing.assert_close(maps.sum((1, 2)) + 0.7, logits)


def test_a_letter_that_goes_with_a_faint_disease_is_what_the_net_reads():
    grown = last(0.01, 1.0)
    assert grown.right["aligned"] >= 18 and grown.right["conflicting"] <= 4
    assert grown.shares["letter"] > 10 * grown.areas["letter"]
    assert grown.shares["opacity"] < grown.shares["letter"]


def test_without_that_the_net_reads_the_lung():
    grown = last(0.3, 0.0)
    assert min(grown.right.values()) >= 18
    assert grown.shares["opacity"] > 0.5 > 2 * grown.areas["opacity"]
    assert grown.shares["letter"] < 0.1


def test_a_disease_nobody_can_see_is_not_learned():
    assert last(0.0, 0.0).right["clean"] in range(4, 17)


def test_the_same_seed_gives_the_same_result_bit_by_bit_also_beside_another_training():
    alone = last(0.1, 0.5, seed=5, epochs=2)
    other = Thread(target=last, args=(0.3, 0.0, 6, 2))
    other.start()
    torch.manual_seed(1)
    beside = last(0.1, 0.5, seed=5, epochs=2)
    other.join()
    assert alike(alone, beside)
    assert not alike(alone, last(0.1, 0.5, seed=6, epochs=2))


def test_torchs_own_random_numbers_are_left_alone():
    before = torch.get_rng_state()
    last(0.1, 0.5, epochs=1)
    assert torch.equal(before, torch.get_rng_state())


def test_evidence_is_shared_out_by_place():
    amounts = np.array([[[3.0, 1.0], [0.0, 4.0]]])
    letter = np.array([[True, False], [False, False]])
    assert exam.shared_out(amounts, {"letter": letter}) == {"letter": 0.375, "elsewhere": 0.625}
    assert exam.shared_out(np.zeros((1, 2, 2)), {"letter": letter}) is None


def test_a_zone_is_its_cells_and_their_neighbours():
    mask = np.zeros((96, 96), bool)
    mask[8, 13] = True
    found = np.argwhere(exam.cells(mask, 24))
    assert (found.min(0).tolist(), found.max(0).tolist(), len(found)) == ([1, 2], [3, 4], 9)
    assert exam.cells(letter_at((96, 96)), 24).mean() < 0.06


def grown(monkeypatch: pytest.MonkeyPatch, **changes: float) -> growth.Growth:
    monkeypatch.setattr(growth, "phantoms", lambda visibility, *_: material(visibility))
    return growth.Growth(Settings(**{"strength": 1.0, "visibility": 0.1} | changes), epochs=2)


def test_a_growth_reports_and_keeps_a_snapshot_an_epoch(monkeypatch: pytest.MonkeyPatch):
    heard = []
    one = grown(monkeypatch)
    assert one.run(lambda share, doing: heard.append((share, doing)), lambda: False) is one
    assert [snapshot.epoch for snapshot in one.snapshots] == [0, 1, 2] and one.examples
    assert [share for share, _ in heard] == [0.5, 0.75, 1.0]
    assert heard[0][1] == "Round 1 of 2 through the films"


def test_a_growth_takes_one_thread_and_leaves_the_others_theirs(monkeypatch: pytest.MonkeyPatch):
    inside, before = [], torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        grown(monkeypatch).run(lambda share, doing: inside.append(torch.get_num_threads()), lambda: False)
        assert (set(inside), torch.get_num_threads()) == ({1}, 2)
    finally:
        torch.set_num_threads(before)


def test_a_growth_can_be_cancelled(monkeypatch: pytest.MonkeyPatch):
    one = grown(monkeypatch)
    with pytest.raises(Cancelled):
        one.run(lambda share, doing: None, lambda: len(one.snapshots) == 2)
    assert len(one.snapshots) == 2


@pytest.mark.parametrize("wrong", [{"strength": 1.1}, {"visibility": -0.1}, {"seed": -1}, {"index": "index.csv"}])
def test_settings_out_of_range_are_a_sentence(wrong: dict):
    with pytest.raises(TrainingError, match=r"[.]$"):
        Settings(**{"strength": 0.5, "visibility": 0.5} | wrong)
