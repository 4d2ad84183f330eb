"""What an audit asks: which models, on which test films and on how many of them."""

from dataclasses import dataclass

import pandas as pd

from ... import inference
from ...errors import TrainingError, UnknownModel

FILMS = 150  # shown changed in every way: all bundled models take about 20 minutes of two cores
PROBED = 4  # times as many are probed: they cost a look each, not one a change
SEED = 0
FRONTAL = "frontal"


@dataclass(frozen=True)
class Plan:
    """models: ids that classify. films: how many are shown changed, at most.

    Raises UnknownModel, and TrainingError for fewer than one film.
    """

    models: tuple[str, ...]
    films: int = FILMS

    def __post_init__(self) -> None:
        known = inference.classifiers()
        strange = [model_id for model_id in self.models if model_id not in known]
        if strange:
            raise UnknownModel(f"{strange[0]} gives no probability to audit. Those that do: {', '.join(known)}.")
        if self.films < 1:
            raise TrainingError(f"--films {self.films} leaves nothing to audit: ask for at least 1.")

    def rows(self, index: pd.DataFrame) -> pd.DataFrame:
        """The test films to ask about, one a group: first ``films`` to be changed, then the others to be probed, last
        those of other views that have no class. Raises TrainingError where there is none with a class."""
        test = index[index.split == "test"]
        labelled = drawn(test[test.label != ""], PROBED * self.films)
        if labelled.empty:
            raise TrainingError("No test film of the index has a class: there is nothing to audit.")
        askew = test[(test.label == "") & ~test["view"].isin(["", FRONTAL]) & ~test.group.isin(labelled.group)]
        return pd.concat([labelled, askew.drop_duplicates("group")], ignore_index=True)


def drawn(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """``count`` films, one a group, the classes in turn and, within a class, its collections in turn, as far as they
    have films; the first films of a longer draw are those of a shorter."""
    each = rows.sample(frac=1, random_state=SEED).drop_duplicates("group")
    each = each.assign(turn=each.groupby(["label", "source"]).cumcount()).sort_values(["turn", "source"])
    each["turn"] = each.groupby("label").cumcount()
    return each.sort_values(["turn", "label"]).head(count).drop(columns="turn").reset_index(drop=True)
