"""Results to sentences for a reader. Pure: no Streamlit, no models, no files."""

from collections import Counter
from collections.abc import Mapping, Sequence

from cxr_models.manifest import ModelSpec
from cxr_models.prevalence import natural
from cxr_models.results import Evaluation
from cxr_models.sets import prediction_set
from cxr_models.types import (
    BACTERIAL,
    COVID19,
    NON_COVID19,
    NORMAL,
    PNEUMONIA,
    VIRAL,
    Film,
    Lungs,
    Prediction,
    Reading,
    Verdict,
)

CLASS_NAMES = {
    COVID19: "COVID-19",
    NORMAL: "normal",
    PNEUMONIA: "pneumonia",
    NON_COVID19: "not COVID-19",
    BACTERIAL: "bacterial pneumonia",
    VIRAL: "viral pneumonia",
}
RARE = 0.05
UNET = "unet"  # the network that finds lungs
NAMED = 2  # models that disagree are named up to this many


def listed(names: Sequence[str]) -> str:
    """("a", "b", "c") -> "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def called(spec: ModelSpec) -> str:
    """A model's name within a sentence, with what it is shown where that is not the film."""
    unsaid = spec.input.region == "lungs" and "lungs" not in spec.title
    return f"{spec.title}, on the lungs alone," if unsaid else spec.title


def answers(classes: Sequence[str]) -> str:
    """What a model can answer: "COVID-19, normal or pneumonia"."""
    names = [CLASS_NAMES[name] for name in classes]
    return f"{', '.join(names[:-1])} or {names[-1]}"


def agreement(predictions: Sequence[Prediction], names: Mapping[str, str]) -> str:
    """One sentence on who says COVID-19, that is, at or above the model's own threshold.

    names: model id -> how it is called in the sentence, for example "HRNet, on the lungs alone,".
    """
    for_it = [one for one in predictions if one.positive]
    against = [one for one in predictions if not one.positive]
    if not predictions:
        return "No model has read this film."
    if len(predictions) == 1:
        return _alone(predictions[0], names)
    count, asked = len(for_it), len(predictions)
    if not for_it:
        return f"{'Neither' if asked == 2 else f'None of {asked}'} says COVID-19; {_others(against)}."
    if not against:
        return f"{'Both' if asked == 2 else f'All {asked}'} say COVID-19."
    return f"{count} of {asked} {_say(count)} COVID-19; {_dissent(for_it, against, names)}."


def cautious(predictions: Sequence[Prediction]) -> str:
    """Of the models that say COVID-19, how many find another class more probable; "" for none."""
    count = sum(one.positive and one.decided != COVID19 for one in predictions)
    if not count:
        return ""
    which = "one of these models" if count == 1 else f"{count} of these models"
    return (
        f"For {which} another answer is more probable: a threshold lies where sensitivity and specificity together "
        "were best on validation films, and that can be below one half."
    )


def _alone(one: Prediction, names: Mapping[str, str]) -> str:
    if one.positive:
        return f"{names[one.model_id]} says COVID-19."
    return f"{names[one.model_id]} does not say COVID-19, but {CLASS_NAMES[one.answer]}."


def _dissent(for_it: Sequence[Prediction], against: Sequence[Prediction], names: Mapping[str, str]) -> str:
    if len(against) <= NAMED:
        return f"{listed([names[one.model_id] for one in against])} {'does' if len(against) == 1 else 'do'} not"
    if len(for_it) <= NAMED:
        return f"only {listed([names[one.model_id] for one in for_it])} {'does' if len(for_it) == 1 else 'do'}"
    return _others(against)


def _others(against: Sequence[Prediction]) -> str:
    counts = Counter(one.answer for one in against).most_common()
    return listed([f"{count} {_say(count)} {CLASS_NAMES[name]}" for name, count in counts])


def _say(count: int) -> str:
    return "says" if count == 1 else "say"


def threshold(one: Prediction) -> str:
    """Where COVID-19 stands against the model's threshold, with a shape so that colour is not needed."""
    where = "▲ COVID-19 at or above" if one.positive else "▽ COVID-19 below"
    return f"{where} its threshold of {one.threshold:.2f}"


def not_ruled_out(one: Prediction, measured: Evaluation | None) -> tuple[str, ...]:
    """The classes that the model keeps at its stored coverage; all of them where none is stored."""
    if measured is None or measured.conformal is None:
        return one.classes
    return prediction_set(one.classes, one.probabilities, measured.conformal.cuts)


def in_use(one: Prediction, measured: Evaluation) -> list[str]:
    """What the model's threshold means in films, here and where COVID-19 is rare, and what it rules out."""
    found = measured.measure("sensitivity at threshold", COVID19)
    spared = measured.measure("specificity at threshold", COVID19)
    said = []
    if found and spared:
        here = natural(measured.prevalence(COVID19), found.value, spared.value)
        rare = natural(RARE, found.value, spared.value)
        said = [f"Its threshold, on its {measured.n:,} test films: {here.sentence(CLASS_NAMES[COVID19])}"]
        said += [f"Where the finding is rare: {rare.sentence(CLASS_NAMES[COVID19])}"]
    return said + _ruled_out(one, measured)


def _ruled_out(one: Prediction, measured: Evaluation) -> list[str]:
    if measured.conformal is None:
        return []
    kept = not_ruled_out(one, measured)
    covered = measured.measure("coverage of sets")
    held = f" On test films the right class was kept {covered.value:.0%} of the time." if covered else ""
    if not kept:
        return [f"The film is unlike nearly all films of every class on which the model was calibrated.{held}"]
    names = listed([CLASS_NAMES[name] for name in kept])
    return [f"Not ruled out at {measured.conformal.coverage:.0%}: {names}.{held} Elsewhere nothing is promised."]


def gate(reading: Reading) -> str:
    """The gate's verdict in one line, and why nobody looked for the lungs where nobody did."""
    unsought = "" if reading.lungs is not None else f" The lungs were not looked for. {reading.failures.get(UNET, '')}"
    return _verdict(reading.verdict, bool(unsought)) + unsought.rstrip()


def _verdict(verdict: Verdict, unsought: bool) -> str:
    if verdict.status == "ok":
        return f"Fit to be read: a frontal chest film{'.' if unsought else ' with both lungs in view.'}"
    reasons = " ".join(reason.sentence for reason in verdict.reasons if _counts(reason.severity, verdict))
    return f"{'Read with care' if verdict.status == 'warned' else 'Not fit to be read'}: {reasons}"


def _counts(severity: str, verdict: Verdict) -> bool:
    return severity == ("refuse" if verdict.status == "refused" else "warn")


def area(lungs: Lungs, film: Film) -> str:
    """Area of the lungs: share of the film, and cm² where the film states its pixel spacing."""
    if not lungs.areas:
        return "No lungs were found on this film."
    text = f"Lungs as found: {lungs.area_fraction:.0%} of the film"
    if film.spacing_mm is not None:
        per_pixel = film.spacing_mm[0] * film.spacing_mm[1] / 100
        text += f", about {lungs.area_fraction * film.pixels.size * per_pixel:.0f} cm² by the pixel size it states"
    return f"{text}. Dense lung may be left out: no measurement."


def measured(name: str) -> str:
    """ "lung_area" -> "Lung area"."""
    return name.replace("_", " ").capitalize()
