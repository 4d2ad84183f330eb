"""What an index holds, as tables: the same for the terminal and the HTML page."""

from dataclasses import dataclass

import pandas as pd

from .confounding import cramers_v, perfectly_confounded
from .splits import OUT, UNREADABLE

NO_LABEL = "(no label)"
UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Section:
    """title, sentences to read, and a table (its index is shown)."""

    title: str
    text: tuple[str, ...]
    table: pd.DataFrame


def sections(films: pd.DataFrame) -> list[Section]:
    """Everything the report says of an index, in order."""
    return [sources(films), split_counts(films), ages(films), shared(films), left_out(films)]


def _counts(films: pd.DataFrame, rows: str, columns: str) -> pd.DataFrame:
    table = pd.crosstab(films[rows], films[columns], margins=True, margins_name="all")
    return table.rename_axis(index=None, columns=None)


def _named(films: pd.DataFrame) -> pd.DataFrame:
    return films.assign(label=films.label.replace("", NO_LABEL), age_group=films.age_group.replace("", UNKNOWN))


def sources(films: pd.DataFrame) -> Section:
    """Source x label, with how far the one gives the other away."""
    labelled = films[films.label != ""]
    return Section("Films by source and label", (confounding(labelled),), _counts(_named(films), "source", "label"))


def confounding(labelled: pd.DataFrame) -> str:
    """Cramér's V of source and label in words."""
    v = cramers_v(labelled.source, labelled.label)
    if perfectly_confounded(labelled.source, labelled.label):
        return "Source and label go together without exception (Cramér's V = 1): no figure over them means anything."
    if v != v:
        return "There is one source or one label only: nothing to be told apart, or nothing to confuse it with."
    single = labelled.groupby("source").label.nunique()
    alone = ", ".join(single.index[single == 1])
    said = f" One label only: {alone}." if alone else ""
    return f"Cramér's V of source and label is {v:.2f} (0: independent, 1: the source gives the label away).{said}"


def split_counts(films: pd.DataFrame) -> Section:
    """Label x split."""
    said = f"{films.group.nunique():,} groups of {len(films):,} films: no patient and no copy is on two sides."
    return Section("Splits", (said,), _counts(_named(films), "label", "split"))


def ages(films: pd.DataFrame) -> Section:
    """Label x adult or child: a model that tells age scores without seeing disease where these go together."""
    labelled = _named(films[films.label != ""])
    known = labelled[labelled.age_group != UNKNOWN]
    v = cramers_v(known.age_group, known.label)
    said = (
        f"Cramér's V of age group and label, where the age is known ({len(known):,} films): {v:.2f}." if v == v else ""
    )
    return Section("Adults and children", (said,) if said else (), _counts(labelled, "label", "age_group"))


def shared(films: pd.DataFrame) -> Section:
    """How many films of each source (row) have a copy in each other source (column); the diagonal: in their own, or
    another film of their patient."""
    names = sorted(films.source.unique())
    there = pd.crosstab(films.group, films.source)
    of_film = there.loc[films.group].to_numpy() > 0
    table = pd.DataFrame(of_film, columns=there.columns).groupby(films.source.to_numpy()).sum()
    alone = films.groupby(["source", "group"]).path.transform("size") > 1
    for name in names:
        table.loc[name, name] = int(alone[films.source == name].sum())
    across = int((of_film.sum(axis=1) > 1).sum())
    said = (
        f"{across:,} films have a copy in another collection. A row's films that stand in a column's collection too; "
        "on the diagonal, films with a copy or another film of their patient in their own collection.",
    )
    return Section("Copies", said, table.loc[names, names].astype(int).rename_axis(index=None, columns=None))


def left_out(films: pd.DataFrame) -> Section:
    """Films of no split, by source and reason, and what has no label."""
    out = films[films.split.isin([OUT, UNREADABLE])]
    unlabelled = films[(films.label == "") & ~out.index.to_series().reindex(films.index).notna()]
    reasons = pd.concat(
        [
            out[["source"]].assign(reason=out.note),
            unlabelled[["source"]].assign(reason="not for classification (" + unlabelled["view"] + ", no class fits)"),
        ]
    )
    table = reasons.groupby(["reason", "source"]).size().rename("films").reset_index().set_index("source")
    said = (
        f"{(out.split == OUT).sum():,} films are left out because their group has two labels, "
        f"{(out.split == UNREADABLE).sum():,} cannot be read. {len(unlabelled):,} have no label and serve for lungs "
        "or the gate only."
    )
    return Section("Left out", (said,), table.rename_axis(index=None))


def text(films: pd.DataFrame) -> str:
    """The report for a terminal."""
    parts = []
    for section in sections(films):
        head = f"{section.title}\n{'-' * len(section.title)}"
        parts.append("\n".join([head, *section.text, section.table.to_string()]))
    return "\n\n".join(parts)
