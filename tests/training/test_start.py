from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_model
from tiny_recipe import STAGE, recipe

from cxr_models.errors import TrainingError
from cxr_models.registry import build
from cxr_models.training.start import begin, said, with_pretraining


def net(classes: int = 3, size: int = 32) -> torch.nn.Module:
    return build("cnn_x", {"size": size, "classes": classes})


def test_weights_of_another_run_but_for_a_head_of_other_classes(tmp_path):
    first, other = net(), net(classes=4)
    save_model(first, str(tmp_path / "net.safetensors"))
    head = other.head[1].weight.clone()
    begin(other, replace(recipe(), init=str(tmp_path)))
    assert torch.equal(other.paths[0][0].weight, first.paths[0][0].weight)
    assert torch.equal(other.head[1].weight, head)
    begin(other, replace(recipe(), init=str(tmp_path / "net.safetensors")))


def test_weights_of_another_network_are_a_sentence(tmp_path):
    save_model(build("custom_cnn", {}), str(tmp_path / "net.safetensors"))
    with pytest.raises(TrainingError, match="is of another network: it has no paths"):
        begin(net(), replace(recipe(), init=str(tmp_path)))
    with pytest.raises(TrainingError, match="no weights to start from"):
        begin(net(), replace(recipe(), init=str(tmp_path / "nowhere")))


def test_imagenet_is_for_networks_of_the_libraries():
    with pytest.raises(TrainingError, match="No hub has ImageNet weights of tiny"):
        begin(net(), replace(recipe(), init="imagenet"))


def test_an_autoencoder_comes_first_unless_the_recipe_has_one():
    assert [s.task for s in with_pretraining(replace(recipe(), init="cae")).stages] == ["Reconstruct", "Classify"]
    own = recipe(replace(STAGE, task="Reconstruct"), STAGE, init="cae")
    assert with_pretraining(own) is own and with_pretraining(recipe()).stages == recipe().stages


def test_the_card_says_where_the_weights_came_from():
    assert said(recipe()) == "random" and said(replace(recipe(), init="runs/resnet50")) == "run resnet50"
    assert "autoencoder" in said(replace(recipe(), init="cae"))
