from dataclasses import replace

import pytest
import torch
from tiny_recipe import GREY, STAGE
from torch import nn

from cxr_models.architectures.custom_cnn import CustomCNN
from cxr_models.training.schedule import shape
from cxr_models.training.tasks import Classify, Films, Reconstruct, Screen, dice_loss

PLAIN = replace(STAGE, augment="")
GREYS = Films(torch.zeros(4, 32, 32, dtype=torch.uint8), torch.tensor([0, 1, 1, 1]), healthy=torch.tensor([0, 1, 0, 1]))


class Fixed(nn.Module):
    """Two logits whatever it is shown."""

    def __init__(self, *logits: float):
        super().__init__()
        self.logits = nn.Parameter(torch.tensor(logits))

    def forward(self, x):
        return self.logits.expand(len(x), -1)

    screen = forward


def test_dice_loss_by_hand():
    masks = torch.zeros(1, 1, 2, 2)
    masks[..., 0] = 1
    right, wrong = 100 * (masks - 0.5), 100 * (0.5 - masks)
    assert dice_loss(right, masks).item() == pytest.approx(0, abs=1e-6)
    assert dice_loss(wrong, masks).item() == pytest.approx(1 - 1 / 5, abs=1e-6)


def test_classes_count_by_the_inverse_of_their_number():
    task = Classify(Fixed(0.0, 1.0), replace(PLAIN, weighted=True), GREY, GREYS, 0)
    assert task.importance(2).tolist() == pytest.approx([4 / 2, 4 / 6])
    losses = torch.log1p(torch.tensor([1.0, -1.0]).exp())  # of class 0 and of class 1
    assert task.loss(torch.arange(4)).item() == pytest.approx(float((2 * losses[0] + 3 * 2 / 3 * losses[1]) / 4))


def test_screening_asks_for_healthy_films():
    task = Screen(Fixed(0.0, 100.0), PLAIN, GREY, GREYS, 0)
    assert task.loss(torch.tensor([1, 3])).item() == pytest.approx(0)
    assert task.loss(torch.tensor([0, 2])).item() == pytest.approx(100)


def test_any_classifier_gets_a_decoder_for_its_pre_training():
    task = Reconstruct(CustomCNN(), replace(PLAIN, task="Reconstruct", size=64), replace(GREY, size=64), GREYS, 0)
    films = Films(torch.full((2, 64, 64), 51, dtype=torch.uint8))
    task.films = films
    loss = task.loss(torch.arange(2))
    loss.backward()
    assert 0 < loss.item() < 0.64 and task.net.base[0].weight.grad.abs().sum() > 0
    assert not any(name.startswith("decoder") for name in task.net.state_dict())


def test_the_learning_rate_rises_and_falls():
    assert shape("flat", 0.7) == 1
    assert (shape("cycle", 0), shape("cycle", 0.15), shape("cycle", 1)) == pytest.approx((0.04, 1, 0))
    assert shape("cycle", 0.575) == pytest.approx(0.5)


def test_a_stage_states_its_optimiser():
    stage = replace(STAGE, optimizer="sgd", momentum=0.8)
    task = Classify(Fixed(0.0, 1.0), stage, GREY, GREYS, 0)
    task.trainer = type("Trainer", (), {"estimated_stepping_batches": 10})()
    found = task.configure_optimizers()["optimizer"]
    assert type(found).__name__ == "SGD" and found.param_groups[0]["momentum"] == 0.8
