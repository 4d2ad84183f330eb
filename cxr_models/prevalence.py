"""What sensitivity and specificity come to at a stated prevalence, as shares (Bayes) and as films out of a hundred."""

from dataclasses import dataclass

import numpy as np

Share = float | np.ndarray


def ppv_at(prevalence: float, sensitivity: Share, specificity: Share) -> Share:
    """P(class | named) = se pi / (se pi + (1 - sp)(1 - pi)), by Bayes; NaN where nothing is ever named."""
    named = sensitivity * prevalence
    return _share(named, named + (1 - specificity) * (1 - prevalence))


def npv_at(prevalence: float, sensitivity: Share, specificity: Share) -> Share:
    """P(not class | spared) = sp (1 - pi) / (sp (1 - pi) + (1 - se) pi), by Bayes; NaN where nothing is ever spared."""
    spared = specificity * (1 - prevalence)
    return _share(spared, spared + (1 - sensitivity) * prevalence)


@dataclass(frozen=True)
class Frequencies:
    """Whole films out of ``of``: found + missed have the class, false_alarms + spared do not."""

    of: int
    found: int
    missed: int
    false_alarms: int
    spared: int

    def sentence(self, name: str) -> str:
        """Natural frequencies in words (Gigerenzer et al. 2007) for the class called ``name``."""
        have, named = self.found + self.missed, self.found + self.false_alarms
        return (
            f"Of {self.of} such films, {have} show {name}. The model names {named}: {self.found} rightly and"
            f" {self.false_alarms} wrongly. It misses {self.missed}."
        )


def natural(prevalence: float, sensitivity: float, specificity: float, of: int = 100) -> Frequencies:
    """The expected films out of ``of``, rounded so that they add up. All three in [0, 1]."""
    have = round(of * prevalence)
    found = min(round(of * prevalence * sensitivity), have)
    alarms = min(round(of * (1 - prevalence) * (1 - specificity)), of - have)
    return Frequencies(of, found, have - found, alarms, of - have - alarms)


def _share(part: Share, whole: Share) -> Share:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.asarray(part) / np.where(np.asarray(whole) > 0, whole, np.nan)
    return share if share.ndim else float(share)
