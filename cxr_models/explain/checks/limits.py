"""From where on a map is believed: rank correlations, one row a method.

The figures are pasted from what ``python -m cxr_models evaluate maps`` prints. A row of round figures, 0.50, 0.50 and
0.20, is a judgement made before any film was measured.
"""

from typing import NamedTuple


class Limits(NamedTuple):
    """repeat: at least this alike after a small move and faint noise. random: less alike than this, and less opposite,
    to the map of a network with shuffled weights. agreement: at least this alike, in the median, to other methods."""

    repeat: float
    random: float
    agreement: float


LIMITS = {
    "cam": Limits(repeat=0.50, random=0.50, agreement=0.20),
    "grad_cam": Limits(repeat=0.50, random=0.50, agreement=0.20),
    "grad_cam_pp": Limits(repeat=0.50, random=0.50, agreement=0.20),
    "integrated_gradients": Limits(repeat=0.50, random=0.50, agreement=0.20),
    "occlusion": Limits(repeat=0.50, random=0.50, agreement=0.20),
    "perturbation": Limits(repeat=0.50, random=0.50, agreement=0.20),
    "residual": Limits(repeat=0.50, random=0.50, agreement=0.20),
}
