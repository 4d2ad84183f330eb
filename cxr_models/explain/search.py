"""The search behind meaningful perturbation: the least of ``sigmoid(z(m)) + cost(m)``, m in [0, 1], in few looks.

A look through the network, which gives the log odds z and their gradient, is dear; all else is cheap. So z alone is
modelled about the mask last looked at, by its slope and by the bends that past looks have shown, while sigmoid, cost
and range stay what they are; the model so made is minimised for good, damped by the squared distance from where it was
made (proximal Gauss-Newton with structured BFGS, damped as Levenberg and Marquardt do). Where Adam takes 300 looks
this takes some 10 to 40 to the same objective (``benchmarks/perturbation.py`` measures it): a confident answer is flat
in its probability, but not in its log odds.
"""

from collections import deque
from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from .signature import Cancel, Progress, stopped

SIDE, START = 28, 0.5
SPARSE, SMOOTH, BETA = 1e-4, 1e-2, 3
LOOKS, INNER = 48, 60  # at most: looks through the network, steps on the model between two of them
DAMPING, TRUSTED, DISAPPOINTED = 1e-3, 0.5, 0.25  # shares of the promised gain that halve and double the damping
ENOUGH = 3e-4  # a promised gain below this share of the objective is not worth a look

REMEMBERED, CAREFUL = 24, 0.3  # looks whose bends are kept; share of the last bend that is taken for all directions

Look = Callable[[Sequence[int], np.ndarray], tuple[np.ndarray, np.ndarray]]
"""(which questions, their masks (B, 28, 28)) -> log odds (B,) and their gradients (B, 28, 28), float64."""


class Bends:
    """How the log odds bend, from the change of their slope along past steps: BFGS, of the upward bends."""

    def __init__(self) -> None:
        self.pairs: deque[tuple[np.ndarray, np.ndarray]] = deque(maxlen=REMEMBERED)
        self.all_ways = 0.0
        self.parts = np.empty((0, SIDE**2))
        self.signs = np.empty(0)

    def learn(self, step: np.ndarray, change: np.ndarray) -> None:
        """Along ``step`` (784,) the slope changed by ``change`` (784,)."""
        if step @ change <= 1e-8 * np.linalg.norm(step) * np.linalg.norm(change):
            return
        self.pairs.append((step, change))
        self.all_ways = CAREFUL * (change @ change) / (step @ change)
        self.parts, self.signs = np.empty((0, SIDE**2)), np.empty(0)
        for before, after in self.pairs:
            now = self.times(before)
            less, more = now / np.sqrt(before @ now), after / np.sqrt(before @ after)
            self.parts, self.signs = np.vstack([self.parts, less, more]), np.append(self.signs, [-1, 1])

    def times(self, step: np.ndarray) -> np.ndarray:
        """The change of slope along ``step`` (784,)."""
        return self.all_ways * step + (self.signs * (self.parts @ step)) @ self.parts


class Walk:
    """One mask on its way. mask, objective: the best so far; asked: where the next look is wanted."""

    mask: np.ndarray
    slope: np.ndarray
    log_odds: float

    def __init__(self) -> None:
        self.asked = np.full((SIDE, SIDE), START)
        self.objective, self.promised, self.damping = np.inf, 0.0, 2 * DAMPING
        self.curve: list[tuple[float, float]] = []
        self.bends, self.done = Bends(), False

    def told(self, log_odds: float, slope: np.ndarray) -> None:
        """What the look at ``asked`` gave: go there if it is better, and think about where to look next."""
        if not np.isfinite([log_odds, *slope.ravel()]).all():
            self._lost()
            return
        if self.curve:
            self.bends.learn((self.asked - self.mask).ravel(), (slope - self.slope).ravel())
        gain = self.objective - (found := expit(log_odds) + cost(self.asked)[0])
        if gain > 0:
            self.mask, self.objective, self.log_odds, self.slope = self.asked, found, log_odds, slope
        self.damping *= self._trust(gain)
        self.curve.append((self.objective, float(expit(self.log_odds))))
        self._ask()

    def _lost(self) -> None:
        """The network gave no numbers, so there is no mask: every cell is said to be none."""
        self.mask, self.done = np.full_like(self.asked, np.nan), True
        self.curve.append((np.nan, np.nan))

    def _trust(self, gain: float) -> float:
        if gain <= 0:
            return 4
        return 0.5 if gain > TRUSTED * self.promised else 2 if gain < DISAPPOINTED * self.promised else 1

    def _ask(self) -> None:
        """The least of the model near the mask, and what going there promises."""
        how = {"jac": True, "method": "L-BFGS-B", "bounds": [(0, 1)] * SIDE**2, "options": {"maxiter": INNER}}
        least = minimize(self._model, self.mask.ravel(), **how)
        self.asked, self.promised = least.x.reshape(SIDE, SIDE), self.objective - least.fun
        self.done = self.promised < ENOUGH * self.objective

    def _model(self, flat: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient of the objective with the modelled log odds, and of the damping."""
        mask = flat.reshape(SIDE, SIDE)
        step = (mask - self.mask).ravel()
        slope, bent = self.slope.ravel(), self.bends.times(step)
        p = expit(self.log_odds + (slope + bent / 2) @ step)
        value, pull = cost(mask)
        gradient = pull.ravel() + p * (1 - p) * (slope + bent) + self.damping * step
        return p + value + self.damping / 2 * (step @ step), gradient


def search(look: Look, count: int, progress: Progress, cancelled: Cancel) -> list[Walk]:
    """``count`` masks, each by itself; those that are not yet done share a look. Raises Cancelled."""
    walks = [Walk() for _ in range(count)]
    for i in range(LOOKS):
        going = [k for k, walk in enumerate(walks) if not walk.done]
        if not going:
            break
        stopped(cancelled)
        for k, log_odds, slope in zip(going, *look(going, np.stack([walks[k].asked for k in going])), strict=True):
            walks[k].told(float(log_odds), slope)
        doing = f"Blurring the film: look {i + 1} of at most {LOOKS}, probability {walks[going[0]].curve[-1][1]:.2f}"
        progress((i + 1) / LOOKS, doing)
    return walks


def cost(mask: np.ndarray) -> tuple[float, np.ndarray]:
    """What blurring costs and its gradient, mask (28, 28) in [0, 1]: 1e-4 for a cell fully blurred, and 1e-2 times the
    cube of the length of the mask's gradient at each cell (Fong & Vedaldi 2017, eq. 6, sums as in their code)."""
    down, right = np.zeros_like(mask), np.zeros_like(mask)
    down[:-1], right[:, :-1] = np.diff(mask, axis=0), np.diff(mask, axis=1)
    length = np.hypot(down, right)
    pull = SMOOTH * BETA * length ** (BETA - 2)
    slope = -SPARSE - pull * (down + right)
    slope[1:] += (pull * down)[:-1]
    slope[:, 1:] += (pull * right)[:, :-1]
    return float(SPARSE * (1 - mask).sum() + SMOOTH * (length**BETA).sum()), slope
