from dataclasses import replace

import pytest
import torch
from loopback import serve
from safetensors.torch import save, save_model
from test_weights import use_hub
from tiny_recipe import STAGE, recipe

from cxr_models.architectures import library
from cxr_models.errors import TrainingError, WeightsMismatch, WeightsMissing
from cxr_models.registry import build
from cxr_models.training import recipes
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
    assert (
        said(recipe()) == "random"
        and said(replace(recipe(), init="runs/resnet50")) == "weights trained before (resnet50)"
    )
    assert "autoencoder" in said(replace(recipe(), init="cae"))


def test_imagenet_weights_come_from_the_hub_at_a_commit_and_are_checked(tmp_path, monkeypatch, capsys):
    reference = library.reference("resnet18")
    with serve() as hub:
        use_hub(monkeypatch, hub.url, tmp_path / "cache")
        commit = hub.add("timm/resnet18.tv_in1k", {"model.safetensors": save(reference.state_dict())})
        network = build("resnet", {"name": "resnet18", "classes": 3})
        begin(network, replace(recipes.get("resnet18"), init="imagenet"))
        assert torch.equal(network.encoder[0].weight, reference.conv1.weight)
        assert f"timm/resnet18.tv_in1k at {commit}" in capsys.readouterr().out
        monkeypatch.setattr("cxr_models.hub.stated_sha256", lambda place: "0" * 64)
        with pytest.raises(WeightsMismatch, match="not what the hub states"):
            begin(network, replace(recipes.get("resnet18"), init="imagenet"))
        with pytest.raises(WeightsMissing, match="no repository timm/resnet50.tv_in1k"):
            begin(build("resnet", {"name": "resnet50"}), replace(recipes.get("resnet50"), init="imagenet"))


def test_a_library_s_own_weights_from_a_file(tmp_path):
    reference = library.reference("squeezenet1_1")
    (tmp_path / "squeezenet.safetensors").write_bytes(save(reference.state_dict()))
    network = build("squeezenet", {"classes": 3})
    begin(network, replace(recipes.get("squeezenet"), init=str(tmp_path / "squeezenet.safetensors")))
    assert torch.equal(network.encoder[0].weight, reference.features[0].weight)
