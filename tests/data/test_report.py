import base64
import re

import pandas as pd
import pytest
from trees import person, save

from cxr_models.data import report, report_page

FIELDS = ["source", "label", "subtype", "age_group", "group", "split", "note", "patient", "view"]
ROWS = [
    ("a", "normal", "", "child", 0, "train", "", "", "frontal"),
    ("a", "normal", "", "child", 1, "train", "", "", "frontal"),
    ("b", "normal", "", "adult", 1, "train", "", "", "frontal"),
    ("b", "covid19", "", "", 2, "test", "", "", "frontal"),
    ("b", "covid19", "", "adult", 2, "test", "", "", "frontal"),
    ("b", "covid19", "", "adult", 3, "unreadable", "The <file> is empty.", "", "frontal"),
    ("b", "", "", "adult", 4, "train", "", "", "lateral"),
]


@pytest.fixture
def films():
    return pd.DataFrame(ROWS, columns=FIELDS).assign(path=[f"{i}.png" for i in range(len(ROWS))])


def test_source_by_label(films):
    section = report.sources(films)
    assert section.table.loc["b"].to_dict() == {"(no label)": 1, "covid19": 3, "normal": 1, "all": 5}
    assert "Cramér's V of source and label is 0.71" in section.text[0] and "One label only: a." in section.text[0]


def test_perfect_confounding_is_said(films):
    said = report.confounding(films[(films.source == "a") | (films.label == "covid19")])
    assert "without exception" in said


def test_one_source_is_said(films):
    assert "one source or one label only" in report.confounding(films[films.source == "a"])


def test_age_by_label(films):
    assert report.ages(films).table.loc["covid19"].to_dict() == {"adult": 2, "child": 0, "unknown": 1, "all": 3}


def test_copies_by_pair_of_collections(films):
    section = report.shared(films)
    assert section.table.to_numpy().tolist() == [[0, 1], [1, 2]]
    assert section.text[0].startswith("2 films have a copy in another collection")


def test_what_is_left_out_and_why(films):
    section = report.left_out(films)
    assert section.table.reset_index().to_numpy().tolist() == [
        ["b", "The <file> is empty.", 1],
        ["b", "not for classification (lateral, no class fits)", 1],
    ]


def test_text_holds_every_section(films):
    text = report.text(films)
    assert all(section.title in text for section in report.sections(films))


def test_the_page_is_one_file_with_a_sheet_for_every_cell(films, tmp_path):
    for number, path in enumerate(films.path[:4]):
        save(tmp_path / path, person(number))
    page = report_page.page(films, "my <index>", tmp_path)
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    assert len(pictures) == 6 and all(base64.b64decode(p).startswith(b"\xff\xd8") for p in pictures)
    assert page.count("<h3>") == 4 and "my &lt;index&gt;" in page and "The &lt;file&gt;" in page
    assert not re.search(r'(src|href)="(?!data:)', page)


def test_without_the_films_there_are_no_sheets(films):
    assert "<img" not in report_page.page(films, "index", None)
