from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from trees import film, save

from cxr_models.errors import TrainingError, UnknownModel
from cxr_models.training import recipes, run
from cxr_models.training.recipes import GREY, RESNET18, Recipe, Stage
from cxr_models.training.run import Draws, cell_weights, train, wanted
from cxr_models.training.tasks import dice_loss

CLASSIFY = Stage("one", "Classify", epochs=2, batch=4, lr=1e-3, size=32, films=8)
TINY = Recipe("tiny", "cnn_x", replace(GREY, size=32), (CLASSIFY,), {"size": 32, "classes": 3}, store=32)


@pytest.fixture
def films(tmp_path):
    """Twelve phantoms with an index, and a tiny recipe to train on them."""
    rows = []
    for i, finding in enumerate(["covid19", "normal", "pneumonia"] * 4):
        save(tmp_path / f"{i}.png", film(i, finding))
        rows.append({"path": f"{i}.png", "source": "a", "label": finding, "mask": "", "sha256": str(i)})
    index = pd.DataFrame(rows)
    index["split"] = ["train"] * 9 + ["val"] * 3
    return tmp_path, index


def weights_of(net: torch.nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in net.parameters()])


def test_a_finished_run_is_not_trained_again(films):
    root, index = films
    first = weights_of(train(TINY, index, root, root / "runs"))
    assert torch.equal(first, weights_of(train(TINY, index, root, root / "runs")))
    assert (root / "runs/tiny/one/net.safetensors").is_file()


def test_a_broken_run_goes_on_to_the_same_weights(films, monkeypatch):
    root, index = films
    whole = weights_of(train(TINY, index, root, root / "whole"))
    step = run.TASKS["Classify"].training_step

    def breaks(task, rows, i):
        if task.current_epoch == 1:
            raise KeyboardInterrupt
        return step(task, rows, i)

    monkeypatch.setattr(run.TASKS["Classify"], "training_step", breaks)
    with pytest.raises(BaseException):  # noqa: B017 - Lightning turns the interrupt into its own exit
        train(TINY, index, root, root / "broken")
        raise KeyboardInterrupt
    monkeypatch.undo()
    assert not (root / "broken/tiny/one/stage.json").is_file()
    assert torch.allclose(weights_of(train(TINY, index, root, root / "broken")), whole, atol=1e-5)


def test_another_seed_gives_other_weights(films):
    root, index = films
    one, two = (weights_of(train(TINY, index, root, root / f"runs{s}", seed=s)) for s in (0, 1))
    assert not torch.equal(one, two)


def test_an_index_without_training_films_is_an_error(films):
    _, index = films
    with pytest.raises(TrainingError, match="no films to train resnet18"):
        wanted(index[index.split == "val"], RESNET18)


def test_an_unknown_recipe_lists_the_known_ones():
    with pytest.raises(UnknownModel, match="resnet18"):
        recipes.get("resnet19")


def test_an_epoch_is_drawn_from_its_seed_and_number():
    draws = Draws(np.ones(10), 4, seed=0)
    first = list(draws)
    assert first == list(draws) and len(set(first)) == 4
    draws.set_epoch(1)
    assert list(draws) != first


def test_a_cell_weighs_the_square_root_of_its_size():
    rows = pd.DataFrame({"source": ["a"] * 4 + ["b"], "label": "normal", "path": list("vwxyz")})
    weights = cell_weights(rows)
    assert weights.tolist() == [0.5] * 4 + [1.0]
    assert weights[:4].sum() / weights[4] == 2


def test_dice_loss_by_hand():
    masks = torch.zeros(1, 1, 2, 2)
    masks[..., 0] = 1
    right, wrong = 100 * (masks - 0.5), 100 * (0.5 - masks)
    assert dice_loss(right, masks).item() == pytest.approx(0, abs=1e-6)
    assert dice_loss(wrong, masks).item() == pytest.approx(1 - 1 / 5, abs=1e-6)
