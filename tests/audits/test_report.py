"""The page to hand out: whole in itself, with the notice, every figure, and hatched cells that say why."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from audit_by_hand import LOST, audit

from cxr_models.audits import report

VOID = {"meta", "br"}


class Balanced(HTMLParser):
    """Fails on a tag that is closed out of turn or not at all; collects all tags and attributes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def text():
    return report.page([audit()])


def test_nothing_is_loaded_from_anywhere(text):
    seen = Balanced(text)
    assert not {"script", "link", "img", "iframe", "object", "a"} & set(seen.tags)
    assert not {"src", "href", "onload", "srcset"} & {name for name, _ in seen.attributes}
    assert not re.search(r"https?:|url\(|@import|//[a-z]", text)


def test_the_notice_stands_first(text):
    body = text[text.index("<body>") :]
    assert body.startswith('<body>\n<p class="notice" role="note">Research and teaching only. Not for diagnosis.</p>')


def test_every_figure_has_its_interval_and_its_films(text):
    assert "0.80 (0.75 to 0.85), n = 40" in text and "0.94 (0.89 to 0.99), n = 160" in text
    assert "50% <small>45% to 55%</small>" in text and "-0.25 <small>-0.30 to -0.20</small>" in text
    assert "<b>0.55</b><br><small>0.50 to 0.60</small>" in text
    assert "Cramér's V of collection and normal or not: 0.45" in text
    assert "north (20 normal); south (20 COVID-19); Cramér&#x27;s V of collection and class 0.77" in text
    assert "View: not asked. Frontal alone has 10 films or more." in text


def test_cells_without_a_figure_are_hatched_and_say_why(text):
    assert text.count(f'<td class="hatched" title="{LOST}">') == 5
    assert f"<li>{LOST}.</li>" in text


def test_published_figures_stand_beside_ours(text):
    # Axis from 280 to 690: 0.852 lies at 629.3, 0.829 at 619.9, for both fills, 0.723 and 0.642 at 576.4 and 543.2.
    where = [float(x) for x in re.findall(r'<path d="M([\d.]+) ', text)]
    assert where[:5] == [629.3, 576.4, 619.9, 619.9, 543.2]


def test_several_models_stand_side_by_side_and_twins_apart():
    text = report.page(
        [replace(audit("net"), title="Whole"), replace(audit("net-lungs", region="lungs"), title="Lungs")]
    )
    Balanced(text)
    assert "<th>Model</th><th>Whole</th><th>Lungs</th>" in text
    assert "<th>Trained on</th><th>whole films</th><th>lungs alone</th>" in text
    assert "With or without lungs" not in report.page([audit("one"), audit("two")])


def test_what_comes_from_files_is_escaped():
    text = report.page([replace(audit(), title="<b>A & B</b>", notes=("<i>",))])
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in text and "<i>" not in text
