"""The maps beside which a map is judged: always those of the quick methods, whatever else was looked at."""

from .. import QUICK, methods_for

FOR_EVERY_CLASS = ("residual",)  # methods whose map is the same for every class: it is for none of the answers


def companions(model_id: str, method: str) -> tuple[str, ...]:
    """The other quick methods that apply to the model and explain one answer of it. Raises UnknownModel."""
    return tuple(m for m in methods_for(model_id) if m in QUICK and m not in (method, *FOR_EVERY_CLASS))
