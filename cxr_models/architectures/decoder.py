"""A film back from any classifier's maps, for pre-training its encoder on films without labels (the CAE's idea).

One linear layer a cell, which paints that cell's patch of the film: the work is left to the encoder, which is what
is kept. SimMIM (Xie et al. 2022) finds such a head as good for what is learned as heavier ones, and cheaper.
"""

from torch import Tensor, nn
from torch.nn.functional import interpolate


class Decoder(nn.Module):
    """Maps (N, features, h, w) -> film (N, channels, h * scale, w * scale) in [0, 1]."""

    def __init__(self, features: int, scale: int, channels: int = 1):
        super().__init__()
        self.patch = nn.Conv2d(features, channels * scale**2, 1)
        self.lay = nn.PixelShuffle(scale)

    def forward(self, features: Tensor, size: tuple[int, int] | None = None) -> Tensor:
        """size: (H, W) wanted where the encoder's grid does not divide the film (299 pixels, say): bilinear."""
        film = self.lay(self.patch(features)).sigmoid()
        if size is None or film.shape[-2:] == size:
            return film
        return interpolate(film, size, mode="bilinear", align_corners=False)
