import os

import cv2
import numpy as np
import pytest
from trees import person, save

from cxr_models.data import index, thumbnails
from cxr_models.errors import TrainingError


def tree(root):
    """Four people, three altered copies of one under other names and another label, an unreadable file."""
    for i in range(4):
        save(root / f"a/Normal/images/n{i}.png", person(i))
    save(root / "a/COVID/images/c.png", person(30))
    original = person(0)
    save(root / "k/NORMAL/IM-1-1.jpg", cv2.resize(original, (200, 180)))
    save(root / "k/NORMAL/IM-2-1.png", np.rint(255 * (original / 255.0) ** 0.7).astype(np.uint8)[8:-12, 10:-8])
    save(root / "k/PNEUMONIA/person1_virus_1.jpeg", (original * 0.8 + 20).astype(np.uint8))
    save(root / "k/PNEUMONIA/person2_virus_1.jpeg", person(20))
    save(root / "k/PNEUMONIA/person2_bacteria_2.jpeg", person(21))
    (root / "k/PNEUMONIA/person3_virus_1.jpeg").write_bytes(b"\xff\xd8\xff broken")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("films")
    tree(root)
    return root


@pytest.fixture(scope="module")
def built(root, tmp_path_factory):
    return index.build(root, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def films(built):
    return built.films.set_index("path")


COPIES = ["a/Normal/images/n0.png", "k/NORMAL/IM-1-1.jpg", "k/NORMAL/IM-2-1.png", "k/PNEUMONIA/person1_virus_1.jpeg"]


def test_the_columns_stand_in_their_order(built):
    wanted = "path source label subtype patient view age_group mask sha256 note group split"
    assert list(built.films) == wanted.split()


def test_altered_copies_share_a_group_and_no_other_film_does(films):
    assert films.group[COPIES].nunique() == 1
    assert (films.group == films.group[COPIES[0]]).sum() == len(COPIES)


def test_one_patient_is_one_group(films):
    assert films.group["k/PNEUMONIA/person2_virus_1.jpeg"] == films.group["k/PNEUMONIA/person2_bacteria_2.jpeg"]


def test_a_group_with_two_labels_is_left_out_and_says_why(films):
    assert set(films.split[COPIES]) == {"left out"}
    assert set(films.note[COPIES]) == {
        "The films of this group, copies or one patient's, are labelled normal, pneumonia."
    }


def test_an_unreadable_film_is_named_with_its_reason(films):
    broken = films.loc["k/PNEUMONIA/person3_virus_1.jpeg"]
    assert broken.split == "unreadable" and "JPEG" in broken.note


def test_an_earlier_split_is_kept(root, tmp_path, built):
    earlier = built.films.assign(split=["val"] * len(built.films))
    again = index.build(root, tmp_path, 5, earlier).films
    assert set(again.split) == {"val", "left out", "unreadable"}


def test_only_changed_films_are_read_again(root, tmp_path, monkeypatch):
    read = []
    describe = thumbnails.describe
    monkeypatch.setattr(thumbnails, "describe", lambda root, path: (read.append(path), describe(root, path))[1])
    first = index.build(root, tmp_path).films
    assert len(read) == len(first)
    assert index.build(root, tmp_path).films.equals(first) and len(read) == len(first)
    os.utime(root / COPIES[0], ns=(1, 1))
    assert index.build(root, tmp_path).films.equals(first) and read[len(first) :] == [COPIES[0]]


def test_a_damaged_cache_is_made_again(root, tmp_path, built):
    (tmp_path / "pictures.npy").write_bytes(b"\x93NUMPY")
    (tmp_path / "pairs.npz").write_bytes(b"PK")
    assert index.build(root, tmp_path).films.equals(built.films)


def test_an_index_is_read_as_it_was_written(built, tmp_path):
    index.write(built.films, tmp_path / "deep/index.csv")
    assert index.read(tmp_path / "deep/index.csv").equals(built.films)


def test_an_older_index_has_blanks(built, tmp_path):
    index.write(built.films.drop(columns=["subtype", "age_group"]), tmp_path / "index.csv")
    assert (index.read(tmp_path / "index.csv").subtype == "").all()


@pytest.mark.parametrize(
    "content, said", [(None, "There is no index"), (b"path\n\xff", "not in UTF-8"), (b"path\na", "cannot be read")]
)
def test_an_index_that_cannot_be_read_says_why(tmp_path, content, said):
    if content:
        (tmp_path / "index.csv").write_bytes(content)
    with pytest.raises(TrainingError, match=said):
        index.read(tmp_path / "index.csv")
