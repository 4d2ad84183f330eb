"""Runs to sentences for a reader. Pure: no Streamlit, no files."""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, median

from cxr_models.runs import Run
from cxr_models.runs.curves import Stage

HEADS = ("Run", "System", "State", "Films seen", "Device", "First weights", "Best validation loss", "Started")
FIRST = {"random": "random", "imagenet": "ImageNet", "cae": "autoencoder on films without labels", "": ""}
STATES = {
    "starting": "getting ready",
    "measuring": "trained, finishing",
    "stopping": "stopping",
    "broken off": "broken off",
}
EARLY = 3  # validations from which anything is said of a curve
LATE = 2  # validations after the best one from which it counts as past
SLIGHT = 0.02  # of a loss: less is no change
UNSEEN = "The loss on films it never saw"


def state(run: Run) -> str:
    """ "training, stage 2 of 3 (covid19), epoch 4 of 12, about 3 minutes left"."""
    where = run.place
    if where is None or not where.of:
        return STATES.get(run.state, run.state)
    parts = [
        "training",
        f"stage {where.number} of {where.of} ({where.stage})",
        f"epoch {where.epoch} of {where.epochs}",
    ]
    if where.seconds_left is not None:
        parts.append(f"{duration(where.seconds_left)} left" + (" in it" if where.number < where.of else ""))
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """ "about 40 seconds", "about 3 minutes", "about 2 hours"."""
    for size, unit in ((3600, "hour"), (60, "minute")):
        if seconds >= 1.5 * size or (unit == "minute" and seconds >= 55):
            count = round(seconds / size)
            return f"about {count} {unit}{'' if count == 1 else 's'}"
    return f"about {max(5, round(seconds / 5) * 5)} seconds"


def row(run: Run) -> tuple[str, ...]:
    """The cells of a run below ``HEADS``."""
    tested = run.tested
    loss = "" if tested is None else f"{min(_losses(tested)):.3g} ({tested.name})"
    seen = f"{run.films_seen:,}" if run.films_seen else ""
    drawn = ", drawings" if run.on_phantoms and seen else ""
    first = FIRST.get(run.init, f"run {Path(run.init).name}")
    began = f"{run.started:%d %b %H:%M}" if run.started else ""
    return run.name, run.title, state(run), seen + drawn, run.device, first, loss, began


def table(rows: Sequence[tuple[str, ...]], colours: Mapping[str, str]) -> str:
    """HTML of all runs; a run that is drawn has the dot of its ``colours`` (name -> colour)."""
    heads = "".join(f"<th>{head}</th>" for head in HEADS)
    body = "".join(
        f"<tr><td>{_dot(colours.get(cells[0], 'transparent'))}{html.escape(cells[0])}</td>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells[1:])
        + "</tr>"
        for cells in rows
    )
    return f'<div class="runs"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'


def headline(run: Run, colour: str) -> str:
    """HTML of a run's name, state, what its curve says and what to do next."""
    drawn = ' <em class="drawn">drawings, not patients</em>' if run.on_phantoms else ""
    name = f"<b>{html.escape(run.title)}</b> <span>{html.escape(run.name)}</span>"
    said = f"{_first_upper(state(run))}. {run.sentence}".rstrip()
    kind = f"said {run.state.replace(' ', '-')}"
    lines = "".join(f'<p class="{c}">{html.escape(t)}</p>' for c, t in ((kind, said), ("meaning", meaning(run))) if t)
    return f'<div class="headline"><header>{_dot(colour)}{name}{drawn}</header>{lines}</div>'


def _dot(colour: str) -> str:
    return f'<i class="dot" style="background:{colour}"></i>'


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _losses(stage: Stage) -> list[float]:
    return [point.val_loss for point in stage.validated if point.val_loss is not None]


def meaning(run: Run) -> str:
    """What the curve says, in one or two sentences to read out; only what its points bear out."""
    if not run.stages:
        return ""
    stage = run.stages[-1]
    losses = _losses(stage)
    if not losses:
        where = f"In stage {stage.name} it" if len(run.stages) > 1 else "It"
        return f"{where} has not been tried yet on films it never saw: that is done after each epoch."
    if len(losses) < EARLY:
        times = "once" if len(losses) == 1 else "twice"
        return f"It has been tried {times} on films it never saw: too early to say where the curve goes."
    best = losses.index(min(losses))
    if len(losses) - 1 - best >= LATE:
        return _past_best(stage, losses, best)
    return _still(losses, run.live)


def _still(losses: list[float], live: bool) -> str:
    """The best validation is among the last ones."""
    first, best = losses[0], min(losses)
    if first - best <= max(SLIGHT * abs(first), _noise(losses)):
        return f"{UNSEEN} has hardly moved ({first:.3g} to {best:.3g}): it has learned little yet that holds for them."
    learns = f"({first:.3g} to {best:.3g}): what it learns also helps on those"
    if live:
        return f"{UNSEEN} is falling {learns}."
    return f"{UNSEEN} was still falling at the end {learns}. With more time it might fall further."


def _past_best(stage: Stage, losses: list[float], best: int) -> str:
    """The best validation is past: does it memorise, or has it only come to rest?"""
    epoch, now = stage.validated[best].epoch, fmean(losses[-LATE:])
    since = f"{UNSEEN} was least in epoch {epoch} ({losses[best]:.3g})"
    if now - losses[best] <= max(2 * SLIGHT * abs(losses[best]), _noise(losses)):
        return f"{since} and has stayed about there: it has stopped getting better on new films."
    kept = f"The weights of epoch {epoch} are the ones that are kept."
    if _learned(stage, best):
        return (
            f"{since} and is {losses[-1]:.3g} now, while the loss on the films it learns from goes on falling: from "
            f"epoch {epoch} on it memorises. {kept}"
        )
    return f"{since} and is {losses[-1]:.3g} now: it has got worse on new films. {kept}"


def _noise(losses: list[float]) -> float:
    """How much the loss jumps from one validation to the next, in general."""
    return median(abs(b - a) for a, b in zip(losses, losses[1:], strict=False))


def _learned(stage: Stage, best: int) -> bool:
    """Whether the loss on its own films has fallen since the best validation."""
    step = stage.validated[best].step
    before = [
        p.loss for p in stage.points if p.loss is not None and p.step <= step and p.epoch == stage.validated[best].epoch
    ]
    after = [p.loss for p in stage.points if p.loss is not None and p.epoch == stage.points[-1].epoch]
    return bool(before and after) and fmean(before) - fmean(after) > SLIGHT * abs(fmean(before))
