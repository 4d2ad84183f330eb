import pytest

from cxr_models.training import bundle


def test_a_budget_is_shared_by_worth():
    assert bundle.shares(["unet", "cnn-x", "vgg16"], 60) == pytest.approx({"unet": 40, "cnn-x": 10, "vgg16": 10})
    assert bundle.shares(["unet", "cnn-x"], None) == {"unet": None, "cnn-x": None}
