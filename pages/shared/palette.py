"""The colours that mean something, the same on every page. Chosen for a dark room and for colour-blind readers."""

from cxr_models.types import BACTERIAL, COVID19, NON_COVID19, NORMAL, PNEUMONIA, VIRAL

# Okabe and Ito (2008); the luminances of one model's classes differ, so they stay apart in grey.
CLASS_COLOURS = {
    COVID19: "#d55e00",
    NORMAL: "#56b4e9",
    PNEUMONIA: "#f0e442",
    NON_COVID19: "#b8bec6",
    BACTERIAL: "#f0e442",
    VIRAL: "#cc79a7",
}

# Perceptually uniform: inferno (van der Walt and Smith 2015) for amounts, berlin (Crameri 2018) for signed values,
# whose middle is dark like the film and whose ends are blue (against) and red (for).
UNSIGNED = (
    "#000004", "#1b0c41", "#4a0c6b", "#781c6d", "#a52c60", "#cf4446", "#ed6925", "#fb9b06", "#f7d13d", "#fcffa4",
)  # fmt: skip
SIGNED = (
    "#9eb0ff", "#5ba4db", "#2d7597", "#1a4256", "#11191e", "#280d01", "#501803", "#8a3f2a", "#c4756a", "#ffadad",
)  # fmt: skip
