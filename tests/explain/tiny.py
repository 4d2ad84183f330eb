"""Networks small enough to compute their maps by hand."""

import datetime
from importlib import import_module

import numpy as np
import torch
from torch import nn

from cxr_models.architectures.classifier import Classifier, PooledLinear
from cxr_models.engine import Engine
from cxr_models.imaging.preprocess import InputSpec
from cxr_models.manifest import ModelSpec, Training
from cxr_models.registry import LoadedModel
from cxr_models.types import Film

QUARTERS = np.array([[0, 0.25], [0.5, 1]], np.float32)
SIZE = 64


class Quarters(Classifier):
    """Two maps of 2 x 2: the mean grey value q of each quarter of the film, and 1 - q."""

    def features(self, x):
        q = nn.functional.adaptive_avg_pool2d(x, 2)
        return torch.cat([q, 1 - q], dim=1)


class Pooled(Quarters):
    """Logits: mean(2 q - (1 - q)) + 0.5 and mean(1 - q)."""

    linear_head = True

    def __init__(self):
        super().__init__()
        self.head = PooledLinear(2, 2)
        self.head[-1].load_state_dict({"weight": torch.tensor([[2.0, -1], [0, 1]]), "bias": torch.tensor([0.5, 0])})


class Flattened(Quarters):
    """Logit of class 0: one weight a cell, 1 to 4 on q and none on 1 - q; a constant for class 1."""

    linear_head = True

    def __init__(self):
        super().__init__()
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(8, 2))
        weight = torch.tensor([[1.0, 2, 3, 4, 0, 0, 0, 0], [0] * 8])
        self.head[-1].load_state_dict({"weight": weight, "bias": torch.tensor([-1.0, 3])})


class SumOfSquares(nn.Module):
    def forward(self, features):
        return torch.stack([features[:, 0].square().sum((1, 2)), features[:, 1].sum((1, 2))], dim=1)


class Curved(Quarters):
    """Logits: sum(q^2), not linear in the features, and sum(1 - q)."""

    linear_head = False

    def __init__(self):
        super().__init__()
        self.head = SumOfSquares()


class Detail(Classifier):
    """Sees fine detail (squared difference to the right neighbour) in the lower right quarter, and nothing else."""

    linear_head = True

    def __init__(self):
        super().__init__()
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
        weight = torch.tensor([[0.0, 0, 0, 12], [0] * 4])
        self.head[-1].load_state_dict({"weight": weight, "bias": torch.tensor([-4.0, 0])})

    def features(self, x):
        return nn.functional.adaptive_avg_pool2d(x.diff(dim=3).square(), 2)


class Times(nn.Module):
    input_skip = False

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return self.factor * x


class Halved(Pooled):
    """With an autoencoder that gives back half of every grey value."""

    def reconstruct(self, x):
        return x / 2


class TwoHalves(Pooled):
    """With two autoencoders: one gives back half of every grey value, the other nothing."""

    def __init__(self):
        super().__init__()
        self.healthy, self.pneumonia = Times(0.5), Times(0)

    def residuals(self, x):
        healthy, pneumonia = x - self.healthy(x), x - self.pneumonia(x)
        return torch.cat([healthy, pneumonia, healthy + pneumonia], dim=1)


class Layered(Pooled):
    """As Pooled, through parts that have names: ``first`` gives the film x and 1 - x, ``bend`` works in place."""

    def __init__(self):
        super().__init__()
        self.first, self.bend = nn.Conv2d(1, 2, 1), nn.ReLU(inplace=True)
        weight, bias = torch.tensor([1.0, -1]).reshape(2, 1, 1, 1), torch.tensor([0.0, 1])
        self.first.load_state_dict({"weight": weight, "bias": bias})

    def features(self, x):
        return nn.functional.adaptive_avg_pool2d(self.bend(self.first(x)), 2)


class Blind(Layered):
    """Gives the same answer whatever the film: no gradient anywhere."""

    def __init__(self):
        super().__init__()
        nn.init.zeros_(self.head[-1].weight)


class Broken(Layered):
    """Damaged weights: every answer is no number."""

    def __init__(self):
        super().__init__()
        nn.init.constant_(self.head[-1].weight, float("nan"))


NETS = {
    "pooled": Pooled,
    "flattened": Flattened,
    "curved": Curved,
    "detail": Detail,
    "halved": Halved,
    "two-halves": TwoHalves,
    "lungs-net": nn.Identity,
    "layered": Layered,
    "blind": Blind,
    "broken": Broken,
}


def spec_of(name, classes=("covid19", "non_covid19"), **changes):
    """A manifest entry for a network of ``SIZE`` pixels that reads grey values as they are."""
    values = dict(
        id=name, title=name.title(), family="tests", paper="None", architecture=name, bundled="none.safetensors",
        sha256="0" * 64, size=1, licence="MIT", classes=classes, precision="f32", cam_layer="last", limits="A test.",
        input=InputSpec(SIZE, 1, (0.0,), (1.0,)), thresholds={"covid19": 0.5} if "covid19" in classes else {},
        thresholds_chosen="by hand",
        training=Training({"none": 1}, 1, 1.0, 0, "CPU", 1.0, "", "random", "none", datetime.date(2026, 1, 1)),
    )  # fmt: skip
    return ModelSpec(**(values | changes))


def loaded(spec, net):
    """The network as ``registry.load`` would hand it out, computed in plain PyTorch."""

    @torch.no_grad()
    def run(x):
        return net.features(torch.from_numpy(x)).numpy()

    return LoadedModel(spec, net.eval(), Engine("PyTorch f32", run))


def settings(method):
    """The module of a method, whose constants a test may change; in the package its name is that of the function."""
    return import_module(f"cxr_models.explain.{method}")


def a_film(pixels):
    return Film(np.asarray(pixels, np.float32), "0" * 64, "Film 1", "phantom")


def state(net):
    """All that an explanation might leave behind in a network: weights, gradients, modes, hooks, gradients on."""
    weights = [value.numpy().tobytes() for value in net.state_dict().values()]
    gradients = [(p.requires_grad, p.grad is None) for p in net.parameters()]
    hooks = "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"
    modules = [(m.training, *(len(getattr(m, kind)) for kind in hooks)) for m in net.modules()]
    return weights, gradients, modules, torch.is_grad_enabled()
