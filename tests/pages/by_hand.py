"""Models, predictions and readings made by hand, for tests that must know every figure."""

import datetime

import cv2
import numpy as np

from cxr_models.imaging.preprocess import InputSpec
from cxr_models.manifest import ModelSpec, Training
from cxr_models.types import COVID19, THREE_CLASSES, TWO_CLASSES, Film, Lungs, Prediction, Reading, Verdict

TRAINED = Training({"a": 9}, 9, 1.0, 0, "cpu", 1.0, "", "random", "by patient", datetime.date(2026, 1, 1))


def spec(model_id: str, title: str, classes: tuple[str, ...] = THREE_CLASSES, region: str = "film") -> ModelSpec:
    """An entry of a manifest whose weights nobody loads."""
    return ModelSpec(
        id=model_id,
        title=title,
        family="test",
        paper="none",
        architecture="resnet",
        bundled=f"weights/{model_id}.safetensors",
        sha256="0" * 64,
        size=1,
        licence="MIT",
        classes=classes,
        thresholds={COVID19: 0.5},
        thresholds_chosen="by hand",
        precision="f32",
        cam_layer="features",
        limits=f"{title} cannot tell adults from children.",
        input=InputSpec(224, 1, (0.5,), (0.5,), region),
        training=TRAINED,
    )


SPECS = {
    one.id: one
    for one in (spec("one", "Alpha"), spec("two", "Beta", region="lungs"), spec("three", "Gamma", TWO_CLASSES))
}


def prediction(model_id: str, *probabilities: float, threshold: float = 0.5) -> Prediction:
    """A prediction by hand; two probabilities make the two-class answer."""
    classes = THREE_CLASSES if len(probabilities) == 3 else TWO_CLASSES
    decided = classes[int(np.argmax(probabilities))]
    return Prediction(model_id, classes, probabilities, threshold, probabilities[0] >= threshold, decided, 0.1)


def lungs_of(film: Film) -> Lungs:
    """Two upright rectangles, a quarter of the film together."""
    mask = np.zeros(film.pixels.shape, bool)
    rows, columns = mask.shape
    mask[rows // 4 : 3 * rows // 4, columns // 8 : 3 * columns // 8] = True
    mask[rows // 4 : 3 * rows // 4, 5 * columns // 8 : 7 * columns // 8] = True
    return Lungs(mask, float(mask.mean()), (0.125, 0.125), 0.9)


def reading_of(film: Film) -> Reading:
    """Alpha and Gamma say COVID-19, Beta, on the lungs alone, does not."""
    said = (prediction("one", 0.8, 0.15, 0.05), prediction("two", 0.2, 0.7, 0.1), prediction("three", 0.9, 0.1))
    verdict = Verdict("ok", (), {"lateral": 0.02})
    return Reading(film, verdict, lungs_of(film), {one.model_id: one for one in said})


def png(pixels: np.ndarray) -> bytes:
    """(H, W) uint8 or uint16 -> the bytes of a PNG file."""
    return cv2.imencode(".png", pixels)[1].tobytes()
