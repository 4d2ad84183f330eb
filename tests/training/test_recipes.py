"""Every system of the five papers has a recipe that its network and its tasks can carry out."""

import pytest
import torch

from cxr_models.errors import TrainingError, UnknownModel
from cxr_models.registry import build
from cxr_models.training import recipes
from cxr_models.training.augment import PRESETS
from cxr_models.training.start import with_pretraining
from cxr_models.training.tasks import TASKS

SYSTEMS = {
    "CAE": "cae cae-3lstm cae-3dense cae-5dense",
    "Transfer learning": "custom-cnn resnet50-frozen vgg16-frozen densenet121-frozen",
    "CoroNet": "coronet",
    "CNN-X, networks": "alexnet vgg16 vgg19 resnet18 resnet50 resnet101 googlenet inception_v3 squeezenet xception",
    "CNN-X": "inception_resnet_v2 densenet201 cnn-x",
    "HRNet": "unet hrnet resnet152 densenet121 efficientnet_b4",
}


def test_every_system_of_the_papers_has_one():
    assert set(" ".join(SYSTEMS.values()).split()) <= set(recipes.ids()) and recipes.ids()[
        : len(recipes.BUNDLED)
    ] == list(recipes.BUNDLED)


@pytest.mark.parametrize("name", recipes.ids())
def test_a_recipe_can_be_carried_out(name):
    recipe = with_pretraining(recipes.get(name))
    with torch.device("meta"):
        net = build(recipe.architecture, recipe.settings)
    parts = {part for part, _ in net.named_modules()}
    for stage in recipe.stages:
        assert stage.task in TASKS and (not stage.augment or stage.augment in PRESETS)
        assert set(stage.frozen) <= parts and (not stage.part or stage.part in parts)
        assert stage.size <= recipe.input.size <= recipe.store or stage.size <= recipe.store
        assert any(p.requires_grad for n, p in net.named_parameters() if not n.startswith(stage.frozen or ("-",)))
    assert recipe.stages[-1].size == recipe.input.size
    assert recipe.settings.get("classes", len(recipe.classes)) == len(recipe.classes)
    assert recipe.cam_layer or recipe.classes == ("lungs",)


def test_a_recipe_like_another_states_only_what_differs():
    base, like = recipes.get("cae"), recipes.get("cae-3lstm")
    assert like.stages == base.stages and like.settings == {"classes": 3, "head": "3lstm-2dense"}
    assert like.title != base.title and like.id == "cae-3lstm"


def test_an_unknown_recipe_lists_the_known_ones():
    with pytest.raises(UnknownModel, match="resnet18"):
        recipes.get("resnet19")


def test_a_wrong_file_names_the_place(tmp_path, monkeypatch):
    monkeypatch.setattr(recipes, "FOLDER", tmp_path)
    text = (recipes.Path(recipes.__file__).parent / "cnn-x.toml").read_text()
    (tmp_path / "wrong.toml").write_text(text.replace("epochs = 20", 'epochs = "many"'))
    with pytest.raises(TrainingError, match=r"wrong.stages\[0\].epochs: 'many' is not a whole number"):
        recipes.get("wrong")
