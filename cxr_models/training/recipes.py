"""How each bundled model is trained; the paper's value stands beside ours where they differ.

Sizes below a model's own are a shortening for training without a GPU: most steps see smaller films (or windows of
them), the last ones the full size. Every card in the manifest says how short its training was.
"""

from dataclasses import dataclass, field, replace

from ..errors import UnknownModel
from ..imaging.preprocess import InputSpec
from ..types import THREE_CLASSES, TWO_CLASSES
from .augment import Augment

GREY = InputSpec(224, 1, (0.0,), (1.0,))
COLOUR = InputSpec(224, 3, (0.0,) * 3, (1.0,) * 3)
CENTRED = InputSpec(224, 3, (0.5,) * 3, (0.25,) * 3)


@dataclass(frozen=True)
class Stage:
    """One run of the optimiser.

    task: a key of ``tasks.TASKS``. films: drawn an epoch, None = all. size: side in pixels the film is shown at; with
    ``crop`` a window of that side instead. labels: only films of these classes (all if empty). part: the
    submodule a Pyramid trains. frozen: submodules that do not learn. lr: the peak of a one-cycle schedule.
    """

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
    weight_decay: float = 1e-4
    augment: Augment | None = field(default_factory=Augment)


@dataclass(frozen=True)
class Recipe:
    """Stages of one model, trained in order. store: side in pixels at which decoded films are kept."""

    id: str
    architecture: str
    input: InputSpec
    stages: tuple[Stage, ...]
    settings: dict[str, object] = field(default_factory=dict)
    classes: tuple[str, ...] = THREE_CLASSES
    store: int = 224


# HRNet paper, section 4.2: 512 px, 25 epochs a fold, lr 0.005, Dice loss. Ours: growing sizes, for time; a lower lr.
lungs = Stage("128", "Segment", epochs=12, batch=8, lr=1e-3, size=128)
UNET = Recipe(
    "unet",
    "unet",
    InputSpec(512, 1, (0.0,), (1.0,)),
    (
        lungs,
        replace(lungs, name="256", epochs=3, size=256, lr=5e-4, batch=6),
        replace(lungs, name="256b", epochs=8, size=256, lr=1e-3, batch=4),
        replace(lungs, name="512", epochs=1, size=512, lr=3e-4, batch=2, films=300),
    ),
    classes=("lungs",),
    store=512,
)

# CNN-X paper, section 3: ImageNet weights, 20 epochs, batch 15, lr 3e-4. Ours: random start, so a higher lr.
classify = Stage("112", "Classify", epochs=4, batch=32, lr=1e-3, size=112, films=5000)
RESNET18 = Recipe(
    "resnet18",
    "resnet",
    CENTRED,
    (
        classify,
        replace(classify, name="112b", epochs=8),
        replace(classify, name="160", epochs=7, size=160, films=None),
        replace(classify, name="224", epochs=3, size=224, films=None, lr=5e-4),
    ),
    {"name": "resnet18", "classes": 3},
)

# CNN-X paper: Glorot start, 20 epochs, batch 15, lr 3e-4. At that lr one step moves a logit of its 360,000 joined
# features by tens and the loss stays above chance: ours is 2e-5. The net takes 224 px only (its linear layer is fixed).
CNN_X = Recipe(
    "cnn-x",
    "cnn_x",
    GREY,
    (replace(classify, name="224", epochs=2, batch=16, lr=2e-5, size=224, films=3000),),
    {"classes": 3},
)

# CAE paper, section 3: pre-training lr 0.01 (dead units here: 1e-3), head lr 1e-3 with the encoder frozen, then all.
CAE = Recipe(
    "cae",
    "cae",
    COLOUR,
    (
        Stage(
            "pretrain", "Reconstruct", epochs=1, batch=16, lr=1e-3, size=128, films=3000, crop=True, frozen=("head",)
        ),
        Stage("head", "Classify", 1, 16, 1e-3, 224, films=3000, frozen=("encoder", "decoder")),
        Stage("whole", "Classify", 1, 16, 3e-4, 224, films=1500, frozen=("decoder",)),
    ),
    {"classes": 3},
)

# CoroNet paper, section 3: autoencoders lr 1e-4, 50 epochs, no augmentation; CIN lr 1e-3, 10 epochs, flips.
pyramid = Stage(
    "healthy", "Pyramid", 1, 16, 1e-3, 112, crop=True, films=2000, labels=("normal",), part="healthy", augment=None
)
cin = Stage("cin112", "ClassifyResiduals", 3, 32, 1e-3, 112, films=4000, frozen=("healthy", "pneumonia"))
CORONET = Recipe(
    "coronet",
    "coronet",
    GREY,
    (
        pyramid,
        replace(pyramid, name="pneumonia", labels=("pneumonia",), part="pneumonia"),
        cin,
        replace(cin, name="cin224", epochs=1, size=224, films=1500, lr=5e-4),
    ),
    {"classes": 3},
)

# HRNet paper, table 5: SGD lr 0.01, 25 epochs, batch 8, 10 folds. Ours: Adam, for fewer epochs.
HRNET = Recipe(
    "hrnet",
    "hrnet",
    replace(CENTRED, region="lungs"),
    (
        replace(classify, name="128", epochs=3, size=128, films=None),
        replace(classify, name="224", epochs=1, batch=16, size=224, films=5000, lr=5e-4),
    ),
    {"name": "hrnet_w18_small_v2", "classes": 2},
    TWO_CLASSES,
)

RECIPES = {r.id: r for r in (UNET, RESNET18, CAE, CORONET, HRNET, CNN_X)}


def get(model_id: str) -> Recipe:
    """The recipe of a model. Raises UnknownModel listing the ids there are."""
    if model_id not in RECIPES:
        raise UnknownModel(f"No recipe for {model_id!r}. There are: {', '.join(RECIPES)}.")
    return RECIPES[model_id]
