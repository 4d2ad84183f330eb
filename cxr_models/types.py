"""Frozen results that cross the borders between modules.

Conventions, stated once: a film is ``(H, W) float32`` in [0, 1], bright = dense (bone is white); the
*film frame* is its ``(row, column)`` pixel grid; masks are ``(H, W) bool`` in the film frame; maps are
``(H, W) float32`` in the film frame; probabilities are in [0, 1] and sum to 1 over the classes of a model.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

COVID19, NORMAL, PNEUMONIA, NON_COVID19 = "covid19", "normal", "pneumonia", "non_covid19"
BACTERIAL, VIRAL = "bacterial", "viral"  # causes of pneumonia, told apart in the CNN-X study only
THREE_CLASSES = (COVID19, NORMAL, PNEUMONIA)
TWO_CLASSES = (COVID19, NON_COVID19)

Status = Literal["ok", "warned", "refused"]
Badge = Literal["passes", "doubtful", "fails", "no evidence"]


@dataclass(frozen=True, eq=False)
class Film:
    """One radiograph, decoded and the right way round.

    pixels: (H, W) float32 in [0, 1], bright = dense. sha256: of the file's bytes (64 hex digits), the identity
    of the film everywhere. name: what the reader calls it, never a patient tag. kind: "PNG", "JPEG", "TIFF",
    "WebP", "DICOM" or "phantom". bits: bits per stored grey value. notes: what reading changed
    (for example "MONOCHROME1: grey values inverted"). spacing_mm: (row, column) pixel spacing, if known.
    """

    pixels: np.ndarray
    sha256: str
    name: str
    kind: str
    bits: int = 8
    notes: tuple[str, ...] = ()
    spacing_mm: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Lungs:
    """The UNet's lungs after clean-up (HRNet paper, section 3.2; see ``imaging.lungs``).

    mask: (H, W) bool, film frame: the lungs as found, for outline, area and shares; all False when there are none.
    area_fraction: share of the film's pixels inside, [0, 1]. areas: share of each kept region, largest first (two for
    two lungs). confidence: mean of max(p, 1 - p) over the film, [0.5, 1]. region: (512, 512) bool of the squashed film:
    the lungs widened as the paper does it, what ``prepare`` leaves of a film for the network that reads the lungs
    alone; the mask itself when it is not given. dice-like figures are not here: they need a reference mask.
    """

    mask: np.ndarray
    area_fraction: float
    areas: tuple[float, ...]
    confidence: float
    region: np.ndarray = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.region is None:
            object.__setattr__(self, "region", self.mask)


@dataclass(frozen=True)
class Reason:
    """One finding of the gate: ``code`` for programs, ``sentence`` for people, the measured value and its limit."""

    code: str
    severity: Literal["warn", "refuse"]
    sentence: str
    value: float
    limit: float


@dataclass(frozen=True)
class Verdict:
    """May this film be read? ``status`` is the worst severity of ``reasons``; ``measured`` holds every value."""

    status: Status
    reasons: tuple[Reason, ...] = ()
    measured: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Prediction:
    """One model's answer on one film.

    classes and probabilities have the same order (the manifest's). threshold: operating point on the first
    class, COVID-19, in [0, 1]. positive: probability of COVID-19 at or above the threshold.
    decided: the most probable class. seconds: time the network took.
    """

    model_id: str
    classes: tuple[str, ...]
    probabilities: tuple[float, ...]
    threshold: float
    positive: bool
    decided: str
    seconds: float

    def of(self, name: str) -> float:
        """Probability in [0, 1] of class ``name``. Raises ValueError for a class this model does not have."""
        return self.probabilities[self.classes.index(name)]

    @property
    def answer(self) -> str:
        """What the model is taken to say: COVID-19 from its threshold on, else the most probable other class."""
        return COVID19 if self.positive else max((name for name in self.classes if name != COVID19), key=self.of)


@dataclass(frozen=True, eq=False)
class Map:
    """An explanation in the film frame.

    values: (H, W) float32. method: a key of ``explain.METHODS``. target: the class explained. signed: True if
    negative values mean evidence against. unit: what one unit of ``values`` means, in words. exact: True when
    the map sums to the logit up to the bias. inside_lungs: share of the positive evidence inside the lungs,
    [0, 1], None without lungs or without positive evidence. extra: figures and curves of the method,
    for example {"objective": (n,), "probability": (n,)} of meaningful perturbation.
    """

    values: np.ndarray
    model_id: str
    method: str
    target: str
    signed: bool
    unit: str
    exact: bool = False
    inside_lungs: float | None = None
    extra: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Zone:
    """A named part of the film. share: of a map's positive evidence that lies in it; floor: its share of the film's
    pixels, what an even map would reach; both in [0, 1], both sum to 1 over all zones."""

    name: str
    share: float
    floor: float


@dataclass(frozen=True)
class Check:
    """One test of a map. code: for programs; sentence: for people, with the figure; value against limit, as measured.

    passed: None where the test could not be made; the sentence says why.
    """

    code: str
    passed: bool | None
    sentence: str
    value: float
    limit: float


@dataclass(frozen=True, eq=False)
class Evidence:
    """What speaks for and against believing one map.

    badge: "no evidence" when the map holds nothing for its class, then nothing is to be shown. checks: all that were
    made. zones: empty without lungs or without positive evidence. inside, floor, ceiling: share of the positive
    evidence in the lungs, of an even map, and of a map of the same grain that lies on the lungs alone, [0, 1], None
    without lungs. deletion, insertion: (n,) float32, probability of the class as the map's places are blurred away from
    the strongest on, or brought back into the blurred film. cascade: (part of the network, rank correlation in [-1, 1]
    with the map after the weights down to this part are shuffled, None for no map), from the output on. agreement:
    method -> rank correlation with its map.
    """

    badge: Badge
    checks: tuple[Check, ...]
    zones: tuple[Zone, ...] = ()
    inside: float | None = None
    floor: float | None = None
    ceiling: float | None = None
    deletion: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    insertion: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    cascade: tuple[tuple[str, float | None], ...] = ()
    agreement: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Residual:
    """What one autoencoder leaves of a film. All arrays (S, S) float32 in the autoencoder's own frame.

    name: "F_H", "F_P" or "CAE". input and reconstruction in [0, 1]; residual = |input - reconstruction|.
    identity: |x - g(x)| with g the output non-linearity applied to the input itself: what a network that merely
    copies its input would leave (all zeros where the output is not squashed).
    """

    name: str
    input: np.ndarray
    reconstruction: np.ndarray
    residual: np.ndarray
    identity: np.ndarray


@dataclass(frozen=True, eq=False)
class Residuals:
    """Residuals of one model: one entry an autoencoder, and CoroNet's three-channel tensor (eq. 5-7), else None.

    tensor: (3, S, S) float32: |x - F_H(x)|, |x - F_P(x)|, |2x - F_H(x) - F_P(x)|.
    """

    model_id: str
    autoencoders: tuple[Residual, ...]
    tensor: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Reading:
    """Everything known about one film: the gate's verdict, lungs (None if refused before), one prediction a model.

    failures: model id -> sentence, for models that could not be used (weights missing, wrong hash, ...).
    """

    film: Film
    verdict: Verdict
    lungs: Lungs | None
    predictions: dict[str, Prediction] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
