"""``docs/results.md``: the papers' printed figures beside ours, written from stored evaluations and never typed."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from . import manifest, published, results
from .published import Published
from .results import FOLDER, Evaluation, Measure

# Names of protocols (cxr_models/data/protocols.py).
BY_IMAGE, BY_GROUP, ELSEWHERE = "by-image", "stored", "other-source"
THEIRS = {  # else split by image
    "scenario 1": "scenario-1",
    "scenario 2": "scenario-2",
    "scenario 3": "scenario-3",
    "COVIDx": "covidx",
    "10-fold": "ten-fold",
}
TITLES = {
    "CAE": "Convolutional autoencoder with LSTM head",
    "Transfer learning": "Frozen networks with dense heads",
    "CoroNet": "CoroNet",
    "CNN-X": "Twelve networks and CNN-X",
    "HRNet": "UNet and HRNet",
}
COLUMNS = (
    "system",
    "row",
    "class",
    "figure",
    "printed",
    "by definition",
    "the paper's way",
    "leak-free",
    "other source",
)
OPENING = """# Results

Written by `python -m cxr_models results --page` from the stored evaluations in `weights/results/`; nothing is typed.
Intervals are 95 %. How each figure is defined: [evaluation.md](evaluation.md). How films are kept apart:
[data.md](data.md).
"""
NPV_NOTE = """"By definition" is the specificity behind a printed value that is a negative predictive value. In table 2
every one of the 94 printed specificities with a missed film is TN / (TN + FN) of whole films, to the last digit; so are
those of the HRNet study's folds with a missed film. `cxr_models/published.py` computes them, its tests check it.
"""


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
    parts += ["\n## The papers' tables\n", *papers(folder)]
    return "\n".join(parts).rstrip() + "\n"


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
    return [f"{asked} {trained(found)}"] if found and area else []


def trained(found: Evaluation) -> str:
    """How long the network of a protocol was trained, as the evaluation notes it."""
    return next((note for note in found.notes if note.startswith("Trained on ")), "")


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
            lines += ["", f"{one.model_id} split by image: {trained(leaky)} By group: {trained(clean)}"]
    if len(lines) == 2:
        return ["Not measured yet: `python -m cxr_models protocol by-image stored --models resnet18`."]
    return lines


def shortened() -> list[str]:
    """A sentence a bundled model."""
    specs = manifest.specs().values()
    return [f"- {spec.id}: {spec.training.shortened}" for spec in specs if spec.training.shortened]


def papers(folder: Path) -> Iterable[str]:
    for paper, title in TITLES.items():
        yield f"\n### {title}\n"
        if paper == "CNN-X":
            yield NPV_NOTE
        for heading, rows in tables(paper, folder).items():
            yield f"\n{heading}:\n"
            columns = list(rows[0])
            yield from ("| " + " | ".join(line) + " |" for line in (columns, ["---"] * len(columns)))
            yield from ("| " + " | ".join(row.values()) + " |" for row in rows)


def tables(paper: str, folder: Path = FOLDER) -> dict[str, list[dict[str, str]]]:
    """A paper's printed tables, each with its protocol: heading -> rows, column -> cell, ours beside the printed.

    Columns in which no row has anything are left out. paper: a key of ``TITLES``.
    """
    printed = [one for one in published.figures() if one.paper == paper]
    measured = _measured({one.system for one in printed}, folder)
    found: dict[str, list[dict[str, str]]] = {}
    for one in printed:
        heading = f"{one.table[0].upper()}{one.table[1:]} ({one.protocol})"
        found.setdefault(heading, []).append(_row(one, measured))
    return {heading: _filled(rows) for heading, rows in found.items()}


def _measured(systems: Iterable[str], folder: Path) -> dict[tuple[str, str], Evaluation]:
    """(system, name of the films) -> evaluation, of those that are stored."""
    names = (BY_IMAGE, *THEIRS.values(), results.TEST, ELSEWHERE)
    found = {(one, name): results.evaluation(one, folder=folder, name=name) for one in systems for name in names}
    return {key: one for key, one in found.items() if one}


def _row(one: Published, measured: dict[tuple[str, str], Evaluation]) -> dict[str, str]:
    true = published.corrected(one)
    names = (THEIRS.get(one.protocol, BY_IMAGE), results.TEST, ELSEWHERE)
    ours = (measured.get((one.system, name)) for name in names)
    definition = f"{true:.4f}" if true is not None else ""
    head = [one.system, one.row, one.about or "all", one.figure, f"{one.value:.4f}", definition]
    cells = head + [shown(_ours(one, found)) if found else "" for found in ours]
    return dict(zip(COLUMNS, cells, strict=True))


def _filled(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    kept = [name for name in COLUMNS if name in COLUMNS[:5] or any(row[name] for row in rows)]
    return [{name: row[name] for name in kept} for row in rows]


def _ours(one: Published, found: Evaluation) -> Measure | None:
    """Our figure of the same name: of the class, or the plain mean over classes where the paper gives one for all."""
    name = one.figure if one.about or one.figure == "accuracy" else f"macro-{one.figure}"
    return found.measure(name, one.about)


def shown(m: Measure | None) -> str:
    return f"{m.value:.3f} [{m.low:.3f}, {m.high:.3f}], n = {m.n}" if m else ""


def with_table(text: str, table: str) -> str:
    """``text`` with its table of results replaced. Raises ValueError where it has none."""
    first = table.splitlines()[0]
    start = text.index(first)
    end = text.index("\n\n", start)
    return text[:start] + table + text[end:]
