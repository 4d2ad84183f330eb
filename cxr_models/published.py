"""The figures the five papers published, as printed, and what they are by definition where that is something else.

``published.csv``: paper, table, protocol (how the films were split), system (our id), row (its name there), about (a
class, or "" for all), figure, value in [0, 1]. Two papers print a negative predictive value under the name of
specificity; ``corrected`` computes the specificity from it, with nothing but the counts of the paper.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".csv")

# Test films of a class and of all others: CNN-X study, scenarios 2 and 3; HRNet study, one fold (figures 13 and 14).
FILMS = {
    ("CNN-X", "bacterial"): (242, 425),
    ("CNN-X", "covid19"): (43, 624),
    ("CNN-X", "normal"): (234, 433),
    ("CNN-X", "viral"): (148, 519),
    ("HRNet", "covid19"): (41, 50),
}
PRINTED_AS = {("CNN-X", "table 2"), ("HRNet", "table 6"), ("HRNet", "table 7")}
TOLERANCE = 1e-4  # printed to two decimals of a per cent, some cut off instead of rounded


@dataclass(frozen=True)
class Published:
    """One printed figure."""

    paper: str
    table: str
    protocol: str
    system: str
    row: str
    about: str
    figure: str
    value: float


@cache
def figures() -> tuple[Published, ...]:
    """All printed figures, in the papers' order."""
    with FILE.open(newline="") as lines:
        return tuple(_figure(**row) for row in csv.DictReader(lines))


def _figure(value: str, **texts: str) -> Published:
    return Published(**texts, value=float(value))


def of(system: str) -> tuple[Published, ...]:
    """What was printed about one of our systems."""
    return tuple(one for one in figures() if one.system == system)


def sensitivity_beside(one: Published) -> float | None:
    """The sensitivity printed in the same row for the same class, None if there is none."""
    place = (one.table, one.protocol, one.row, one.about)
    found = (o for o in of(one.system) if o.figure == "sensitivity")
    return next((o.value for o in found if (o.table, o.protocol, o.row, o.about) == place), None)


def corrected(one: Published) -> float | None:
    """The specificity behind a "specificity" that is a negative predictive value; None where nothing is to correct.

    With FN missed films of the class, NPV = TN / (TN + FN) gives TN, and specificity is TN / N. Needs FN > 0; the
    printed value must be an NPV of whole films to within its rounding.
    """
    films, sensitivity = FILMS.get((one.paper, one.about)), sensitivity_beside(one)
    if (one.paper, one.table) not in PRINTED_AS or one.figure != "specificity" or not films or sensitivity is None:
        return None
    positives, negatives = films
    missed = positives - round(sensitivity * positives)
    if missed == 0 or one.value == 1:
        return None
    spared = round(one.value * missed / (1 - one.value))
    whole = [n for n in (spared - 1, spared, spared + 1) if 0 <= n <= negatives]
    fitting = [n for n in whole if abs(n / (n + missed) - one.value) < TOLERANCE]
    return fitting[0] / negatives if fitting else None
