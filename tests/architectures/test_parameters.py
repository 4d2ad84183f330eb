"""Each network has the parameters its paper gives it, and the shapes."""

import pytest
import torch
from torch import nn

from cxr_models.architectures.cae import CAE, HEADS, LSTM, classification_head
from cxr_models.architectures.cnn_x import CNNX
from cxr_models.architectures.coronet import FPAE, CoroNet
from cxr_models.architectures.gate_net import GateNet
from cxr_models.architectures.unet import UNet


def trainable(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters() if p.requires_grad)


@pytest.fixture(scope="module")
def cae():
    return CAE()


def test_cae_tables_1_to_3(cae):
    assert (trainable(cae.encoder), trainable(cae.decoder), trainable(cae.head)) == (3_947_712, 3_910_275, 3_705_091)
    assert trainable(cae.encoder) + trainable(cae.head) == 7_652_803


@pytest.mark.parametrize(
    ("head", "recurrent", "count"),
    [
        ("lstm-2dense", 1, 3_705_091),
        ("lstm-3dense", 1, 3_705_091 + 65 * 64),
        ("3lstm-2dense", 3, 3_705_091 + 2 * 2_099_200),
        ("5dense", 0, 3_705_091 - 2_099_200 + 3 * 65 * 64),
    ],
)
def test_cae_table_4(head, recurrent, count):
    net = classification_head(head, 3)
    assert trainable(net) == count
    assert sum(isinstance(layer, LSTM) for layer in net) == recurrent
    assert sum(isinstance(layer, nn.Linear) for layer in net) == int(head.split("dense")[0][-1])


def test_caes_head_is_one_of_table_4s_and_table_3s_if_not_said(cae):
    assert [type(layer) for layer in cae.head] == [type(layer) for layer in classification_head("lstm-2dense", 3)]
    with pytest.raises(ValueError, match=f"no head 'gru'. There are: {', '.join(HEADS)}"):
        CAE(head="gru")


def test_the_second_lstm_bias_is_zero_and_does_not_learn(cae):
    bias = cae.head[1].lstm.bias_hh_l0
    assert not bias.requires_grad and not bias.any()


def test_coronet_and_its_autoencoders():
    net = CoroNet(classes=3)
    assert trainable(FPAE()) == trainable(net.healthy) == trainable(net.pneumonia) == 53_659
    assert trainable(net) == 11_285_369


def test_cnn_x_has_about_1_44_million_weights_with_four_classes():
    paths = 16 * (2 * (9 + 1) + (25 + 1) + (81 + 1)) + 4 * 2 * 16  # four convolutions with bias, four batch norms
    assert trainable(CNNX(size=224, classes=4)) == paths + 64 * 75 * 75 * 4 + 4 == 1_442_180


def test_the_gates_network_is_small():
    assert trainable(GateNet()) == 135_542


def test_unet_widths_of_table_4_and_a_logit_for_every_pixel():
    net = UNet()
    assert [level[-2].out_channels for level in net.down] == [32, 64, 128, 256, 512]
    assert net(torch.zeros(1, 1, 32, 48)).shape == (1, 1, 32, 48)


def test_unet_halves_the_film_four_times():
    net, sizes = UNet(widths=(1, 2, 2, 2, 4)), []
    for level in net.down:
        level.register_forward_hook(lambda module, args, out: sizes.append(tuple(out.shape[1:])))
    net(torch.zeros(1, 1, 64, 64))
    assert sizes == [(1, 64, 64), (2, 32, 32), (2, 16, 16), (2, 8, 8), (4, 4, 4)]


def test_cae_gives_a_film_back_in_its_shape_and_range(cae):
    with torch.no_grad():
        again = cae.reconstruct(torch.rand(1, 3, 64, 64))
    assert again.shape == (1, 3, 64, 64)
    assert again.min() >= 0 and again.max() <= 1


def test_coronet_residuals_are_equations_5_to_7():
    net, x = CoroNet().eval(), torch.rand(1, 1, 32, 32)
    with torch.no_grad():
        healthy, pneumonia, tensor = net.healthy(x), net.pneumonia(x), net.residuals(x)
    expected = torch.cat([(x - healthy).abs(), (x - pneumonia).abs(), (2 * x - healthy - pneumonia).abs()], dim=1)
    torch.testing.assert_close(tensor, expected)


def test_without_the_input_skip_a_silenced_decoder_forgets_the_film():
    x = torch.rand(1, 1, 32, 32)
    for skip, expected in ((True, torch.sigmoid(x)), (False, torch.full_like(x, 0.5))):
        net = FPAE(input_skip=skip).eval()
        nn.init.zeros_(net.decoder[-1].weight), nn.init.zeros_(net.decoder[-1].bias)
        with torch.no_grad():
            torch.testing.assert_close(net(x), expected)
