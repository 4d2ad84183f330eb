"""A reader's records in words. Pure."""

from collections.abc import Mapping

from cxr_models.readings.agreement import Agreement, Summary, agrees, move, supporters
from cxr_models.readings.record import FilmRead, Opinion
from cxr_models.types import COVID19, NORMAL, PNEUMONIA
from pages.shared.wording import CLASS_NAMES, listed

DIAGNOSES = {COVID19: "COVID-19", PNEUMONIA: "Pneumonia, not COVID-19", NORMAL: "Normal"}
CONFIDENCE = {1: "Guessing", 2: "Unsure", 3: "Fairly sure", 4: "Sure", 5: "Certain"}
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
    with_it = supporters(said.diagnosis, film.answers)
    named = f": {listed([titles[name] for name in with_it])}" if with_it else ""
    against = [f"{CLASS_NAMES[name].capitalize() if name != COVID19 else 'COVID-19'}: {listed(who)}."
               for name, who in others.items()]  # fmt: skip
    return " ".join([f"**{count(film, said)}**{named}.", *against])


def count(film: FilmRead, said: Opinion) -> str:
    """ "2 of 5 models agree with you"."""
    with_it, asked = len(supporters(said.diagnosis, film.answers)), len(film.answers)
    return f"{with_it or 'None'} of {asked} models {'agrees' if with_it == 1 else 'agree'} with you"


def moved(film: FilmRead) -> str:
    """Where the second reading went; "" without two."""
    if film.before is None or film.after is None:
        return ""
    then, now = (len(supporters(one.diagnosis, film.answers)) for one in (film.before, film.after))
    counts = f"{now} of {len(film.answers)} agree with it, {then} did with your first"
    return {
        "kept": "You kept your answer.",
        "towards": f"You moved towards the models: {counts}.",
        "away": f"You moved away from the models: {counts}.",
        "neither": f"You changed your answer, neither towards the models nor away: {counts}.",
    }[move(film) or "kept"]


def duration(seconds: float) -> str:
    """ "42 s", "3 min 5 s"."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def row(one: Agreement, titles: Titles) -> dict[str, str]:
    """A row of the summary; a model that is no longer in the manifest goes by its id."""
    return {
        "Model": titles.get(one.model_id, one.model_id),
        "Agrees with the reader": f"{one.hits} of {one.n}",
        "Share": f"{one.hits / one.n:.0%}",
        "95 % interval": f"{one.low:.0%} to {one.high:.0%}",
        "Beyond chance (kappa)": "" if one.kappa is None else f"{one.kappa:.2f}",
    }


def moves(found: Summary) -> str:
    """How often readers changed their answer, and whither."""
    changed = {name: found.moves.get(name, 0) for name in ("towards", "away", "neither")}
    asked = sum(found.moves.values())
    if not asked:
        return "No film has a second reading yet."
    said = (f"{changed['towards']} towards the models", f"{changed['away']} away from them",
            f"{changed['neither']} neither")  # fmt: skip
    return f"Of {asked} films read twice, the answer changed on {sum(changed.values())}: {listed(said)}."
