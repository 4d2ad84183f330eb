"""The gate's training pictures, what is left out of a training, and how refusals are counted."""

import os
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from cxr_models import manifest, registry
from cxr_models.architectures.gate_net import CLASSES, GateNet
from cxr_models.imaging.gate import judge
from cxr_models.imaging.preprocess import prepare
from cxr_models.imaging.read import read_film
from cxr_models.training import gate, gate_films, gate_pool
from cxr_models.training.gate_films import SPOILT, harmless, window
from cxr_models.training.gate_measure import Judge, Measuring, made, spoilt
from cxr_models.training.gate_pictures import PICTURES
from cxr_models.training.gate_pool import Pool, Sources, make
from cxr_models.types import Film, Lungs

SIDE = 128


def ramp() -> np.ndarray:
    """(128, 128) in [0, 1], every pixel another grey."""
    return np.linspace(0, 1, SIDE**2, dtype=np.float32).reshape(SIDE, SIDE)


@pytest.mark.parametrize("name", PICTURES)
def test_drawn_pictures_have_content_and_differ_from_seed_to_seed(name):
    one, again, other = (PICTURES[name](np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert one.shape == (SIDE, SIDE) and np.isfinite(one).all() and np.ptp(one) > 0
    assert np.array_equal(one, again) and not np.array_equal(one, other)


def test_what_is_harmless_keeps_shape_and_range():
    for seed in range(40):
        film = harmless(ramp(), np.random.default_rng(seed))
        assert film.shape == (SIDE, SIDE) and film.dtype == np.float32
        assert film.min() >= -1e-6 and film.max() <= 1 + 1e-6


def test_a_window_is_the_part_asked_for():
    assert window(ramp(), 0, 0, 1, 1) == pytest.approx(ramp())
    left = window(ramp(), 0, 0, 1, 0.5)
    assert left[:, 0] == pytest.approx(ramp()[:, 0], abs=1e-3)
    assert left[:, -1] == pytest.approx(ramp()[:, 63], abs=1e-3)


def test_spoilt_films_are_what_their_names_say():
    film, rng = ramp(), np.random.default_rng(0)
    assert gate_films.inverted(film, film, rng) == pytest.approx(1 - film)
    turned = gate_films.rotated(film, film, rng)
    assert any(np.array_equal(turned, np.rot90(film, k)) for k in (1, 2, 3))
    grain = np.random.default_rng(1).random((SIDE, SIDE), np.float32)
    for name, spoil in SPOILT.items():
        picture = spoil(grain, grain[::-1].copy(), rng)
        assert picture.shape == grain.shape and np.abs(picture - grain).max() > 0.1, name


def test_a_training_leaves_out_kinds_and_every_film_of_a_collection():
    names = np.array(["a", "b", "a+b", "b", "code"])
    pool = Pool(
        np.zeros((5, 64, 64), np.uint8), np.zeros(5), np.array(["frontal", "frontal", "doubled", "part", "text"]), names
    )
    assert pool.without(("part",), ("a",)).tolist() == [1, 4]


def sources() -> Sources:
    """Twelve films of two collections, one lateral, one slice and two other pictures, all noise."""
    rng = np.random.default_rng(0)
    views = ["frontal"] * 10 + ["lateral", "ct"]
    rows = pd.DataFrame(
        {"path": [f"{i}.png" for i in range(12)], "source": ["one", "two"] * 6, "view": views, "split": "train"}
    )
    films = rng.integers(0, 256, (12, SIDE, SIDE), dtype=np.uint8)
    return Sources(rows, films, np.array(["hand", "knee"]), films[:2])


def test_a_pool_has_its_quota_of_every_kind(monkeypatch):
    quota = dict.fromkeys(gate_pool.QUOTA["train"], 2)
    monkeypatch.setitem(gate_pool.QUOTA, "train", quota)
    pool = make(sources(), "train", seed=0)
    counts = dict(zip(*np.unique(pool.kind, return_counts=True), strict=True))
    assert counts == dict.fromkeys(["frontal", "lateral", "ct", "hand", "knee", *SPOILT, *PICTURES], 2)
    assert pool.pictures.shape == (len(pool.kind), 64, 64)
    assert {CLASSES[k] for k in pool.truth[pool.kind == "inverted"]} == {"inverted"}
    assert {CLASSES[k] for k in pool.truth[pool.kind == "shuffled"]} == {"other"}


def test_bright_and_dark_pictures_are_learned_apart_the_same_way_every_time():
    generator = np.random.default_rng(0)
    truth = np.arange(256) % 2 * CLASSES.index("other")
    pictures = (generator.integers(0, 60, (256, 64, 64)) + np.where(truth, 180, 0)[:, None, None]).astype(np.uint8)
    pool = Pool(pictures, truth, np.full(256, "frontal"), np.full(256, "one"))
    net, again = (gate.fit(pool, gate.Fold((), (), 12), seed=1) for _ in range(2))
    logits = gate.outputs(net, pictures[:20])[0]
    assert (logits[:, [0, 5]].argmax(1) * 5 == torch.from_numpy(truth[:20])).all()
    assert torch.equal(logits, gate.outputs(again, pictures[:20])[0])


class Stub(GateNet):
    """Says "lateral" of pictures whose grey values rise from top to bottom, "frontal" of the others."""

    def features(self, x: torch.Tensor) -> torch.Tensor:
        rises = (x[..., -1, :].mean() > x[..., 0, :].mean()).float()
        return rises.expand(len(x), gate.GateNet().centre.numel(), 1, 1).clone()

    def looks(self, logits: torch.Tensor, features: torch.Tensor) -> dict[str, float]:
        share = 0.99 * features.max().item()
        return dict.fromkeys(CLASSES, 0.0) | {"frontal": 1 - share, "lateral": share, "distance": 0.1}


def test_refusals_are_counted_with_their_interval_and_lungs_found_once(tmp_path):
    asked = []

    def find(film: Film) -> Lungs:
        asked.append(film.sha256)
        mask = np.zeros(film.pixels.shape, bool)
        mask[60:200, 30:110] = mask[60:200, 146:226] = True
        return Lungs(mask, float(mask.mean()), (0.17, 0.17), 0.97)

    picture = np.tile(np.linspace(0, 1, 256, dtype=np.float32)[:, None], (1, 256))
    films = [made(picture if i < 3 else 1 - picture, str(i)) for i in range(10)]
    measuring = Measuring(sources(), tmp_path, gate.INPUT, Judge(find))
    refused, stopped = measuring.figures(Stub().eval(), films, "these")
    assert (refused.name, refused.about, refused.value, refused.n) == ("refused", "these", 0.3, 10)
    assert (refused.low, refused.high) == pytest.approx((0.1078, 0.6032), abs=1e-4)  # Wilson, 3 of 10
    assert stopped.value == 0.3
    measuring.figures(Stub().eval(), films, "again")
    assert asked == [str(i) for i in range(10)]


def test_spoilt_films_have_identities_of_their_own():
    films = [made(ramp(), "a"), made(1 - ramp(), "b")]
    assert [film.sha256 for film in spoilt(films, "inverted")] == ["a-inverted", "b-inverted"]


def looks_of(pixels: np.ndarray) -> str:
    network = registry.load("gate")
    looks = network.module.looks(*network.run(prepare(pixels, network.spec.input)[None]))
    return judge(made(pixels, "film"), None, looks).status


@pytest.fixture
def root() -> Path:
    if "CXR_FILMS" not in os.environ:
        pytest.skip("CXR_FILMS names no folder of real films")
    if "gate" not in manifest.specs():
        pytest.skip("the manifest has no gate yet")
    return Path(os.environ["CXR_FILMS"])


def test_real_frontal_films_pass_and_other_pictures_do_not(root):
    folders = (
        "COVID-CXNet/chest_xray_images/covid19",
        "chest_xray/test/NORMAL",
        "lung-segmentation/cxr",
        "nih_sample/Pneumonia",
    )
    chest = [path for folder in folders for path in sorted((root / folder).glob("*.jp*g"))[:6]]
    assert len(chest) == 24
    assert sum(looks_of(read_film(path.read_bytes()).pixels) == "refused" for path in chest) <= 1
    others = [
        path for folder in sorted((root.parent / "notchest").iterdir()) for path in sorted(folder.glob("*.jpg"))[:3]
    ]
    assert len(others) >= 15
    assert all(looks_of(cv2.imread(str(p), cv2.IMREAD_GRAYSCALE) / np.float32(255)) == "refused" for p in others)
