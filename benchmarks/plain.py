"""The reference: the same nets in plain float32 eager PyTorch, Grad-CAM by a backward pass through the whole net."""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import interpolate

from cxr_models import manifest, registry, weights
from cxr_models.imaging.lungs import lungs_from
from cxr_models.imaging.preprocess import prepare
from cxr_models.inference import GATE, UNET
from cxr_models.types import COVID19, Film, Lungs


class Plain:
    """Every net of the manifest, in eval mode, its parameters with gradients as PyTorch makes them."""

    def __init__(self) -> None:
        self.specs = manifest.specs()
        self.nets: dict[str, Any] = {name: self._net(spec) for name, spec in self.specs.items()}
        self.classifiers = [name for name, spec in self.specs.items() if COVID19 in spec.classes]

    def panel(self, film: Film) -> dict[str, np.ndarray]:
        """Gate, lungs, then probabilities (K,) of each classifier, with a Grad-CAM of its answer in the film frame."""
        if GATE in self.nets:
            self.looks(film)
        lungs = self.lungs(film)
        return {name: self.answer(film, lungs, name)[0] for name in self.classifiers}

    @torch.no_grad()
    def lungs(self, film: Film) -> Lungs:
        logits = self.nets[UNET](self.input(film, UNET))[0, 0]
        return lungs_from(torch.sigmoid(logits).numpy(), film.pixels.shape)

    @torch.no_grad()
    def looks(self, film: Film) -> np.ndarray:
        return self.nets[GATE](self.input(film, GATE)).softmax(1)[0].numpy()

    def answer(self, film: Film, lungs: Lungs, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities (K,) and Grad-CAM (H, W) of the most probable class."""
        net = self.nets[name]
        features = net.features(self.input(film, name, lungs))
        features.retain_grad()
        logits = net.head(features)
        logits[0].max().backward()
        net.zero_grad()
        cam = (features.grad.mean((2, 3), keepdim=True) * features).sum(1, keepdim=True).relu()
        large = interpolate(cam, film.pixels.shape, mode="bilinear", align_corners=False)[0, 0]
        return self.calibrated(name, logits), large.detach().numpy()

    @torch.no_grad()
    def forward_only(self, film: Film, lungs: Lungs, name: str) -> np.ndarray:
        """Probabilities (K,) without gradients: what remains of the work for one who needs no map."""
        return self.calibrated(name, self.nets[name](self.input(film, name, lungs)))

    def calibrated(self, name: str, logits: torch.Tensor) -> np.ndarray:
        return (logits.detach().double() / self.specs[name].temperature).softmax(1)[0].numpy()

    def input(self, film: Film, name: str, lungs: Lungs | None = None) -> torch.Tensor:
        region = None if lungs is None else lungs.region
        return torch.from_numpy(prepare(film.pixels, self.specs[name].input, region)[None])

    @staticmethod
    def _net(spec: manifest.ModelSpec) -> nn.Module:
        net = registry.build(spec.architecture, spec.settings).eval()
        weights.load_into(net, spec)
        return net
