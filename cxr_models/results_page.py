"""``docs/results.md``: the papers' printed figures beside ours, written from stored evaluations and never typed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean

from . import manifest, published, results, results_audit, results_maps, results_studies
from .manifest import ROOT
from .published import Published
from .results import FOLDER, Evaluation, Measure
from .results_studies import FOLDED, STUDIES, Find, came_about, finder, shown, trainings

PAGE = ROOT / "docs" / "results.md"
# Names of protocols (cxr_models/data/protocols.py).
BY_IMAGE, BY_GROUP, ELSEWHERE = "by-image", "stored", "other-source"
THEIRS = {  # how a paper split its films -> our protocol: its shares, counts, sources or folds, groups kept whole
    "73/13.5/13.5": "cae",
    "80/20": "transfer",
    "scenario 1": "scenario-1",
    "scenario 2": "scenario-2",
    "scenario 3": "scenario-3",
    "COVIDx": "covidx",
    "10-fold": FOLDED,
}
TITLES = {
    "CAE": "Convolutional autoencoder with LSTM head",
    "Transfer learning": "Frozen networks with dense heads",
    "CoroNet": "CoroNet",
    "CNN-X": "Twelve networks and CNN-X",
    "HRNet": "UNet and HRNet",
}
LEAKY, ITS_OWN, CLEAN, OTHER = "the paper's way", "its protocol, by group", "leak-free", "other source"
COLUMNS = ("system", "row", "class", "figure", "printed", "by definition", LEAKY, ITS_OWN, CLEAN, OTHER)
FOLD, MEAN = re.compile(r"fold (\d+)"), "mean of the folds"
OPENING = """# Results

Written by `python -m cxr_models results --page` from the stored evaluations in `weights/results/`; nothing is typed.
Intervals are 95 %. How each figure is defined: [evaluation.md](evaluation.md). How films are kept apart:
[data.md](data.md).
"""
READING = f"""\
Printed: on the paper's own films. {LEAKY.capitalize()}: ours, split by image, so that one patient can stand on both
sides. {ITS_OWN.capitalize()}: ours, trained anew on the paper's shares, counts, sources or folds as far as films go,
patients and copies on one side. {CLEAN.capitalize()}: what is bundled, on the test films above. Below each table stands
how ours in it were trained, and how briefly; of what is bundled, the section above says so.
"""
NO_LEAK = (
    "The intervals overlap: after so short a training no leak shows. A network gains from copies of its test films "
    "once it has seen its training films often enough to remember them; and the two test sets are not the same films."
)
FOLDS_NOTE = """\
Fold 1 of ours holds other films than the paper's fold 1. In the study `folds`, as in the paper, every classifier tells
COVID-19 from all else on films of the lungs alone: lungs that the bundled UNet finds, which learned from the masks of
some of these films.
"""
NPV_NOTE = """"By definition" is the specificity behind a printed value that is a negative predictive value. In table 2
every one of the 94 printed specificities with a missed film is TN / (TN + FN) of whole films, to the last digit; so are
those of the HRNet study's folds with a missed film. `cxr_models/published.py` computes them, its tests check it.
"""


NOTES = {"CNN-X": NPV_NOTE, "HRNet": FOLDS_NOTE}


def page(folder: Path = FOLDER) -> str:
    """The whole page as Markdown."""
    parts = [
        OPENING,
        "## In plain words\n",
        *plain(folder),
        "\n## Every bundled model, leak-free\n",
        results.table(folder),
    ]
    parts += ["\n## What a leak is worth\n", *leaks(folder), "\n## How short the training was\n", *shortened()]
    parts += ["\n## Maps\n", *maps(folder)]
    parts += ["\n## Shortcuts\n", *shortcuts(folder)]
    parts += ["\n## The papers' tables\n", *papers(folder)]
    return "\n".join(parts).rstrip() + "\n"


def write() -> None:
    """Put the page of what is stored where the repository shows it."""
    PAGE.write_text(page(results.FOLDER), encoding="utf-8")


def plain(folder: Path) -> list[str]:
    """A reading of the figures in sentences."""
    measured = [(one, m) for one in results.stored(folder) if (m := one.measure("macro-F1")) and len(one.classes) == 3]
    if not measured:
        return ["No classifier has been measured."]
    best, score = max(measured, key=lambda pair: pair[1].value)
    lines = [
        f"- The best model of three classes, {best.model_id}: macro-F1 {shown(score)} on the leak-free test films."
    ]
    if alone := best.measure("macro-F1", "source alone"):
        lines.append(
            f"- Answering from the collection alone, without looking at a film: {shown(alone)} on the same films"
            f" (Cramér's V of collection and class {best.cramers_v:.2f}). The rest need not be disease either."
        )
    lines += [sentence for one in results.stored(folder) for sentence in _elsewhere(one.model_id, folder)]
    return [*lines, "- None of these figures says how a model would do on the films of another hospital."]


def _elsewhere(model_id: str, folder: Path) -> list[str]:
    """What became of a model trained without a source, on that source's films."""
    found = results.evaluation(model_id, folder, ELSEWHERE)
    area = found.measure("ROC AUC", "covid19") if found else None
    asked = f"- {model_id}, asked about a source it never trained on: ROC AUC of COVID-19 {shown(area)}."
    return [f"{asked} {came_about(found)}"] if found and area else []


def leaks(folder: Path) -> list[str]:
    """The same recipe on the same films, split by image and by group: the difference is the leak."""
    lines = [
        "| model | figure | split by image | split by group | the leak, in points |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in results.stored(folder):
        leaky, clean = (results.evaluation(one.model_id, folder, name) for name in (BY_IMAGE, BY_GROUP))
        for name in ("macro-F1", "accuracy"):
            pair = [found.measure(name) for found in (leaky, clean) if found]
            if len(pair) == 2 and pair[0] and pair[1]:
                points = 100 * (pair[0].value - pair[1].value)
                lines.append(f"| {one.model_id} | {name} | {shown(pair[0])} | {shown(pair[1])} | {points:+.1f} |")
        if leaky and clean:
            lines += ["", f"{one.model_id} split by image: {came_about(leaky)} By group: {came_about(clean)}"]
            lines += ["", NO_LEAK] if overlap(leaky.measure("macro-F1"), clean.measure("macro-F1")) else []
    if len(lines) == 2:
        return ["Not measured yet: `python -m cxr_models protocol by-image stored --models resnet18`."]
    return lines


def overlap(one: Measure | None, other: Measure | None) -> bool:
    """Whether the two intervals share a value."""
    return bool(one and other and one.low <= other.high and other.low <= one.high)


def shortened() -> list[str]:
    """A sentence a bundled model."""
    specs = manifest.specs().values()
    return [f"- {spec.id}: {spec.training.shortened}" for spec in specs if spec.training.shortened]


def maps(folder: Path) -> Iterator[str]:
    yield results_maps.said(folder)
    for table in results_maps.tables(folder):
        yield from section(*table)


def shortcuts(folder: Path) -> Iterator[str]:
    yield results_audit.said(folder)
    for table in results_audit.tables(folder):
        yield from section(*table)


def papers(folder: Path) -> Iterator[str]:
    yield READING
    find = finder(folder)
    for paper, title in TITLES.items():
        yield f"\n### {title}\n"
        studies = [name for name, study in STUDIES.items() if study.paper == paper]
        yield from (f"{line}\n" for name in studies if (line := results_studies.state(name, folder)))
        if paper in NOTES:
            yield NOTES[paper]
        for heading, figures in printed(paper).items():
            rows = [_row(one, figures, find) for one in figures]
            yield from section(heading, _filled(rows), trainings(_used(figures, find)))
        for name in studies:
            yield from section(*results_studies.extra(name, folder))


def section(heading: str, rows: Sequence[dict[str, str]], below: Sequence[str]) -> Iterator[str]:
    """A table and the lines below it; nothing where it has no rows."""
    if rows:
        yield f"\n{heading}:\n"
        columns = list(rows[0])
        yield from ("| " + " | ".join(line) + " |" for line in (columns, ["---"] * len(columns)))
        yield from ("| " + " | ".join(row.values()) + " |" for row in rows)
        yield from ("", *below) if below else ()


def tables(paper: str, folder: Path = FOLDER) -> dict[str, list[dict[str, str]]]:
    """A paper's printed tables, each with its protocol: heading -> rows, column -> cell, ours beside the printed.

    Columns in which no row has anything are left out. paper: a key of ``TITLES``.
    """
    find = finder(folder)
    return {
        heading: _filled([_row(one, figures, find) for one in figures]) for heading, figures in printed(paper).items()
    }


def printed(paper: str) -> dict[str, list[Published]]:
    """Heading -> figures of each table; a table of folds ends with their mean."""
    found: dict[str, list[Published]] = {}
    for one in (one for one in published.figures() if one.paper == paper):
        found.setdefault(f"{one.table[0].upper()}{one.table[1:]} ({one.protocol})", []).append(one)
    return {heading: [*figures, *_means(figures)] for heading, figures in found.items()}


def _means(figures: Sequence[Published]) -> list[Published]:
    folds = [one for one in figures if FOLD.fullmatch(one.row)]
    names = dict.fromkeys(one.figure for one in folds)
    values = {name: mean(one.value for one in folds if one.figure == name) for name in names}
    return [replace(folds[0], row=MEAN, figure=name, value=value) for name, value in values.items()]


def _names(one: Published) -> dict[str, str]:
    """Column -> name of our evaluation that stands in it."""
    if fold := FOLD.fullmatch(one.row):
        return {ITS_OWN: f"{FOLDED}-{int(fold[1]) - 1}"}
    if one.row == MEAN:
        return {ITS_OWN: FOLDED}
    leaky = {LEAKY: BY_IMAGE} if THEIRS[one.protocol] == "cae" else {}  # the shares by-image has
    return leaky | {ITS_OWN: THEIRS[one.protocol], CLEAN: results.TEST, OTHER: ELSEWHERE}


def _used(figures: Sequence[Published], find: Find) -> list[Evaluation]:
    """Ours in a table, each once, but for those of what is bundled."""
    places = dict.fromkeys((one.system, name) for one in figures for name in _names(one).values())
    return [found for place in places if place[1] != results.TEST and (found := find(*place))]


def _row(one: Published, table: Sequence[Published], find: Find) -> dict[str, str]:
    true, ours = _by_definition(one, table), {column: find(one.system, name) for column, name in _names(one).items()}
    head = [one.system, one.row, one.about or "all", one.figure, f"{one.value:.4f}"]
    head.append(f"{true:.4f}" if true is not None else "")
    cells = (shown(_ours(one, found)) if (found := ours.get(column)) else "" for column in COLUMNS[len(head) :])
    return dict(zip(COLUMNS, (*head, *cells), strict=True))


def _by_definition(one: Published, table: Sequence[Published]) -> float | None:
    """What a printed figure is by definition, None if that; of a mean, the mean of what its folds are."""
    if one.row != MEAN:
        return published.corrected(one)
    folds = [fold for fold in table if fold.figure == one.figure and fold.row != MEAN]
    true = [published.corrected(fold) for fold in folds]
    wrong = any(value is not None for value in true)
    return mean(f.value if t is None else t for f, t in zip(folds, true, strict=True)) if wrong else None


def _filled(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    kept = [name for name in COLUMNS if name in COLUMNS[:5] or any(row[name] for row in rows)]
    return [{name: row[name] for name in kept} for row in rows]


def _ours(one: Published, found: Evaluation) -> Measure | None:
    """Our figure of the same name: of the class, or the plain mean over classes where the paper gives one for all.

    Accuracy has no class; that of a network of two classes stands beside one printed for a class.
    """
    if one.figure == "accuracy":
        return found.measure("accuracy") if not one.about or len(found.classes) == 2 else None
    return found.measure(one.figure if one.about else f"macro-{one.figure}", one.about)


def with_table(text: str, table: str) -> str:
    """``text`` with its table of results replaced. Raises ValueError where it has none."""
    first = table.splitlines()[0]
    start = text.index(first)
    end = text.index("\n\n", start)
    return text[:start] + table + text[end:]
