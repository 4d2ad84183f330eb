import cv2
import numpy as np
import pandas as pd
import pytest
from trees import film, save

from cxr_models.data.index import build, similar_pairs, split


@pytest.fixture
def films(tmp_path):
    """Ten phantoms (every other mirrored: skeletons are alike), three altered copies of one, an unreadable file."""
    root = tmp_path
    for i in range(10):
        save(root / f"a/Normal/images/n{i}.png", np.fliplr(film(i)) if i % 2 else film(i))
    original = film(0)
    (root / "a/COVID/images").mkdir(parents=True)
    save(root / "k/NORMAL/IM-1-1.jpg", cv2.resize(original, (200, 180)))
    save(root / "k/NORMAL/IM-2-1.png", np.rint(255 * (original / 255.0) ** 0.7).astype(np.uint8))
    save(root / "k/PNEUMONIA/person1_virus_1.jpeg", (original * 0.8 + 20).astype(np.uint8))
    save(root / "k/PNEUMONIA/person2_virus_1.jpeg", film(20))
    save(root / "k/PNEUMONIA/person2_virus_2.jpeg", film(21))
    (root / "k/PNEUMONIA/person3_virus_1.jpeg").write_bytes(b"\xff\xd8\xff broken")
    return build(root).set_index("path")


def test_altered_copies_share_a_group(films):
    copies = [
        "a/Normal/images/n0.png",
        "k/NORMAL/IM-1-1.jpg",
        "k/NORMAL/IM-2-1.png",
        "k/PNEUMONIA/person1_virus_1.jpeg",
    ]
    assert films.group[copies].nunique() == 1


def test_other_people_do_not(films):
    assert films.group[[f"a/Normal/images/n{i}.png" for i in range(10)]].nunique() == 10


def test_one_patient_is_one_group(films):
    assert films.group["k/PNEUMONIA/person2_virus_1.jpeg"] == films.group["k/PNEUMONIA/person2_virus_2.jpeg"]


def test_a_group_with_two_labels_is_left_out(films):
    assert set(films.split[films.group == films.group["k/NORMAL/IM-1-1.jpg"]]) == {"left out"}


def test_an_unreadable_film_is_named_with_its_reason(films):
    broken = films.loc["k/PNEUMONIA/person3_virus_1.jpeg"]
    assert broken.split == "unreadable" and broken.note


def test_pairs_by_hand():
    vectors = np.array([[1, 0], [0.9, np.sqrt(1 - 0.81)], [0, 1]], np.float32)
    assert similar_pairs(vectors, 0.85, block=1).tolist() == [[0, 1]]


def test_no_group_crosses_a_split_and_shares_are_kept():
    n = 2000
    rows = pd.DataFrame({"source": "a", "label": ["covid19", "normal"] * (n // 2), "group": np.arange(n) // 2 * 2})
    rows["group"] += np.arange(n) % 2
    rows["path"] = [str(i) for i in range(n)]
    rows["split"] = split(rows, seed=0)
    assert rows.groupby("group").split.nunique().max() == 1
    assert rows.split.value_counts(normalize=True).to_dict() == pytest.approx(
        {"train": 0.78, "test": 0.15, "val": 0.07}, abs=0.01
    )
    assert rows.split.equals(split(rows, seed=0)) and not rows.split.equals(split(rows, seed=1))
