"""Networks of torchvision and timm: their sizes, what of them is kept, and how their weights come in."""

from functools import cache

import pytest
import timm
import torch

from cxr_models.architectures.baselines import FullyConnected, Pooled, ResNet, SqueezeNet
from cxr_models.architectures.classifier import Classifier
from cxr_models.architectures.coronet import CoroNet
from cxr_models.architectures.hrnet import HRNet
from cxr_models.architectures.library import NATIVE_SIZE, NETWORKS, reference
from cxr_models.architectures.transfer import Transfer

CLASSES = (ResNet, Pooled, FullyConnected, SqueezeNet)
NETS = [(kind, name) for kind in CLASSES for name in kind.names]
LAST = {"googlenet": 1024, "densenet121": 1024, "densenet201": 1920, "efficientnet_b4": 1792, "resnet18": 512}
LAST |= {"inception_resnet_v2": 1536, "squeezenet1_1": 512, "alexnet": 4096, "vgg16": 4096, "vgg19": 4096}
PUBLISHED = {  # trainable parameters with 1000 classes, as torchvision and timm state them, without auxiliary heads
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "googlenet": 6_624_904,
    "inception_v3": 23_834_568,
    "inception_resnet_v2": 55_843_464,
    "xception": 22_855_952,
    "densenet121": 7_978_856,
    "densenet201": 20_013_928,
    "efficientnet_b4": 19_341_616,
    "alexnet": 61_100_840,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "squeezenet1_1": 1_235_496,
}


@cache
def on_paper(kind: type[Classifier], name: str) -> Classifier:
    """Shapes without numbers: no memory, no time."""
    with torch.device("meta"):
        return kind(name=name, classes=3)


def shuffled(net: torch.nn.Module) -> torch.nn.Module:
    """Every tensor of the network with values of its own, batch statistics too."""
    torch.manual_seed(1)
    with torch.no_grad():
        for tensor in (t for t in net.state_dict().values() if t.is_floating_point()):
            tensor.mul_(torch.rand_like(tensor) + 0.5).add_(0.01 * torch.rand_like(tensor))
    return net.eval().requires_grad_(False)


def test_every_network_has_one_class():
    assert sorted(name for _, name in NETS) == sorted(NETWORKS) == sorted(PUBLISHED)


@pytest.mark.parametrize(("kind", "name"), NETS, ids=str)
def test_all_but_the_last_layer_is_the_published_network(kind, name):
    net = on_paper(kind, name)
    units = LAST.get(name, 2048)
    assert sum(p.numel() for p in net.parameters()) == PUBLISHED[name] - 1000 * (units + 1) + 3 * (units + 1)


@pytest.mark.parametrize(("kind", "name"), NETS, ids=str)
def test_maps_at_native_size(kind, name):
    net, side = on_paper(kind, name).eval(), NATIVE_SIZE[name]
    x = torch.empty(1, 3, side, side, device="meta")
    features = net.features(x)
    assert features.shape[1] == NETWORKS[name].features and min(features.shape[2:]) >= 6
    assert net.head(features).shape == (1, 3)


@pytest.mark.parametrize(("kind", "name"), NETS + [(Transfer, name) for name in Transfer.names], ids=str)
def test_every_published_weight_but_the_last_layers_has_its_place(kind, name):
    net = on_paper(kind, name)
    with torch.device("meta"):
        state = reference(name).state_dict()
    net.from_reference(state)
    last = {n for n in net.state_dict() if net.origin(n) is None}
    assert last and all(n.startswith("head.") for n in last)
    assert len(last) == 2 or kind is Transfer


@pytest.mark.parametrize(
    ("kind", "name"), [(SqueezeNet, "squeezenet1_1"), (Pooled, "googlenet"), (ResNet, "resnet18")], ids=str
)
def test_with_the_librarys_weights_the_maps_are_the_librarys(kind, name):
    theirs, ours = shuffled(reference(name)), kind(name=name).eval().requires_grad_(False)
    head = {n: t.clone() for n, t in ours.head.state_dict().items()}
    ours.from_reference(theirs.state_dict())
    caught = []
    last = theirs.classifier if name == "squeezenet1_1" else theirs.avgpool
    last.register_forward_pre_hook(lambda module, args: caught.append(args[0]))
    x = torch.rand(2, 3, 64, 64)
    theirs(x)
    assert caught[0].std() > 0
    assert torch.equal(ours.features(x), caught[0])
    assert all(torch.equal(t, head[n]) for n, t in ours.head.state_dict().items())


def test_densenet_ends_with_the_relu_that_torchvision_applies_outside_its_features():
    theirs, ours = shuffled(reference("densenet121")), Pooled("densenet121").eval().requires_grad_(False)
    ours.from_reference(theirs.state_dict())
    x = torch.rand(1, 3, 64, 64)
    assert torch.equal(ours.features(x), torch.relu(theirs.features(x)))


def test_fully_connected_layers_keep_their_weights_too():
    with torch.device("meta"):
        net = FullyConnected("alexnet")
    assert net.origin("head.3.weight") == "classifier.1.weight" and net.origin("head.6.bias") == "classifier.4.bias"
    assert net.origin("head.8.weight") is None and net.head[8].out_features == 3
    assert net.origin("encoder.10.bias") == "features.10.bias"


def test_hrnet_and_coronets_classifier_take_theirs():
    with torch.device("meta"):
        hrnet, coronet = HRNet(), CoroNet()
        hrnet.from_reference(timm.create_model(hrnet.name).state_dict())
        coronet.from_reference(reference("resnet18").state_dict())
    assert {n for n in hrnet.state_dict() if hrnet.origin(n) is None} == {"head.2.weight", "head.2.bias"}


class TestWrongWeights:
    @pytest.fixture
    def state(self):
        return dict(reference("squeezenet1_1").state_dict())

    @pytest.fixture
    def net(self):
        return SqueezeNet()

    def test_what_is_missing_is_named(self, net, state):
        del state["features.0.weight"]
        with pytest.raises(
            ValueError, match=r"weights of squeezenet1_1: features\.0\.weight is missing\. Give the whole"
        ):
            net.from_reference(state)

    def test_what_has_another_shape_is_named(self, net, state):
        state["features.0.bias"] = torch.zeros(3)
        with pytest.raises(ValueError, match=r"features\.0\.bias is \(3,\) instead of \(64,\)"):
            net.from_reference(state)

    def test_a_deeper_networks_weights_are_refused(self):  # by 17 more blocks of 3 convolutions and 3 norms
        with torch.device("meta"):
            net, deeper = ResNet("resnet50"), reference("resnet101").state_dict()
        with pytest.raises(ValueError, match=r"weights of resnet50: layer3\.6\..* has no place; .* and 303 more"):
            net.from_reference(deeper)

    def test_another_familys_weights_are_refused_and_nothing_changes(self, net):
        before = {n: t.clone() for n, t in net.state_dict().items()}
        with pytest.raises(ValueError, match=r"features\.0\.weight is missing"):
            net.from_reference({"conv1.weight": torch.zeros(64, 3, 7, 7)})
        assert all(torch.equal(t, before[n]) for n, t in net.state_dict().items())

    def test_old_files_without_batch_counts_are_taken(self):
        with torch.device("meta"):
            state = reference("resnet18").state_dict()
            ResNet().from_reference({n: t for n, t in state.items() if not n.endswith("num_batches_tracked")})


@pytest.mark.parametrize("kind", [*CLASSES, Transfer])
def test_an_unknown_network_lists_the_valid_ones(kind):
    with pytest.raises(ValueError, match=f"no network 'lenet' here. There are: {', '.join(kind.names)}"):
        kind(name="lenet")


def test_no_activation_works_in_place():
    for kind, name in NETS:
        assert not any(getattr(m, "inplace", False) for m in on_paper(kind, name).modules()), name


def test_dropout_before_the_last_layer_is_the_librarys():
    drops = {name: [m.p for m in on_paper(kind, name).head if isinstance(m, torch.nn.Dropout)] for kind, name in NETS}
    assert {name: p for name, p in drops.items() if p} == {
        "googlenet": [0.2],
        "inception_v3": [0.5],
        "efficientnet_b4": [0.4],
        "alexnet": [0.5, 0.5],
        "vgg16": [0.5, 0.5],
        "vgg19": [0.5, 0.5],
        "squeezenet1_1": [0.5],
    }
