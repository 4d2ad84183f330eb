"""Convolutional autoencoder, its LSTM head and the three it is compared with (CAE paper, tables 1-4)."""

from torch import Tensor, nn

from .classifier import Classifier

ENCODER = ((3, 64, 64), (64, 128), (128, 256), (256, 512), (512, 512))  # channels between two poolings
DECODER = (512, 512, 256, 128, 64, 3)
HEADS = {"lstm-2dense": (1, 2), "lstm-3dense": (1, 3), "3lstm-2dense": (3, 2), "5dense": (0, 5)}  # LSTM, dense layers


def encoder() -> nn.Sequential:
    """Table 1: (N, 3, 224, 224) -> (N, 512, 7, 7); 3,947,712 parameters."""
    layers: list[nn.Module] = []
    for widths in ENCODER:
        for inputs, outputs in zip(widths, widths[1:], strict=False):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


def decoder() -> nn.Sequential:
    """Table 2: (N, 512, 7, 7) -> (N, 3, 224, 224) in [0, 1]; 3,910,275 parameters.

    The last activation is not stated; a sigmoid reaches 0..1 and, unlike ReLU, has a gradient everywhere.
    """
    layers: list[nn.Module] = []
    for inputs, outputs in zip(DECODER, DECODER[1:], strict=False):
        layers += [nn.ConvTranspose2d(inputs, outputs, 3, 2, padding=1, output_padding=1), nn.ReLU(inplace=True)]
    layers[-1] = nn.Sigmoid()
    return nn.Sequential(*layers)


class Sequence(nn.Module):
    """(N, 512, 7, 7) -> (N, 49, 512): the grid read row by row."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).transpose(1, 2)


class LSTM(nn.Module):
    """(N, 49, 512) -> (N, 49, 512), the whole sequence. One bias vector as in Keras: the second is zero, untrained."""

    def __init__(self, width: int = 512):
        super().__init__()
        self.lstm = nn.LSTM(width, width, batch_first=True)
        nn.init.zeros_(self.lstm.get_parameter("bias_hh_l0")).requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        return self.lstm(x)[0]


def classification_head(name: str, classes: int) -> nn.Sequential:
    """Table 4: (N, 512, 7, 7) -> logits (N, classes). name: a key of ``HEADS``; ValueError lists them.

    Table 3 gives the widths of "lstm-2dense" (LSTM 512, dense 64) and the paper none of the others: ours keeps them in
    every further layer, so that the heads differ in depth alone.
    """
    if name not in HEADS:
        raise ValueError(f"There is no head {name!r}. There are: {', '.join(HEADS)}.")
    recurrent, dense = HEADS[name]
    layers: list[nn.Module] = [Sequence(), *(LSTM() for _ in range(recurrent)), nn.Flatten()]
    for inputs in (49 * 512, *[64] * (dense - 2)):
        layers += [nn.Linear(inputs, 64), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(64, classes))


class CAE(Classifier):
    """(N, 3, 224, 224) in [0, 1] -> logits (N, classes); ``reconstruct`` gives the film back.

    Trainable parameters: encoder 3,947,712, decoder 3,910,275; head with three classes: "lstm-2dense", table 3's,
    3,705,091, "lstm-3dense" 3,709,251, "3lstm-2dense" 7,903,491, "5dense" 1,618,371. ValueError for another head.
    """

    linear_head = False

    def __init__(self, classes: int = 3, head: str = "lstm-2dense"):
        super().__init__()
        self.encoder = encoder()
        self.decoder = decoder()
        self.head = classification_head(head, classes)

    def reconstruct(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) in [0, 1] -> the same shape and range; H and W multiples of 32."""
        return self.decoder(self.encoder(x))
