"""A reader's records in words. Pure."""

from collections.abc import Mapping

from cxr_models.readings.agreement import KAPPA_FROM, Agreement, Move, Summary, agrees, move, supporters
from cxr_models.readings.record import FilmRead, Opinion
from cxr_models.types import COVID19, NORMAL, PNEUMONIA
from pages.shared.wording import CLASS_NAMES, listed

DIAGNOSES = {COVID19: "COVID-19", PNEUMONIA: "Pneumonia, not COVID-19", NORMAL: "Normal"}
CONFIDENCE = {1: "Guessing", 2: "Unsure", 3: "Fairly sure", 4: "Sure", 5: "Certain"}
CHANGES: tuple[Move, ...] = ("towards", "away", "neither")
ALONE = "No model has read this film, so there is nothing to compare with."

Titles = Mapping[str, str]


def opinion(said: Opinion) -> str:
    """ "Pneumonia, not COVID-19 (fairly sure), right lower zone"."""
    where = f"{listed(said.regions)} zone{'s' if len(said.regions) > 1 else ''}" if said.regions else "no finding"
    return f"{DIAGNOSES[said.diagnosis]} ({CONFIDENCE[said.confidence].lower()}), {where}"


def agreement(film: FilmRead, said: Opinion, titles: Titles) -> str:
    """Which models agree with a reading, and what the others say."""
    if not film.answers:
        return ALONE
    others: dict[str, list[str]] = {}
    for one in film.answers:
        if not agrees(said.diagnosis, one.said):
            others.setdefault(one.said, []).append(titles[one.model_id])
    with_it = [titles[name] for name in supporters(said.diagnosis, film.answers)]
    named = f": {listed(with_it)}" if with_it else ""
    rest = [f"{len(who)} {_say(len(who))} {CLASS_NAMES[name]}: {listed(who)}." for name, who in others.items()]
    return " ".join([f"**{count(film, said)}**{named}.", *rest])


def count(film: FilmRead, said: Opinion) -> str:
    """ "2 of 5 models agree with you"."""
    with_it, asked = _support(film, said), len(film.answers)
    which = f"All {asked}" if with_it == asked > 1 else f"{with_it or 'None'} of {asked}"
    return f"{which} models {'agrees' if with_it == 1 else 'agree'} with you"


def moved(film: FilmRead) -> str:
    """Where the second reading went; "" without two."""
    if film.before is None or film.after is None:
        return ""
    counts = f"{_support(film, film.after)} of {len(film.answers)} agree now, {_support(film, film.before)} did before"
    return {
        "kept": "You kept your answer.",
        "towards": f"You moved towards the models: {counts}.",
        "away": f"You moved away from the models: {counts}.",
        "neither": f"You changed your answer, neither towards the models nor away: {counts}.",
    }[move(film) or "kept"]


def duration(seconds: float) -> str:
    """ "42 s", "3 min 5 s"."""
    whole = round(seconds)
    return f"{whole}\N{NO-BREAK SPACE}s" if whole < 60 else f"{whole // 60} min {whole % 60}\N{NO-BREAK SPACE}s"


def row(one: Agreement, titles: Titles) -> dict[str, str]:
    """A row of the summary; a model that is no longer in the manifest goes by its id."""
    return {
        "Model": titles.get(one.model_id, one.model_id),
        "Agrees with the reader": f"{one.hits} of {one.n}",
        "Share": f"{one.hits / one.n:.0%}",
        "95 % interval": f"{one.low:.0%} to {one.high:.0%}",
        "Beyond chance (kappa)": _kappa(one),
    }


def moves(found: Summary) -> str:
    """How often readers changed their answer, and whither."""
    towards, away, neither = (found.moves.get(name, 0) for name in CHANGES)
    asked = sum(found.moves.values())
    if not asked:
        return "No film has a second reading yet."
    films = "1 film" if asked == 1 else f"{asked} films"
    said = f"{towards} towards the models, {away} away from them, {neither} neither"
    return f"{films} read again with the models in view: the answer changed on {towards + away + neither} ({said})."


def _kappa(one: Agreement) -> str:
    if one.n < KAPPA_FROM:
        return f"from {KAPPA_FROM} films on"
    return "undefined: one answer only" if one.kappa is None else f"{one.kappa:.2f}"


def _support(film: FilmRead, said: Opinion) -> int:
    return len(supporters(said.diagnosis, film.answers))


def _say(count: int) -> str:
    return "says" if count == 1 else "say"
