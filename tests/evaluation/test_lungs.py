import cv2
import numpy as np
import pandas as pd
import pytest

from cxr_models.errors import TrainingError
from cxr_models.evaluation import lungs
from cxr_models.evaluation.films import Films
from cxr_models.types import Film, Lungs


def box(rows, columns, shape=(40, 40)):
    mask = np.zeros(shape, bool)
    mask[rows, columns] = True
    return mask


def test_overlap_by_hand():
    a, b = box(slice(0, 10), slice(0, 10)), box(slice(0, 10), slice(3, 13))
    assert lungs.dice(a, b) == 2 * 70 / 200 and lungs.iou(a, b) == 70 / 130
    nothing = a & ~a
    assert (lungs.dice(nothing, nothing), lungs.iou(nothing, nothing), lungs.dice(a, nothing)) == (1, 1, 0)


def test_the_boundary_is_the_rim():
    assert len(lungs.boundary(box(slice(5, 10), slice(5, 10)))) == 16
    assert len(lungs.boundary(np.ones((4, 4), bool))) == 12  # the frame's border counts as outside


def test_distances_by_hand():
    left, right = box(slice(0, 40), 10), box(slice(0, 40), 13)
    assert lungs.surface_distances(left, right) == (3, 3)
    assert lungs.surface_distances(left, right, (1.0, 0.5)) == (1.5, 1.5)
    assert lungs.surface_distances(left, left) == (0, 0)
    assert np.isnan(lungs.surface_distances(left, left & ~left)).all()


def test_hausdorff_95_leaves_out_one_pixel_in_thirty_and_the_mean_does_not():
    line = box(slice(0, 30), 10)
    speck = line | box(0, 30)  # one pixel 20 columns away
    mean, hausdorff = lungs.surface_distances(line, speck)
    assert (mean, hausdorff) == (pytest.approx(20 / 61), 0)


def test_each_side_is_held_against_its_own_lung():
    known = box(slice(5, 35), slice(4, 14)) | box(slice(5, 35), slice(26, 36))
    found = box(slice(5, 35), slice(4, 14)) | box(slice(5, 20), slice(26, 36))
    values = lungs.scores(found, known)
    assert values[("Dice", "right lung")] == 1 and values[("Dice", "left lung")] == pytest.approx(300 / 450)
    assert values[("mean surface distance, px", "right lung")] == 0
    assert not any("mm" in name for name, _ in values)
    assert values[("Hausdorff 95, px", "left lung")] > 10


def test_a_known_mask_of_one_region_has_no_sides():
    one = box(slice(5, 35), slice(4, 14))
    assert {about for _, about in lungs.scores(one, one)} == {""}


@pytest.fixture
def films(tmp_path, monkeypatch):
    """Two films with masks; the network finds the first film's lungs exactly and nothing in the second."""
    mask = box(slice(100, 400), slice(60, 220), (512, 512)) | box(slice(100, 400), slice(300, 460), (512, 512))
    cv2.imwrite(str(tmp_path / "mask.png"), mask.astype(np.uint8) * 255)
    for name in ("0.png", "1.png"):
        (tmp_path / name).write_bytes(name.encode())
    monkeypatch.setattr(
        lungs, "read_film", lambda data: Film(np.zeros((512, 512)), data.decode(), "", "PNG", 8, (), (0.5, 0.5))
    )
    found = {"0.png": mask, "1.png": mask & ~mask}
    monkeypatch.setattr(lungs.inference, "find_lungs", lambda film: Lungs(found[film.sha256], 0.3, (), 1.0))
    rows = pd.DataFrame({"path": ["0.png", "1.png"], "mask": "mask.png", "source": ["m", "n"], "group": [0, 1]})
    return tmp_path, Films(rows, "test", "")


def test_an_evaluation_of_lungs_by_hand(films):
    root, films = films
    found = lungs.evaluate("unet", films, root)
    assert (found.n, found.groups, found.classes) == (2, 2, ("lungs",))
    assert found.measure("Dice").value == 0.5 and found.measure("IoU", "left lung").value == 0.5
    assert found.measure("Dice", "collection m").value == 1
    assert (found.measure("Hausdorff 95, mm").value, found.measure("Hausdorff 95, mm").n) == (0, 1)
    assert found.measure("Hausdorff 95, px", "collection n") is None
    assert "In 1 films no lungs were found" in found.notes[-1]


def test_spacing_is_that_of_the_frame():
    assert lungs._spacing(Film(np.zeros((1024, 2048)), "", "", "", 8, (), (0.2, 0.1))) == (0.4, 0.4)


def test_films_without_masks_are_an_error(films):
    root, films = films
    with pytest.raises(TrainingError, match="none of them has a lung mask"):
        lungs.evaluate("unet", Films(films.rows.assign(mask=""), "test", ""), root)
