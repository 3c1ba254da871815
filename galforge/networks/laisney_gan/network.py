"""Generator and discriminator of the GAN of Laisney, Lalou & Marmet, 28 x 28 px.

The report says of them only the size of the stamps; these are the layers of its published code
(MrPacha/project-dl, GAN_fail.ipynb). All of the published generator's convolutions are 1 x 1 and follow on
the repetition of pixels, so that its stamps are 7 x 7 squares of 4 x 4 equal pixels whatever it learns:
with ``kernel_size`` 3 those after the two enlargements see their neighbours, at an edge its own pixels again.
"""

from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from galforge.networks.laisney_gan.settings import LaisneyGANSettings

NARROW = 7  # px, side of the generator's first maps
DROPOUT = 0.2
VALID = 28 - 4 * 4  # px, side of the maps after four 5 x 5 convolutions without padding


class Generator(nn.Module):
    """Latents to the logits of a stamp."""

    def __init__(self, channels: int, settings: LaisneyGANSettings) -> None:
        super().__init__()
        filters, kernel_size = settings.filters, settings.kernel_size
        # Zeros would make a bright frame, which the discriminator, without padding, hardly sees: statmorph,
        # which takes the outermost pixels for the sky, then measured a fifth of the demo's samples.
        edges: dict[str, Any] = {"padding": kernel_size // 2, "padding_mode": "replicate"}
        self.layers = nn.Sequential(
            nn.Linear(settings.latent_size, filters * NARROW**2),
            nn.ReLU(),
            nn.Unflatten(1, (filters, NARROW, NARROW)),  # (N, filters, 7, 7)
            nn.Upsample(scale_factor=2),
            nn.Conv2d(filters, filters, kernel_size, **edges),  # (N, filters, 14, 14)
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(filters, filters, kernel_size, **edges),  # (N, filters, 28, 28)
            nn.ReLU(),
            nn.Conv2d(filters, filters, 1),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 1),
            nn.ReLU(),
            nn.Conv2d(filters, channels, 1),  # (N, C, 28, 28)
        )

    def features(self, latents: Tensor) -> Tensor:
        """Return what the first layer makes of latents, (N, filters * 49)."""
        vectors: Tensor = self.layers[0](latents)
        return vectors

    def forward(self, latents: Tensor) -> Tensor:
        """Return logits (N, C, 28, 28) of latents (N, latent_size)."""
        logits: Tensor = self.layers[1:](self.features(latents))
        return logits


class Discriminator(nn.Sequential):
    """Stamps to the logit of their being real."""

    def features(self, images: Tensor) -> Tensor:
        """Return what the last layer sees of stamps (N, C, 28, 28), (N, F)."""
        vectors: Tensor = self[:-2](images)
        return vectors


def build(image_shape: tuple[int, int, int], settings: LaisneyGANSettings) -> tuple[nn.Module, nn.Module]:
    """Return generator, latents to logits, and discriminator, stamps to logits (N,), of (C, 28, 28)."""
    channels = image_shape[0]
    # The discriminator's filters go with the generator's: 32, 64, 128 and 256 beside 128.
    depths = [channels, *(settings.filters * part // 4 for part in (1, 2, 4, 8))]
    modules: list[nn.Module] = []
    for before, after in pairwise(depths):
        modules += [nn.Conv2d(before, after, 5), nn.ReLU(), nn.Dropout(DROPOUT)]
    modules += [nn.Flatten(), nn.Linear(depths[-1] * VALID**2, 1), nn.Flatten(0)]
    return Generator(channels, settings), Discriminator(*modules)
