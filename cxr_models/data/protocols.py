"""The papers' own protocols, each by group, and one by image that shows what it leaks.

Each gives a table of the films it uses, one row a film, in the index's order: ``path``; ``role``, "train", "val" or
"test" ("fold" in 10-fold); ``fold``, 0 to 9 or -1; ``class``, what is to be told apart. ``notes`` say where the
paper's numbers could not be met, in sentences.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from ..errors import TrainingError
from ..types import BACTERIAL, COVID19, NORMAL, PNEUMONIA, VIRAL
from .splits import OUT, UNREADABLE, assign

CAE_SHARES = {"test": 0.135, "val": 0.135}
TRANSFER_SHARES = {"test": 0.2, "val": 0.8 * 0.2}
COVIDX = {NORMAL: (7966, 885), PNEUMONIA: (8521, 1058), COVID19: (89, 10)}
SCENARIO_1 = {NORMAL: (1341, 234), COVID19: (111, 43)}
SCENARIO_2 = {NORMAL: (1575, 234), BACTERIAL: (2771, 242), VIRAL: (1494, 148), COVID19: (111, 43)}
SCENARIO_3 = {name: (min(350, train), test) for name, (train, test) in SCENARIO_2.items()}
REST_SHARES = {"val": 0.1}
ENOUGH = 30  # films of a class that a source needs to be tested on alone
FOLDS = 10


@dataclass(frozen=True, eq=False)
class Protocol:
    """table: as above. notes: sentences for the reader."""

    table: pd.DataFrame
    notes: tuple[str, ...] = ()


def usable(films: pd.DataFrame) -> pd.DataFrame:
    """Readable films with a label, of groups whose labels agree."""
    return films[(films.label != "") & ~films.split.isin([OUT, UNREADABLE])]


def _table(films: pd.DataFrame, role: pd.Series | str, fold: np.ndarray | int = -1) -> pd.DataFrame:
    columns = {"path": films.path, "role": role, "fold": fold, "class": films.get("class", films.label)}
    return pd.DataFrame(columns).reset_index(drop=True)


def stored(films: pd.DataFrame, seed: int) -> Protocol:
    """The index's own split, the one the bundled weights were trained on; ``seed`` was used when it was made."""
    chosen = usable(films)
    return Protocol(_table(chosen, chosen.split))


def by_shares(shares: dict[str, float]) -> Callable[[pd.DataFrame, int], Protocol]:
    """A protocol that is shares of the groups of each source and label."""

    def protocol(films: pd.DataFrame, seed: int) -> Protocol:
        chosen = usable(films)
        return Protocol(_table(chosen, assign(chosen, shares, seed)))

    return protocol


def covidx(films: pd.DataFrame, seed: int) -> Protocol:
    """COVIDx as CoroNet counts it: 7,966 / 8,521 / 89 films to train, 885 / 1,058 / 10 to test."""
    chosen = usable(films)
    return _counted(chosen.assign(**{"class": chosen.label}), COVIDX, seed)


def scenario(counts: dict[str, tuple[int, int]]) -> Callable[[pd.DataFrame, int], Protocol]:
    """A scenario of the CNN-X study: COVID-19 is tested on another source than it is trained on.

    The other classes are the films of the source that tells bacterial from viral pneumonia. COVID-19 is trained on
    the source with most such films and tested on the source with most that have no copy or patient in the first.
    """

    def protocol(films: pd.DataFrame, seed: int) -> Protocol:
        chosen = usable(films)
        others, covid = _with_causes(chosen, counts), chosen[chosen.label == COVID19]
        train, test = _two_sources(covid)
        notes = (f"COVID-19 is trained on {train.source.iloc[0]} and tested on {test.source.iloc[0]}.",)
        sided = pd.concat([train.assign(side="train"), test.assign(side="test"), others.assign(side="")])
        return _counted(sided.assign(**{"class": sided.get("class").fillna(COVID19)}), counts, seed, notes)

    return protocol


def _with_causes(films: pd.DataFrame, counts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Films of the source with most bacterial pneumonias, ``class`` their cause or "normal"."""
    causes = films[(films.label == PNEUMONIA) & (films.subtype == BACTERIAL)].source.value_counts()
    if causes.empty:
        raise TrainingError(
            "The scenarios need a collection that tells bacterial from viral pneumonia, such as chest_xray. Add it "
            "and build the index again."
        )
    own = films[(films.source == causes.index[0]) & (films.label != COVID19)]
    own = own.assign(**{"class": own.label.where(own.label == NORMAL, own.subtype)})
    return own[own["class"].isin(counts)]


def _two_sources(covid: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """COVID-19 films of the largest source, and those of the source with most films outside the first's groups."""
    sizes = covid.source.value_counts()
    train = covid[covid.source == sizes.index[0]] if len(sizes) else covid
    rest = covid[~covid.group.isin(train.group)]
    if rest.empty:
        raise TrainingError(
            "The scenarios test COVID-19 on another source than they train on, and this index has only one with "
            "COVID-19 films of its own. Add a second collection and build the index again."
        )
    return train, rest[rest.source == rest.source.value_counts().index[0]]


def _counted(
    films: pd.DataFrame, counts: dict[str, tuple[int, int]], seed: int, notes: tuple[str, ...] = ()
) -> Protocol:
    """(train, test) films of each class, in whole groups drawn at random; fewer of both where there are fewer."""
    rng, parts = np.random.default_rng(seed), []
    said, roles = list(notes), dict[int, str]()
    for name, wanted in counts.items():
        of_class = films[films["class"] == name]
        part = _draw(of_class, wanted, roles, rng)
        got = tuple(int((part.role == role).sum()) for role in ("train", "test"))
        if got != wanted:
            said.append(
                f"{name}: {got[0]:,} films to train and {got[1]:,} to test, where the paper has "
                f"{wanted[0]:,} and {wanted[1]:,}: there are {len(of_class):,} in all, and groups stay whole."
            )
        if min(got) == 0:
            raise TrainingError(f"Too few films of {name}: {got[0]} to train and {got[1]} to test. Add collections.")
        parts.append(part)
    whole = pd.concat(parts).sort_index()
    return Protocol(_table(whole, whole.role), tuple(said))


def _draw(
    films: pd.DataFrame, wanted: tuple[int, int], roles: dict[int, str], rng: np.random.Generator
) -> pd.DataFrame:
    """Films of one class with ``role``: test first, then train, each filled with whole groups as far as they fit.

    A group that has one of ``roles`` already, for films of another class, can only have the same, and goes first; the
    groups drawn here are added to ``roles``.
    """
    side = films["side"] if "side" in films else pd.Series("", films.index)
    scale = 1.0 if side.isin(["train", "test"]).any() else min(1.0, len(films) / sum(wanted))
    room = {"test": round(wanted[1] * scale), "train": round(wanted[0] * scale)}
    order = sorted(rng.permutation(films.group.unique()), key=lambda number: number not in roles)
    sizes, sides = films.groupby("group").size(), side.groupby(films.group).first()
    drawn: dict[int, str] = {}
    for name in room:
        for number in order:
            free = number not in drawn and roles.get(number, name) == name and sides[number] in ("", name)
            if free and sizes[number] <= room[name]:
                drawn[number] = name
                room[name] -= sizes[number]
    roles.update(drawn)
    return films.assign(role=films.group.map(drawn)).dropna(subset="role")


def ten_fold(films: pd.DataFrame, seed: int) -> Protocol:
    """10 folds of whole groups, stratified by source and label; ``fold`` is the one a film is tested in.

    Films with lung masks are among them, labelled or not.
    """
    chosen = films[((films.label != "") | (films["mask"] != "")) & ~films.split.isin([OUT, UNREADABLE])]
    fold = np.full(len(chosen), -1)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for number, (_, test) in enumerate(folds.split(chosen, chosen.source + "/" + chosen.label, chosen.group)):
        fold[test] = number
    return Protocol(_table(chosen, "fold", fold))


def other_source(films: pd.DataFrame, seed: int) -> Protocol:
    """Trained without one source and tested on it, a source that has COVID-19 and another class itself, so that
    knowing the source does not give the class away.

    It is the smallest source with ``ENOUGH`` films of both; films of its groups in other sources are not used.
    Raises TrainingError where no source has both.
    """
    chosen = usable(films)
    counts = (
        chosen.groupby(["source", "label"]).size().unstack(fill_value=0).reindex(columns=[COVID19, NORMAL, PNEUMONIA])
    )
    both = (counts[COVID19] >= ENOUGH) & (counts.drop(columns=COVID19).max(axis=1) >= ENOUGH)
    if not both.any():
        raise TrainingError(f"No source has {ENOUGH} films of COVID-19 and of another class. Add such a collection.")
    name = counts[both].sum(axis=1).idxmin()
    test = chosen[chosen.source == name]
    rest = chosen[~chosen.group.isin(test.group)]
    parts = pd.concat([test.assign(role="test"), rest.assign(role=assign(rest, REST_SHARES, seed))]).sort_index()
    return Protocol(_table(parts, parts.role), (f"Trained without {name}, tested on all of it.",))


def by_image(films: pd.DataFrame, seed: int) -> Protocol:
    """A demonstration of a leak, never for a result: the CAE paper's shares, but film by film."""
    chosen = usable(films)
    table = _table(chosen, assign(chosen.assign(group=np.arange(len(chosen))), CAE_SHARES, seed))
    return Protocol(table, ("This split is a demonstration. " + leak(chosen, table),))


def leak(films: pd.DataFrame, table: pd.DataFrame) -> str:
    """How many test films of ``table`` have a copy, or another film of their patient, in train: one sentence."""
    groups = table.path.map(films.set_index("path").group)
    test = groups[table.role == "test"]
    leaked = int(test.isin(set(groups[table.role == "train"])).sum())
    share = leaked / len(test) if len(test) else 0.0
    return f"{leaked:,} of {len(test):,} test films ({share:.1%}) have a copy or the same patient in train."


PROTOCOLS: dict[str, Callable[[pd.DataFrame, int], Protocol]] = {
    "stored": stored,
    "cae": by_shares(CAE_SHARES),
    "transfer": by_shares(TRANSFER_SHARES),
    "covidx": covidx,
    "scenario-1": scenario(SCENARIO_1),
    "scenario-2": scenario(SCENARIO_2),
    "scenario-3": scenario(SCENARIO_3),
    "ten-fold": ten_fold,
    "other-source": other_source,
    "by-image": by_image,
}


def protocol(name: str, films: pd.DataFrame, seed: int = 0) -> Protocol:
    """The protocol of that name. Raises TrainingError for another name, or films that it cannot be made of."""
    if name not in PROTOCOLS:
        raise TrainingError(f"There is no protocol {name!r}. The protocols are: {', '.join(PROTOCOLS)}.")
    found = PROTOCOLS[name](films, seed)
    if found.table.empty:
        raise TrainingError("The index holds no film that is labelled, readable and without conflict. Build it again.")
    return found
