"""How each bundled model is trained. The paper's values stand beside ours where they differ.

Sizes below a model's own are a shortening for training on a CPU: most steps see smaller films (or windows of them), the
last ones the full size. ``films`` is the number drawn an epoch. All shortenings are stated in the model's card.
"""

from dataclasses import dataclass, field, replace

from ..errors import UnknownModel
from .augment import Augment


@dataclass(frozen=True)
class Stage:
    """One run of the optimiser. task: a key of ``tasks.TASKS``. films: drawn an epoch, None = all. size: side in pixels
    the film is shown at; with ``crop`` a window of that side instead. labels: only films of these classes (all
    if empty). part: the submodule a Pyramid trains. frozen: submodules that do not learn."""

    name: str
    task: str
    epochs: int
    batch: int
    lr: float
    size: int
    films: int | None = None
    crop: bool = False
    labels: tuple[str, ...] = ()
    part: str = ""
    frozen: tuple[str, ...] = ()
    optimizer: str = "adam"
    momentum: float = 0.9
    weight_decay: float = 1e-4
    augment: Augment | None = field(default_factory=Augment)
    smoothing: float = 0.0
    channels: int = 1
    mean: float = 0.0
    std: float = 1.0


@dataclass(frozen=True)
class Recipe:
    """Stages of one model, trained in order. store: side in pixels at which films are kept; region as in InputSpec."""

    id: str
    architecture: str
    stages: tuple[Stage, ...]
    settings: dict = field(default_factory=dict)
    task: str = "classes"
    store: int = 224
    region: str = "film"
    classes: tuple[str, ...] = ("covid19", "normal", "pneumonia")


# HRNet paper, section 4.2: 512 px, 25 epochs, lr 0.005, Dice loss. Ours: growing sizes; lr 1e-3 (0.005 diverges with Adam).
SEGMENT = Stage("128", "Segment", epochs=24, batch=8, lr=1e-3, size=128)
UNET = Recipe(
    "unet",
    "unet",
    (
        SEGMENT,
        replace(SEGMENT, name="256", epochs=5, size=256, lr=5e-4, batch=6),
        replace(SEGMENT, name="512", epochs=2, size=512, lr=2e-4, batch=3),
    ),
    store=512,
    task="lungs",
    classes=(),
)
RECIPES = {r.id: r for r in (UNET,)}


def get(model_id: str) -> Recipe:
    """The recipe of a model. Raises UnknownModel listing the ids there are."""
    if model_id not in RECIPES:
        raise UnknownModel(f"No recipe for {model_id!r}. There are: {', '.join(RECIPES)}.")
    return RECIPES[model_id]
