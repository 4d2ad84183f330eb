"""What the autoencoders cannot reproduce of the film, as a map.

CoroNet: ``|2x - F_H(x) - F_P(x)|``, the third channel of its residual tensor (CoroNet paper, eq. 7). Others:
``|x - reconstruction|``. Not an explanation of one class: the same whichever class is asked for.
"""

import torch

from ..imaging.preprocess import to_film_frame
from ..inference import Inputs
from ..registry import LoadedModel
from ..types import Map
from .signature import Cancel, Progress, Question

JOINT = 2  # channel of the tensor that holds both autoencoders' residuals


def residual_map(loaded: LoadedModel, question: Question, progress: Progress, cancelled: Cancel) -> Map:
    """Absolute difference of grey values: 0 to 1 for one autoencoder, 0 to 2 for CoroNet's two together."""
    x = torch.from_numpy(Inputs(question.film)(loaded.spec.input, question.lungs))
    net = loaded.module
    with loaded.lock, torch.no_grad():
        left = net.residuals(x)[0, JOINT] if hasattr(net, "residuals") else (x - net.reconstruct(x))[0].mean(0)
    square = left.abs().numpy()
    return Map(
        values=to_film_frame(square, question.film.pixels.shape),
        model_id=loaded.spec.id,
        method="residual",
        target=question.target,
        signed=False,
        unit="share of the grey range, the same for every class",
    )
