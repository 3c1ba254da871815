"""The first convolutional VAE of Laisney, Lalou & Marmet, which they gave up for its cost."""

from typing import Final

from torch import Tensor, nn

from galforge.networks.laisney_cnn_3conv.settings import LaisneyCNN3ConvSettings

KERNEL = 5
FILTERS: Final = (8, 16, 32)


class Encoder(nn.Module):
    """Stamp to mean and log variance: three 5 x 5 convolutions without pooling.

    The text says "3 successive convolutional layers"; their 8, 16 and 32 filters and the absence of
    pooling are those of the published code. ReLU between them is our choice, after Table III.
    """

    def __init__(self, image_shape: tuple[int, int, int], latent_size: int, dropout: float) -> None:
        super().__init__()
        channels, height, width = image_shape
        shrunk = len(FILTERS) * (KERNEL - 1)
        self.map_shape = (FILTERS[-1], height - shrunk, width - shrunk)
        layers: list[nn.Module] = [nn.Dropout(dropout)]
        for before, after in zip((channels, *FILTERS[:-1]), FILTERS, strict=True):
            layers += [nn.Conv2d(before, after, KERNEL), nn.ReLU()]  # each side 4 px less
        self.layers = nn.Sequential(*layers, nn.Flatten())
        features = self.map_shape[0] * self.map_shape[1] * self.map_shape[2]
        self.mean = nn.Linear(features, latent_size)
        self.log_variance = nn.Linear(features, latent_size)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, (N, latent_size) each, of images (N, C, H, W)."""
        features = self.layers(images)
        return self.mean(features), self.log_variance(features)


def build(
    image_shape: tuple[int, int, int], settings: LaisneyCNN3ConvSettings
) -> tuple[nn.Module, nn.Module]:
    """Return encoder and mirrored decoder for stamps of any shape; the sigmoid is the model's."""
    encoder = Encoder(image_shape, settings.latent_size, settings.dropout)
    layers: list[nn.Module] = [
        nn.Linear(settings.latent_size, encoder.mean.in_features),
        nn.Unflatten(1, encoder.map_shape),
    ]
    for before, after in zip(FILTERS[::-1], (*FILTERS[-2::-1], image_shape[0]), strict=True):
        layers += [nn.ReLU(), nn.ConvTranspose2d(before, after, KERNEL)]  # each side 4 px more
    return encoder, nn.Sequential(*layers)
