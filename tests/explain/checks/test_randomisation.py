"""Cascading randomisation: what is shuffled, what it leaves alone, and maps that do or do not depend on it."""

import math

import pytest
import torch
from explain.checks.nets import Learned, Rebuilds, spots
from explain.tiny import Curved, a_film, spec_of

from cxr_models import explain, registry
from cxr_models.errors import Cancelled, MapError
from cxr_models.explain import METHODS, Question
from cxr_models.explain.checks.randomisation import cascade, judged, parts, shuffle, used
from cxr_models.registry import LoadedModel


@pytest.fixture
def film(textured):
    return textured


def shuffled(model, method, film, cancelled=lambda: False, progress=lambda share, doing: None):
    made = explain.explain(film, None, model, method, "covid19")
    return cascade(made, registry.load(model), Question(film, None, "covid19"), progress, cancelled)


def test_a_map_of_what_was_learned_is_lost(serve, film):
    serve(spec_of("learned"), Learned())
    found = shuffled("learned", "cam", film)
    assert [name for name, _ in found] == ["head", "later half", "whole network"]
    assert judged(found, 0.5).passed
    assert "another map" in judged(found, 0.5).sentence


def test_a_map_that_ignores_the_weights_fails(serve, quarters):
    serve(spec_of("curved"), Curved())  # a network that learned nothing: it has no weights at all
    found = shuffled("curved", "grad_cam", quarters)
    assert [value for _, value in found] == pytest.approx([1, 1, 1])
    check = judged(found, 0.5)
    assert check.passed is False
    assert check.sentence == (
        "A network with shuffled weights draws a similar map (likeness 1.00 of 1): "
        "this map says little about what the model learned."
    )


def test_the_opposite_map_fails_as_well():
    check = judged((("whole network", -0.8),), 0.5)
    assert (check.passed, check.value) == (False, 0.8) and "signs exchanged" in check.sentence


def test_residuals_of_shuffled_autoencoders(serve):
    film = a_film(spots())
    serve(spec_of("rebuilds"), Rebuilds())
    found = dict(shuffled("rebuilds", "residual", film))
    assert found["head"] == pytest.approx(1) and found["whole network"] < 1
    assert dict(shuffled("halved", "residual", film))["whole network"] == pytest.approx(1)  # it has learned nothing
    assert dict(shuffled("two-halves", "residual", film))["whole network"] == pytest.approx(1)


def test_parts_go_from_the_output_backwards():
    net = Learned()
    net.filter = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.Conv2d(2, 3, 3))
    names = {id(tensor): name for name, tensor in net.named_parameters()}
    found = {name: [names[id(tensor)] for tensor in tensors] for name, tensors in parts(net, list(net.parameters()))}
    assert found == {
        "head": ["head.1.weight", "head.1.bias"],
        "later half": ["filter.1.weight", "filter.1.bias"],
        "whole network": ["filter.0.weight", "filter.0.bias"],
    }


def test_weights_that_no_answer_needs_are_not_counted():
    net = Learned()
    net.decoder = torch.nn.Conv2d(1, 1, 3)
    names = {id(tensor): name for name, tensor in net.named_parameters()}
    found = used(net, torch.rand(1, 1, 64, 64))
    assert {names[id(tensor)] for tensor in found} == {name for name in names.values() if "decoder" not in name}
    assert not any(tensor.requires_grad for tensor in net.parameters())
    assert used(Curved(), torch.rand(1, 1, 64, 64)) == []


def test_shuffling_keeps_every_value_and_no_place():
    tensor = torch.arange(1000.0).reshape(10, 100)
    once, twice = (tensor.clone(), tensor.clone())
    for one in (once, twice):
        shuffle([one], torch.Generator().manual_seed(3))
    assert torch.equal(once, twice) and torch.equal(once.flatten().sort().values, tensor.flatten())
    assert (once == tensor).float().mean() < 0.01


def test_network_and_global_dice_are_left_alone(serve, film):
    net = serve(spec_of("learned"), Learned()).module
    before = {name: value.clone() for name, value in net.state_dict().items()}
    torch.manual_seed(5)
    dice = torch.get_rng_state()
    first, second = shuffled("learned", "cam", film), shuffled("learned", "cam", film)
    assert first == second and torch.equal(dice, torch.get_rng_state())
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


def test_no_map_of_the_shuffled_network_is_no_likeness(serve, film, monkeypatch):
    model = serve(spec_of("learned"), Learned())
    honest = METHODS["cam"]

    def fails(other, *rest):
        if other is not model:
            raise MapError("Nothing to show.")
        return honest(other, *rest)

    monkeypatch.setitem(METHODS, "cam", fails)
    found = shuffled("learned", "cam", film)
    assert [value for _, value in found] == [None, None, None]
    check = judged(found, 0.5)
    assert check.passed is None and math.isnan(check.value) and "no map at all" in check.sentence


def test_without_a_map_for_this_answer_that_for_its_own_is_taken(serve, film, monkeypatch):
    """The shuffled network is asked about the film's class first, and that is refused; its own answer is the other."""
    model = serve(spec_of("learned"), Learned())
    honest, asked = METHODS["cam"], []

    def only_its_own(other, questions, *rest):
        (question,) = questions
        asked.append(question.target)
        if other is not model and question.target == "covid19":
            raise MapError("Nothing to show.")
        return honest(other, questions, *rest)

    monkeypatch.setitem(METHODS, "cam", only_its_own)
    monkeypatch.setattr(LoadedModel, "run", lambda self, x: (torch.tensor([[0.0, 1.0]]), None))
    assert all(value is not None for _, value in shuffled("learned", "cam", film))
    assert asked == ["covid19", *["covid19", "non_covid19"] * 3]


def test_shuffled_network_has_another_hash(serve, film, monkeypatch):
    model = serve(spec_of("learned"), Learned())
    seen, honest = [], METHODS["cam"]
    monkeypatch.setitem(METHODS, "cam", lambda other, *rest: (seen.append(other.spec.sha256), honest(other, *rest))[1])
    shuffled("learned", "cam", film)
    assert seen[0] == model.spec.sha256 and len(set(seen)) == 4


def test_cancelled_before_a_step_and_progress(serve, film):
    serve(spec_of("learned"), Learned())
    told = []
    shuffled("learned", "cam", film, progress=lambda share, doing: told.append((share, doing)))
    assert told[0] == (0, "Shuffling the network's weights: head")
    assert [round(share, 2) for share, _ in told] == [0, 0.33, 0.67]
    asked = iter([False])
    with pytest.raises(Cancelled):
        shuffled("learned", "cam", film, cancelled=lambda: next(asked, True))
