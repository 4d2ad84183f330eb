"""A network's first weights: random, ImageNet's, those of an autoencoder on our own films, or those of another run."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, load_file

from .. import hub
from ..errors import TrainingError, WeightsMismatch, WeightsMissing
from ..manifest import Hub
from .recipes import Recipe, Stage

NAMED = RANDOM, IMAGENET, CAE = "random", "imagenet", "cae"
PRETRAIN, OWNER = "pretrain", "timm"
# Repositories of the timm collection whose tensors are named as the library's (architectures/library.py).
IMAGENET_AT = {
    "resnet18": "resnet18.tv_in1k",
    "resnet50": "resnet50.tv_in1k",
    "resnet101": "resnet101.tv_in1k",
    "resnet152": "resnet152.tv_in1k",
    "densenet121": "densenet121.tv_in1k",
    "densenet201": "densenet201.tv_in1k",
    "inception_v3": "inception_v3.tv_in1k",
    "inception_resnet_v2": "inception_resnet_v2.tf_in1k",
    "xception": "legacy_xception.tf_in1k",
    "hrnet_w18_small_v2": "hrnet_w18_small_v2.ms_in1k",
}


def with_pretraining(recipe: Recipe) -> Recipe:
    """With ``init = "cae"`` a stage in front that trains the encoder as an autoencoder (CAE paper, section 3), on all
    frontal films, labelled or not; unless the recipe has one of its own."""
    if recipe.init != CAE or any(stage.task == "Reconstruct" for stage in recipe.stages):
        return recipe
    last = recipe.stages[-1]
    first = Stage(PRETRAIN, "Reconstruct", epochs=10, batch=last.batch, lr=1e-3, size=last.size, frozen=("head",))
    return replace(recipe, stages=(first, *recipe.stages))


def begin(net: Any, recipe: Recipe) -> None:
    """Give ``net`` the weights that ``recipe.init`` names. Raises TrainingError, WeightsError."""
    if recipe.init == IMAGENET:
        _imagenet(net, recipe)
    elif recipe.init not in NAMED:
        _from_run(net, recipe.init)


def _imagenet(net: Any, recipe: Recipe) -> None:
    repo = IMAGENET_AT.get(str(recipe.settings.get("name", "")))
    if repo is None or not hasattr(net, "from_reference"):
        raise TrainingError(
            f"No hub has ImageNet weights of {recipe.id} as safetensors. Take init random or cae, or convert the "
            "library's own weights to a .safetensors file and name it with --init."
        )
    net.from_reference(_published(f"{OWNER}/{repo}", recipe.id))


def _published(repo: str, model_id: str) -> dict[str, torch.Tensor]:
    """The newest tensors of a repository, checked against the SHA-256 that the hub states for them; prints the commit.

    Raises WeightsMissing, WeightsMismatch.
    """
    found = hub.find(repo)
    if found is None:
        raise WeightsMissing(f"The hub has no repository {repo}: take init random or cae for {model_id}.")
    place = Hub(repo, found.commit, "model.safetensors")
    data = hub.fetch(place, f"ImageNet weights for {model_id} cannot be had").read_bytes()
    if hashlib.sha256(data).hexdigest() != hub.stated_sha256(place):
        raise WeightsMismatch(f"What came from {repo} is not what the hub states: clear its cache and start again.")
    print(f"{model_id}: first weights from {repo} at {found.commit}", flush=True)
    return load(data)


def _from_run(net: Any, init: str) -> None:
    """All tensors of that run (a folder, or a .safetensors file) that fit by name and shape: at least the encoder. Or
    the state dict of the library's own network, as ``from_reference`` takes it."""
    file = Path(init) if init.endswith(".safetensors") else Path(init) / "net.safetensors"
    try:
        state = load_file(file)
    except (OSError, SafetensorError) as error:
        raise TrainingError(
            f"There are no weights to start from at {file}: init is random, imagenet, cae, a finished run's folder or "
            "a .safetensors file."
        ) from error
    own = net.state_dict()
    fitting = {name: t.to(own[name].dtype) for name, t in state.items() if name in own and own[name].shape == t.shape}
    missing = [name for name in own if name not in fitting and not name.startswith("head")]
    if not fitting and hasattr(net, "from_reference"):
        _from_library(net, state, file)
        return
    if missing or not fitting:
        raise TrainingError(f"{file} is of another network: it has no {', '.join(missing[:3]) or 'layer of it'}.")
    net.load_state_dict(own | fitting)


def _from_library(net: Any, state: dict[str, torch.Tensor], file: Path) -> None:
    try:
        net.from_reference(state)
    except ValueError as error:
        raise TrainingError(f"{file}: {error}") from error


def said(recipe: Recipe) -> str:
    """For the card: where the first weights came from."""
    return {
        RANDOM: "random",
        IMAGENET: "ImageNet",
        CAE: "random, then an autoencoder on films without labels",
    }.get(recipe.init, f"weights trained before ({Path(recipe.init).name})")
