"""A film and the models: lungs, the gate's verdict, probabilities, residuals, and all of it in one reading."""

import time
from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import Tensor

from . import manifest, registry
from .architectures.coronet import FPAE
from .errors import CxrError, RefusedFilm, UnknownMethod, UnknownModel
from .imaging import gate
from .imaging.lungs import lungs_from
from .imaging.preprocess import InputSpec, grey, keep_lungs, normalise
from .types import COVID19, Film, Lungs, Prediction, Reading, Reason, Residual, Residuals, Verdict

UNET, GATE = "unet", "gate"
Progress = Callable[[float, str], None]


class Inputs:
    """What the networks see of one film, as ``preprocess.prepare`` makes it; the film is shrunk once a size."""

    def __init__(self, film: Film):
        self.film = film
        self._squares: dict[int, np.ndarray] = {}

    def __call__(self, spec: InputSpec, lungs: Lungs | None = None) -> np.ndarray:
        """(1, C, S, S) float32. Raises RefusedFilm when the network reads the lungs alone and there are none."""
        if spec.size not in self._squares:
            self._squares[spec.size] = grey(self.film.pixels, spec.size)
        square = self._squares[spec.size]
        if spec.region == "lungs":
            if lungs is None or not lungs.mask.any():
                raise RefusedFilm("This model reads the lungs alone and none were found: use a model of whole films.")
            square = keep_lungs(square, lungs.region)
        return normalise(square, spec)[None]


def classifiers() -> tuple[str, ...]:
    """Ids of the models that give a probability of COVID-19, in the manifest's order. Raises ManifestError."""
    return tuple(name for name, spec in manifest.specs().items() if COVID19 in spec.classes)


def find_lungs(film: Film) -> Lungs:
    """The UNet's lungs, cleaned up; an empty mask where there are none. Raises WeightsError, UnknownModel."""
    return _find_lungs(Inputs(film))


def check(film: Film, lungs: Lungs | None) -> Verdict:
    """The gate's verdict, from its own network and measures of the film and of its lungs, if there are any.

    Raises UnknownModel when the manifest has no gate, WeightsError when its weights cannot be used.
    """
    return _check(Inputs(film), lungs)


def predict(film: Film, lungs: Lungs | None, model_id: str) -> Prediction:
    """One model's calibrated probabilities. lungs: needed by the models that read the lungs alone.

    Raises UnknownModel (also for a network that gives no probability of COVID-19), WeightsError, RefusedFilm.
    """
    return _predict(Inputs(film), lungs, model_id)


def read(
    film: Film, model_ids: Iterable[str] | None = None, progress: Progress | None = None, force: bool = False
) -> Reading:
    """Lungs, verdict and one prediction a model (all classifiers by default), in the order asked for.

    A refused film gets no predictions unless ``force``. A model that cannot be used is a sentence in ``failures``, and
    the others go on; where the gate cannot be used the film is read with a warning that nothing checked it.
    """
    report = progress or (lambda share, doing: None)
    ids = classifiers() if model_ids is None else tuple(model_ids)
    inputs = Inputs(film)
    failures: dict[str, str] = {}
    predictions: dict[str, Prediction] = {}
    report(0.0, "Finding the lungs")
    lungs, verdict = _judged(inputs, failures)
    if verdict.status == "refused" and not force:
        return Reading(film, verdict, lungs, failures=failures)
    for i, model_id in enumerate(ids):
        try:
            report((i + 2) / (len(ids) + 2), f"{registry.spec(model_id).title} reads the film")
            predictions[model_id] = _predict(inputs, lungs, model_id)
        except CxrError as error:
            failures[model_id] = str(error)
    report(1.0, "Done")
    return Reading(film, verdict, lungs, predictions, failures)


@torch.no_grad()
def residuals(film: Film, model_id: str) -> Residuals:
    """What the model's autoencoders leave of the film, in float32. CAE: means of the three equal channels.

    Raises UnknownModel, WeightsError, and UnknownMethod for a model without autoencoder.
    """
    loaded = registry.load(model_id)
    net, spec = loaded.module, loaded.spec.input
    if not hasattr(net, "residuals") and not hasattr(net, "reconstruct"):
        raise UnknownMethod(f"{loaded.spec.title} has no autoencoder and so leaves no residual: ask cae or coronet.")
    x = torch.from_numpy(Inputs(film)(spec))
    with loaded.lock:
        if hasattr(net, "reconstruct"):
            return Residuals(model_id, (_residual("CAE", x, net.reconstruct(x), x),))
        parts = tuple(_pyramid(name, part, x) for name, part in (("F_H", net.healthy), ("F_P", net.pneumonia)))
    healthy, pneumonia = parts
    both = np.abs(2 * healthy.input - healthy.reconstruction - pneumonia.reconstruction)
    return Residuals(model_id, parts, np.stack([healthy.residual, pneumonia.residual, both]))


def _pyramid(name: str, part: FPAE, x: Tensor) -> Residual:
    return _residual(name, x, part(x), torch.sigmoid(x) if part.input_skip else x)


def _residual(name: str, x: Tensor, reconstruction: Tensor, copied: Tensor) -> Residual:
    """From (1, C, S, S) each; ``copied`` is what the output layer makes of the input when it is merely passed on."""
    seen, again, copy = (t[0].mean(0).numpy() for t in (x, reconstruction, copied))
    return Residual(name, seen, again, np.abs(seen - again), np.abs(seen - copy))


def _judged(inputs: Inputs, failures: dict[str, str]) -> tuple[Lungs | None, Verdict]:
    """Lungs, None if the UNet cannot be used, and verdict: a warning if the gate cannot be used."""
    lungs = None
    try:
        lungs = _find_lungs(inputs)
    except CxrError as error:
        failures[UNET] = str(error)
    try:
        return lungs, _check(inputs, lungs)
    except CxrError as error:
        failures[GATE] = str(error)
        sentence = f"Nothing checked whether this is a chest film that can be read. {error}"
        return lungs, Verdict("warned", (Reason("unchecked", "warn", sentence, value=0, limit=1),))


def _find_lungs(inputs: Inputs) -> Lungs:
    unet = registry.load(UNET)
    logits = unet.maps(inputs(unet.spec.input))[0, 0]
    return lungs_from(torch.sigmoid(logits).numpy(), inputs.film.pixels.shape)


def _check(inputs: Inputs, lungs: Lungs | None) -> Verdict:
    network = registry.load(GATE)
    looks = network.module.looks(*network.run(inputs(network.spec.input)))
    return gate.judge(inputs.film, lungs, looks)


def _predict(inputs: Inputs, lungs: Lungs | None, model_id: str) -> Prediction:
    model = registry.load(model_id)
    if COVID19 not in model.spec.classes:
        valid = ", ".join(classifiers())
        raise UnknownModel(f"{model_id} gives no probability of COVID-19. Those that do: {valid}.")
    x = inputs(model.spec.input, lungs)
    started = time.perf_counter()
    logits, _ = model.run(x)
    seconds = time.perf_counter() - started
    p = torch.softmax(logits[0].double() / model.spec.temperature, 0).tolist()
    return Prediction(
        model_id=model_id,
        classes=model.spec.classes,
        probabilities=tuple(p),
        threshold=model.spec.threshold,
        positive=p[0] >= model.spec.threshold,
        decided=model.spec.classes[int(np.argmax(p))],
        seconds=seconds,
    )
