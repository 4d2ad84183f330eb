"""What the bench and the marks show, in sentences for a reader. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np

from cxr_models.manifest import ModelSpec
from pages.shared.wording import CLASS_NAMES, listed

CLEARLY = 0.1  # change of a probability that is called a change
HEEDED = 0.01  # change of a probability below which a mark is not heeded at all: no map is drawn of less
NOT_READ = "–"


def short(spec: ModelSpec) -> str:
    """A model's name where there is little room: "CAE with LSTM head" -> "CAE"."""
    return spec.title.split(" (")[0].split(" with ")[0]


def signed(change: float) -> str:
    """ "+0.12", "−0.80", "0" where it rounds to nothing, "–" where the model did not read the film."""
    if np.isnan(change):
        return NOT_READ
    rounded = round(float(change), 2)
    return "0" if rounded == 0 else f"{rounded:+.2f}".replace("-", "−")


def without_lungs(specs: Mapping[str, ModelSpec], before: Mapping[str, float], erased: Mapping[str, np.ndarray]) -> str:
    """Who says COVID-19 with the film as it came, and who still does with the lungs erased.

    before: model -> probability of COVID-19; erased: model -> (fills,) of it with the lungs erased; models that could
    not read the film are left out by the caller.
    """
    said = [name for name in before if before[name] >= specs[name].threshold]
    still = [name for name in said if erased[name].min() >= specs[name].threshold]
    partly = [name for name in said if name not in still and erased[name].max() >= specs[name].threshold]
    if not said:
        return _none_said(specs, erased)
    if still:
        needs = "these answers do not need the lungs" if len(still) > 1 else "this answer does not need the lungs"
        return f"With the lungs erased {_who(specs, still)} COVID-19, whatever is put in their place: {needs}."
    if partly:
        names = listed([short(specs[name]) for name in partly])
        return f"With the lungs erased {names} may still say COVID-19; it hangs on what is put in their place."
    return (
        f"With the lungs erased no model says COVID-19 any more; {listed([short(specs[name]) for name in said])} did."
    )


def _who(specs: Mapping[str, ModelSpec], names: Sequence[str]) -> str:
    return f"{listed([short(specs[name]) for name in names])} still {'say' if len(names) > 1 else 'says'}"


def _none_said(specs: Mapping[str, ModelSpec], erased: Mapping[str, np.ndarray]) -> str:
    new = [name for name in erased if erased[name].max() >= specs[name].threshold]
    if not new:
        return "No model says COVID-19 of this film, with the lungs or without."
    names = listed([short(specs[name]) for name in new])
    return f"No model says COVID-19 of this film; with the lungs erased {names} {'does' if len(new) == 1 else 'do'}."


def moved_most(
    specs: Mapping[str, ModelSpec], titles: Sequence[str], changes: Mapping[str, np.ndarray], target: str
) -> str:
    """The edits that leave the chest as it is and yet change an answer most. changes: model -> (edits,)."""
    found = [
        (abs(float(change)), titles[at], model, float(change))
        for model, values in changes.items()
        for at, change in enumerate(values)
        if np.isfinite(change)
    ]
    if not found:
        return ""
    size, title, model, change = max(found)
    if size < CLEARLY:
        return f"No change of greys or file moves any model by {CLEARLY} or more."
    return (
        f"{title} alone moves {specs[model].title} by {signed(change)} for {CLASS_NAMES[target]}: "
        "the chest is the same."
    )


def cell(title: str, model: str, target: str, before: float, after: float) -> str:
    """One cell of the heat map, said in full."""
    if np.isnan(after):
        return f"{model} could not read the film after “{title}”."
    return f"{model}, {title}: {CLASS_NAMES[target]} {before:.2f} → {after:.2f} ({signed(after - before)})"


def alike(value: float | None) -> str:
    """How the model's map after the edit compares with the one before, moved back to the film as it came."""
    if value is None:
        return ""
    if value >= 0.8:
        how = "It looks at the same places as before"
    elif value >= 0.4:
        how = "It looks at partly other places than before"
    else:
        how = "It looks at other places than before"
    return f"{how} (likeness {value:.2f} of 1)."


def placed(best: float, worst: float, target: str) -> str:
    """What moving the mark about can do. best, worst: largest and smallest change of the probability."""
    name = CLASS_NAMES[target]
    if max(abs(best), abs(worst)) < HEEDED:
        return f"Wherever the mark stands, {name} changes by less than {HEEDED}: no map is drawn of so little."
    return f"Moving the mark about changes {name} by {signed(worst)} to {signed(best)}."
