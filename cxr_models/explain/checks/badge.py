"""One badge from all checks, with its reasons.

How much of a map lies inside the lungs has no weight: a true map of a network that looks at the border must lie at the
border. That is a finding about the network, not a fault of the map. Nor has whether other methods agree: methods ask
different questions, and those that most often find a cause that is known (``evaluate maps --taught``) agree least with
the others.
"""

from collections.abc import Sequence

import numpy as np

from ...types import Badge, Check, Map

LEAST = 0.02  # of all that a map holds: less positive evidence than this is none
FAIL = ("curves", "random")
WEIGHED = ("evidence", *FAIL, "repeat")  # codes of the checks that make the badge


def evidence(made: Map) -> Check:
    """Is there anything for the class? value: the positive share of the sum of absolute values, [0, 1]."""
    positive = float(np.clip(made.values, 0, None).sum(dtype=np.float64))
    total = float(np.abs(made.values).sum(dtype=np.float64))
    share = positive / total if total > 0 else 0.0
    passed = share >= LEAST
    if passed and made.signed:
        sentence = f"{share:.0%} of what the map holds speaks for this answer, the rest against it."
    elif passed:
        sentence = "The map is not empty; it has no sign, so it cannot speak against this answer."
    else:
        sentence = f"By this method nothing on the film speaks for this answer ({share:.1%} of what the map holds)."
    return Check("evidence", passed, sentence, share, LEAST)


def badge(checks: Sequence[Check]) -> Badge:
    """ "fails" when the map says nothing about this network's answer; "doubtful" when it does not last, or when the
    answer could not be tested; else "passes"."""
    failed = {check.code for check in checks if check.passed is False}
    if "evidence" in failed:
        return "no evidence"
    if failed.intersection(FAIL):
        return "fails"
    return "doubtful" if reasons(checks) else "passes"


def reasons(checks: Sequence[Check]) -> tuple[str, ...]:
    """Sentences of the checks that keep a map from passing: failed, or not to be made where the map needs them."""
    return tuple(
        check.sentence
        for check in checks
        if check.code in WEIGHED and (check.passed is False or (check.passed is None and check.code in FAIL))
    )
