"""What may be done to a training film, how far and how often; the papers' settings beside ours.

HRNet paper, table 3, gives numbers without units and names no library. Its rows, words (x-axis, y-axis "None", pad,
centre crop) and order are those of the library SOLT (Tiulpin 2019), so the numbers are read as SOLT reads them:

- scale 0.8 to 1.1, y-axis None: one zoom for both axes. Pad and centre crop to 512: the film keeps its size.
- shear -0.2 to 0.2, y-axis None: along x alone.
- gamma 0.5 to 3: a correction, grey ** (1 / gamma); exponents from 1/3 to 2. Drawn evenly on a log scale, as ours.
- salt and pepper 0.01: at most 1 % of the pixels, half of them white.
- blur 0.5, 11 x 11: a Gaussian of 0.5 px, which the paper's text calls slight.
- random noise 0.5: a share of at most 0.5 of the film gives way to Gaussian noise stretched over black to white.

Transfer learning study, section III B, names crop, horizontal flip and Gaussian noise, no sizes: those are ours.
CoroNet paper, section 3: horizontal and vertical flips, for its classifier alone; how often is ours.
"""

from dataclasses import dataclass, replace

from ...errors import ManifestError, TrainingError
from ...tables import fitted

MOST = {"rotate": 180, "blur": 2, "crop": 0.9}  # of any other setting: 1


@dataclass(frozen=True)
class Augment:
    """Ranges of what is drawn for each film, evenly unless said otherwise; ``Augment()`` is ours. Plain TOML values.

    scale: zoom factor. rotate: degrees, either way. shear: shift along x as a share of y, either way, added to the
    turn. shift: share of half the side, either way, along each axis. gamma: exponent of the grey values, evenly on a
    log scale. flip, vertical: probability of a mirror image, of an upside-down one. crop: the largest share of the
    side that is cut away; the window left lies anywhere and fills the film. noise: largest standard deviation, grey
    values being 0 to 1. grain: largest share of the film that gives way to grey noise. salt: largest share of pixels
    turned white or black. blur: standard deviation in pixels. coarse: probability of half resolution. A name with _p:
    probability that it is done at all. Raises TrainingError naming the setting that is wrong.
    """

    scale: tuple[float, float] = (0.85, 1.15)
    rotate: float = 10.0
    shear: float = 0.1
    shift: float = 0.06
    gamma: tuple[float, float] = (0.6, 1.6)
    flip: float = 0.5
    noise: float = 0.04
    coarse: float = 0.25
    shear_p: float = 1.0
    vertical: float = 0.0
    crop: float = 0.0
    salt: float = 0.0
    salt_p: float = 1.0
    blur: float = 0.0
    blur_p: float = 1.0
    grain: float = 0.0
    grain_p: float = 1.0

    def __post_init__(self) -> None:
        try:
            values = fitted(Augment, vars(self), "augment")
        except ManifestError as error:
            raise TrainingError(str(error)) from error
        for name, value in values.items():
            object.__setattr__(self, name, value)
            _check(name, value)


def _check(name: str, value: float | tuple[float, ...]) -> None:
    """TrainingError where ``value`` is out of the range of the setting ``name``."""
    if isinstance(value, tuple):
        if len(value) != 2 or not 0 < value[0] <= value[1]:
            raise TrainingError(f"augment.{name}: {value} is not two numbers above 0, the smaller first.")
    elif not 0 <= value <= MOST.get(name, 1):
        raise TrainingError(f"augment.{name}: {value} is not between 0 and {MOST.get(name, 1)}.")


NOTHING = Augment(scale=(1, 1), rotate=0, shear=0, shift=0, gamma=(1, 1), flip=0, noise=0, coarse=0)

PRESETS = {
    "ours": Augment(),
    "hrnet-paper": replace(
        NOTHING,
        scale=(0.8, 1.1),
        rotate=45,
        shear=0.2,
        shear_p=0.7,
        gamma=(1 / 3, 1 / 0.5),
        salt=0.01,
        salt_p=0.3,
        blur=0.5,
        blur_p=0.5,
        grain=0.5,
        grain_p=0.3,
    ),
    "transfer-paper": replace(NOTHING, crop=0.2, flip=0.5, noise=0.05),
    "coronet-paper": replace(NOTHING, flip=0.5, vertical=0.5),
}
