"""Marks on a film: where they lie, how strong they are, and nothing else changes."""

import numpy as np
import pytest

from cxr_models.shortcuts.marks import BLACK, BRIGHT, KINDS, Mark, cover, laid, marked, overlap

GREY = np.full((200, 300), 0.4, np.float32)


def changed(mark, film=GREY):
    rows, columns = np.nonzero(marked(film, mark) != film)
    return rows.min(), rows.max() + 1, columns.min(), columns.max() + 1


def test_a_cover_lies_with_its_centre_at_the_place():
    """A cover of 4 x 6 at the middle of 20 x 30: rows 8 to 11, columns 12 to 17."""
    on_film, on_cover = overlap((20, 30), (4, 6), 0.5, 0.5)
    assert on_film == (slice(8, 12), slice(12, 18)) and on_cover == (slice(0, 4), slice(0, 6))


def test_what_hangs_over_the_edge_is_cut_off():
    on_film, on_cover = overlap((20, 30), (4, 6), 0.0, 1.0)
    assert on_film == (slice(0, 2), slice(27, 30)) and on_cover == (slice(2, 4), slice(0, 3))


def test_ink_over_film_by_hand():
    """A cover of one full and one half pixel at opacity 0.5 on grey 0.4, in ink of 0.97."""
    found = laid(
        np.full((1, 2), 0.4, np.float32), np.array([[1, 0.5]], np.float32), Mark(row=0.5, column=0.5, opacity=0.5)
    )
    assert found[0].tolist() == pytest.approx([0.5 * 0.4 + 0.5 * BRIGHT, 0.75 * 0.4 + 0.25 * BRIGHT])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_covers_a_part_and_none_at_opacity_0(kind):
    mark = Mark(kind, row=0.5, column=0.5, size=0.3)
    drawn = cover(GREY.shape, mark)
    assert drawn.dtype == np.float32 and drawn.min() >= 0 and 0.5 < drawn.max() <= 1
    assert 0.001 < (marked(GREY, mark) != GREY).mean() < 0.95
    faint = Mark(kind, row=0.5, column=0.5, size=0.3, opacity=0.0)
    assert np.array_equal(marked(GREY, faint), GREY)


@pytest.mark.parametrize("size", [0.05, 0.1, 0.3])
def test_letters_are_as_tall_as_asked(size):
    top, bottom, left, right = changed(Mark(text="H", row=0.5, column=0.5, size=size))
    assert bottom - top == pytest.approx(200 * size, abs=2 + 0.06 * 200 * size)
    assert (top + bottom) / 2 == pytest.approx(100, abs=2) and (left + right) / 2 == pytest.approx(150, abs=2)


def test_turned_by_a_right_angle_a_word_stands_upright():
    lying, standing = (changed(Mark(text="PORTABLE", row=0.5, column=0.5, size=0.05, angle=a)) for a in (0, 90))
    assert standing[1] - standing[0] == pytest.approx(lying[3] - lying[2], abs=3)


def test_anticlockwise():
    """A word at 45 degrees rises to the right: its right half lies above its left half."""
    rows, columns = np.nonzero(marked(GREY, Mark(text="IIIIIIIII", row=0.5, column=0.5, size=0.06, angle=45)) != GREY)
    assert rows[columns > 150].mean() < rows[columns < 150].mean()


def test_a_border_is_black_and_as_wide_as_asked():
    """A tenth of 200 rows is 20 pixels on every side."""
    found = marked(GREY, Mark("border", size=0.1))
    assert (found[:19] == BLACK).all() and (found[:, :19] == BLACK).all() and (found[-19:] == BLACK).all()
    assert np.array_equal(found[21:-21, 21:-21], GREY[21:-21, 21:-21])


def test_a_mark_larger_than_the_film_is_cut():
    assert marked(GREY, Mark(text="WIDE WORDS", size=0.9, row=0.1, column=0.1)).shape == GREY.shape


@pytest.mark.parametrize(
    "wrong, why",
    [
        ({"kind": "arrow"}, "no mark 'arrow'.*text, leads"),
        ({"text": "  "}, "no letters"),
        ({"row": 1.2}, "shares from 0 to 1"),
        ({"opacity": -0.1}, "shares"),
        ({"size": 0}, "size above 0"),
    ],
)
def test_what_is_out_of_range_is_said(wrong, why):
    with pytest.raises(ValueError, match=why):
        Mark(**wrong)
