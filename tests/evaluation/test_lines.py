"""Files that grow by a line: what a kill cut off is gone, what came before stays."""

from cxr_models.evaluation.lines import whole_lines


def test_a_line_cut_off_is_dropped_and_the_others_stay(tmp_path):
    file = tmp_path / "kept"
    assert whole_lines(file) == []
    file.write_text("one\ntwo\nthr")
    assert whole_lines(file) == ["one", "two"]
    assert file.read_text() == "one\ntwo\n"
