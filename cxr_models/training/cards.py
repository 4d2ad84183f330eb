"""What a reader is told about each model that no measurement says: title, paper, limits, and how short its training was."""

from dataclasses import dataclass

SPLIT = (
    "By group, seed 0: films of one patient and near-duplicates across collections stay together; 78 % training,"
    " 7 % validation, 15 % test; groups whose copies carry different labels are left out."
)
NO_GPU = "Trained without a GPU, far shorter than the paper: "
NOT_DISEASE = (
    "It was trained on public films in which collection and disease go together, so it may recognise the collection."
    " It knows only its own classes: every other disease gets one of them."
)


@dataclass(frozen=True)
class Card:
    """Texts of one manifest entry."""

    title: str
    family: str
    paper: str
    cam_layer: str
    limits: str
    shortened: str


CARDS = {
    "unet": Card(
        "Lungs (UNet)",
        "UNet",
        "HRNet + UNet study, table 4 and section 4.2",
        "",
        "Learned on films whose lungs are visible: it can leave out dense, consolidated lung. Not for measuring volume.",
        NO_GPU + "12 epochs at 128 px, 5 at 256 px, 1 at 512 px, where the paper has 25 at 512 px in each of 10 folds.",
    ),
    "resnet18": Card(
        "ResNet-18",
        "Baseline",
        "CNN-X study, table 1",
        "last feature map (512 x 7 x 7)",
        NOT_DISEASE,
        NO_GPU + "6 epochs of 5,000 films at 112 px and 2 at 224 px from random weights; the paper starts from ImageNet.",
    ),
    "cae": Card(
        "CAE with LSTM head",
        "CAE",
        "Convolutional autoencoder study, tables 1-3",
        "encoder output (512 x 7 x 7)",
        NOT_DISEASE + " Its map is a Grad-CAM, an approximation: the head is not linear.",
        NO_GPU + "1 epoch of pre-training on windows of 112 px, 1 epoch of 4,000 films for the head, 1 of 5,000 for all.",
    ),
    "coronet": Card(
        "CoroNet (two autoencoders)",
        "CoroNet",
        "CoroNet study, eq. 2-7",
        "classifier's last feature map (512 x 7 x 7)",
        NOT_DISEASE + " Its autoencoders copy the film through skips: residuals can follow grey value alone.",
        NO_GPU + "1 epoch of 3,000 windows of 112 px an autoencoder (paper: 50 epochs), classifier 4 epochs of 5,000 films"
        " at 112 px and 1 of 4,000 at 224 px.",
    ),
    "hrnet": Card(
        "HRNet on the lungs alone",
        "HRNet",
        "HRNet + UNet study, sections 4.1-4.3",
        "joined feature maps (270 x 56 x 56)",
        NOT_DISEASE + " It sees nothing outside the lungs found before; where these are wrong, so is it."
        " Later work found that the source still shows inside the lungs.",
        NO_GPU + "6 epochs of 4,000 films at 128 px and 1 of 3,000 at 224 px with the small W18 net.",
    ),
    "cnn-x": Card(
        "CNN-X",
        "CNN-X",
        "CNN-X study, section 3 and figure 2",
        "pooled paths (64 x 75 x 75)",
        NOT_DISEASE + " It has one convolution: it sees texture, not anatomy.",
        NO_GPU + "4 epochs of 5,000 films, where the paper has 20 epochs.",
    ),
}
