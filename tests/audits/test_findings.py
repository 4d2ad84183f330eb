"""Sentences that the figures bear out, and none that they do not."""

from dataclasses import replace

from audit_by_hand import audit, m

from cxr_models.audits import RATIO, findings


def test_every_sentence_has_its_figures():
    said = findings.said(audit())
    assert said[0] == (
        "With the lungs erased, Alpha keeps 0.90 to 0.95 of its macro-F1 of 0.80 on films as they are (four ways of"
        " filling the gap); with nothing but the lungs it keeps 0.40 (0.35 to 0.45)."
    )
    assert said[1].startswith("It does better without the lungs than on the lungs alone")
    assert "8 × 8 grey tiles" in said[2] and "0.48 (0.43 to 0.53)" in said[2]
    assert "Among normal films only" in said[3] and "0.91 (0.86 to 0.96); chance is 0.50 (2 collections)" in said[3]
    assert "disease 0.70 (0.65 to 0.75), chance 0.33; collection 0.94 (0.89 to 0.99), chance 0.50" in said[4]
    assert "0.90 (0.85 to 0.95) on films of the same collection" in said[5] and "0.60 (0.55 to 0.65)" in said[5]
    assert "“Lungs only”, on 50% of 40 films" in said[6] and "“Mirrored”, on 0%" in said[6]
    assert "“Tube”, on 25% of 40 films" in said[7]


def kept(lungs, gone):
    others = [one for one in audit().measures if one.name != RATIO]
    parts = {"Lungs only": lungs, "Lungs erased: black": gone, "Lungs erased: blurred": gone}
    return replace(audit(), measures=(*others, *(m(RATIO, shown, part) for shown, part in parts.items())))


def test_which_part_does_better_is_said_only_where_the_intervals_are_apart():
    assert any("better on the lungs alone" in one for one in findings.said(kept(0.9, 0.4)))
    assert any("better without the lungs" in one for one in findings.said(kept(0.4, 0.9)))
    assert not any("does better" in one for one in findings.said(kept(0.50, 0.55)))
    assert not any("does better" in one for one in findings.said(replace(kept(0.4, 0.9), region="lungs")))


def test_marks_that_change_nothing_are_said_to():
    still = tuple(replace(one, value=0.0, low=0.0) for one in audit().measures)
    said = findings.said(replace(audit(), measures=still))
    assert said[-2:] == [f"No {what} changes an answer, on 40 films." for what in ("edit", "added mark")]


def test_what_was_not_measured_is_not_said():
    nothing = replace(audit(), measures=(), probes=(), matrix=replace(audit().matrix, same=None, other=None))
    assert findings.said(nothing) == []
