"""The studies: what each trains, how far each has come, and the tables that only a study fills.

A study is every network of a paper's table by its protocol: ``python -m cxr_models study NAME`` trains and measures it
(``training/studies.py``). Here are their names and what the stored evaluations say of them; nothing is trained.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from . import results
from .results import Evaluation, Measure

VALIDATION = "-val"  # added to a protocol's name: measured on its validation films, for a choice
LAYERS, UNITS = (1, 2, 3, 4), (8, 16, 32, 64, 128)
HEAD = re.compile(r"(.+)-(\d)x(\d+)")  # base, dense layers, units of each
SCORE = "macro-F1"
TRAINED, STARTED, CHOSEN = "Trained on ", "Started from ", "Chosen "  # beginnings of notes: how a network came about
FOLDS, FOLDED = 10, "ten-fold"
Find = Callable[[str, str], Evaluation | None]  # system, name of the films -> what is stored


class Study(NamedTuple):
    """Every one of ``ids`` by every one of ``protocols``. paper: as in published.csv. shared: the autoencoder is
    trained once, by the first id, and the others start from it, so that only their heads differ. search: the ids are
    candidates, measured on validation films, and only the best of them on test films. on_lungs: as in that paper,
    every classifier tells COVID-19 from all else on films of the lungs alone."""

    paper: str
    protocols: tuple[str, ...]
    ids: tuple[str, ...]
    shared: bool = False
    search: bool = False
    on_lungs: bool = False

    def members(self) -> list[tuple[str, str]]:
        """(protocol, id) of each, in order."""
        return [(protocol, model_id) for protocol in self.protocols for model_id in self.ids]

    def stored_as(self, protocol: str) -> str:
        """The name of a member's results."""
        return protocol + VALIDATION if self.search else protocol


def search(base: str) -> Study:
    """The 20 heads on a frozen base, fewest weights first (transfer learning study, section on ResNet50, figure 5)."""
    ids = tuple(f"{base}-{layers}x{units}" for layers in LAYERS for units in UNITS)
    return Study("Transfer learning", ("transfer",), ids, shared=True, search=True)


STUDIES = {
    "scenarios": Study(
        "CNN-X",
        ("scenario-1", "scenario-2", "scenario-3"),
        (
            *("alexnet", "vgg16", "vgg19", "resnet18", "resnet50", "resnet101", "googlenet", "inception_v3"),
            *("squeezenet", "inception_resnet_v2", "xception", "densenet201", "cnn-x"),
        ),
    ),
    "heads": Study("CAE", ("cae",), ("cae", "cae-3lstm", "cae-3dense", "cae-5dense"), shared=True),
    "head-search": search("resnet50-frozen"),
    "head-search-vgg16": search("vgg16-frozen"),
    "head-search-densenet121": search("densenet121-frozen"),
    "folds": Study("HRNet", (FOLDED,), ("unet", "hrnet", "resnet152", "densenet121", "efficientnet_b4"), on_lungs=True),
}


def command(name: str, share: float = 1.0, seed: int = 0) -> str:
    """What runs a study, as its evaluations name it."""
    options = (f" --share {share:g}" if share < 1 else "") + (f" --seed {seed}" if seed else "")
    return f"python -m cxr_models study {name}{options}"


def share_of(one: Evaluation) -> float:
    """The part of its recipe's film views that a network was trained for, as the evaluation's command says."""
    found = re.search(r"--share (\S+)", one.command)
    return float(found[1]) if found else 1.0


def best(candidates: Sequence[Evaluation]) -> Evaluation:
    """The one with the highest score; of equals the first."""
    return max(candidates, key=score)


def score(one: Evaluation) -> float:
    found = one.measure(SCORE)
    return found.value if found else 0.0


def measured(study: Study, folder: Path) -> list[Evaluation]:
    """Stored evaluations of its members, in order."""
    found = (
        results.evaluation(model_id, folder=folder, name=study.stored_as(name)) for name, model_id in study.members()
    )
    return [one for one in found if one]


def chosen(base: str, folder: Path) -> Evaluation | None:
    """What a search found for ``base``: the best of all its heads on the test films. None until all heads of one and
    the same command are measured."""
    study = next((one for one in STUDIES.values() if one.search and one.ids[0].startswith(base + "-")), None)
    candidates = measured(study, folder) if study else []
    if not study or len(candidates) < len(study.ids) or len({one.command for one in candidates}) > 1:
        return None
    winner = best(candidates)
    found = results.evaluation(winner.model_id, folder=folder, name=study.protocols[0])
    return found if found and found.command == winner.command else None


def finder(folder: Path) -> Find:
    """What is stored; for a base whose head was searched for, by the search's protocol, the head that was chosen."""
    searched = {study.protocols[0] for study in STUDIES.values() if study.search}

    @cache
    def find(system: str, name: str) -> Evaluation | None:
        head = chosen(system, folder) if name in searched else None
        return head or results.evaluation(system, folder=folder, name=name)

    return find


def state(name: str, folder: Path) -> str:
    """How far a study has come and what goes on with it, in a line; "" when it is done."""
    study, begin = STUDIES[name], command(name)
    ran = [one for one in measured(study, folder) if one.command.startswith(begin)]
    if not ran:
        return f"Study `{name}`, not run yet: `{begin}`."
    if len(ran) < len(study.members()) or (study.search and not chosen(_base(study), folder)):
        return f"Study `{name}`, {len(ran)} of {len(study.members())} so far; `{ran[-1].command}` goes on."
    return ""


def _base(study: Study) -> str:
    return study.ids[0].rpartition("-")[0]


def came_about(one: Evaluation) -> str:
    """How long its network was trained and from where, as the evaluation notes it."""
    return " ".join(note for note in one.notes if note.startswith((CHOSEN, STARTED, TRAINED)))


def shown(m: Measure | None) -> str:
    return f"{m.value:.3f} [{m.low:.3f}, {m.high:.3f}], n = {m.n}" if m else ""


def trainings(used: Sequence[Evaluation]) -> list[str]:
    """How the networks of a table were trained, those alike together, and a warning where some were trained for
    another share of their recipe than others."""
    alike: dict[str, list[str]] = {}
    for one in used:
        first = " (as in its first fold)" if one.name == FOLDED else ""
        alike.setdefault(f"`{one.command}`. {came_about(one)}", []).append(f"{one.model_id}, {one.name}{first}")
    lines = [f"- {'; '.join(names)}: {how}" for how, names in alike.items()]
    shares = sorted({share_of(one) for one in used})
    if len(shares) > 1:
        said = ", ".join(f"{share:g}" for share in shares)
        lines.insert(0, f"- These do not compare: they were trained for different shares of their recipes ({said}).")
    return lines


def extra(name: str, folder: Path) -> tuple[str, list[dict[str, str]], list[str]]:
    """Heading, rows and lines below of the table that only this study has; no rows where there is nothing to show."""
    if STUDIES[name].search:
        return _search(name, folder)
    unets = _unet_folds(folder) if name == "folds" else {}
    rows = [{"system": "unet", "row": row, "Dice": shown(one.measure("Dice"))} for row, one in unets.items()]
    return "The UNet by fold (10-fold)", rows, trainings(list(unets.values()))


def _unet_folds(folder: Path) -> dict[str, Evaluation]:
    names = {f"fold {k + 1}": f"{FOLDED}-{k}" for k in range(FOLDS)} | {"mean of the folds": FOLDED}
    found = {row: results.evaluation("unet", folder=folder, name=name) for row, name in names.items()}
    return {row: one for row, one in found.items() if one}


def _search(name: str, folder: Path) -> tuple[str, list[dict[str, str]], list[str]]:
    """The grid of scores on validation films, a row a number of layers, and what the chosen head does on test films."""
    study = STUDIES[name]
    base, candidates = _base(study), measured(study, folder)
    found = {one.model_id: shown(one.measure(SCORE)) for one in candidates}
    rows = [
        {"layers": str(n)} | {f"{units} units": found.get(f"{base}-{n}x{units}", "") for units in UNITS} for n in LAYERS
    ]
    below, winner = trainings(candidates), chosen(base, folder)
    if winner:
        figures = "; ".join(f"{m.name} {shown(m)}" for m in map(winner.measure, (SCORE, "accuracy")) if m)
        below.append(f"- Chosen: {winner.model_id}. On the test films, which no other head was measured on: {figures}.")
    return f"Search for the head of {base}, {SCORE} on validation films", rows if found else [], below
