"""From where on a map is believed: rank correlations, one row a method.

The figures are pasted from what ``python -m cxr_models evaluate maps --limits`` prints: 30 validation films, all
classifiers; 5 films for the methods that take long. The row of ``residual``, round figures, is a judgement and not
measured: its map is the same for every class.
"""

from typing import NamedTuple


class Limits(NamedTuple):
    """repeat: at least this alike after a small move and faint noise. random: less alike than this, and less opposite,
    to the map of a network with shuffled weights. agreement: at least this alike, in the median, to other methods."""

    repeat: float
    random: float
    agreement: float


LIMITS = {
    "cam": Limits(repeat=0.82, random=0.55, agreement=0.76),
    "grad_cam": Limits(repeat=0.80, random=0.44, agreement=0.55),
    "grad_cam_pp": Limits(repeat=0.88, random=0.54, agreement=0.75),
    "integrated_gradients": Limits(repeat=0.25, random=0.10, agreement=0.24),
    "occlusion": Limits(repeat=0.53, random=0.19, agreement=0.41),
    "perturbation": Limits(repeat=0.58, random=0.27, agreement=0.44),
    "residual": Limits(repeat=0.50, random=0.50, agreement=0.20),
}
