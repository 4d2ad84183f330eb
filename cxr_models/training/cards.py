"""What a reader is told about each model that no measurement says: title, paper, limits, the paper's own training."""

from dataclasses import dataclass
from typing import Literal

SPLIT = (
    "By group, seed 0: films of one patient and near-duplicates across collections stay together; 78 % training,"
    " 7 % validation, 15 % test; groups whose copies carry different labels are left out."
)
NOT_DISEASE = (
    "It was trained on public films in which collection and disease go together, so it may recognise the collection."
    " It knows only its own classes: every other disease gets one of them."
)


@dataclass(frozen=True)
class Card:
    """Texts of one manifest entry, and the precision that holds its answers to those in float32."""

    title: str
    family: str
    paper: str
    cam_layer: str
    limits: str
    paper_training: str
    precision: Literal["bf16", "f32"] = "bf16"


CARDS = {
    "unet": Card(
        "Lungs (UNet)",
        "UNet",
        "HRNet + UNet study, table 4 and section 4.2",
        "",
        "Learned on films whose lungs are visible: it can leave out dense, consolidated lung. Not for measuring.",
        "25 epochs at 512 px in each of 10 folds",
    ),
    "resnet18": Card(
        "ResNet-18",
        "Baseline",
        "CNN-X study, table 1",
        "last feature map (512 x 7 x 7)",
        NOT_DISEASE,
        "20 epochs, all layers, from ImageNet weights",
    ),
    "cae": Card(
        "CAE with LSTM head",
        "CAE",
        "Convolutional autoencoder study, tables 1-3",
        "encoder output (512 x 7 x 7)",
        NOT_DISEASE + " Its map is a Grad-CAM, an approximation: the head is not linear.",
        "pre-training on 18,617 films, then 18 epochs",
    ),
    "coronet": Card(
        "CoroNet (two autoencoders)",
        "CoroNet",
        "CoroNet study, eq. 2-7",
        "classifier's last feature map (512 x 7 x 7)",
        NOT_DISEASE + " Its autoencoders copy the film through skips: residuals can follow grey value alone.",
        "50 epochs an autoencoder, 10 epochs for the classifier",
        precision="f32",  # residuals are small differences: in bf16 a probability moved by up to 0.04
    ),
    "hrnet": Card(
        "HRNet",
        "HRNet",
        "HRNet + UNet study, sections 4.1-4.3",
        "joined feature maps (270 x 56 x 56)",
        NOT_DISEASE + " It sees nothing outside the lungs found before; where these are wrong, so is it."
        " Later work found that the source still shows inside the lungs.",
        "25 epochs in each of 10 folds, on 910 films",
    ),
    "cnn-x": Card(
        "CNN-X",
        "CNN-X",
        "CNN-X study, section 3 and figure 2",
        "pooled paths (64 x 75 x 75)",
        NOT_DISEASE + " It has one convolution: it sees texture, not anatomy.",
        "20 epochs",
    ),
}
