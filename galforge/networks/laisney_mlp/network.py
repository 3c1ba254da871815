"""The multi-layer perceptrons of Laisney, Lalou & Marmet, Tables I and II."""

import math
from collections.abc import Sequence

from torch import Tensor, nn

from galforge.networks.laisney_mlp.settings import LaisneyMLPSettings


class Encoder(nn.Module):
    """Stamp to mean and log variance: dropout, linear, ReLU, linear, then a linear layer each.

    There is no activation after the second layer, as the tables have it.
    """

    def __init__(self, pixels: int, hidden_sizes: Sequence[int], latent_size: int, dropout: float) -> None:
        super().__init__()
        first, second = hidden_sizes
        self.layers = nn.Sequential(
            nn.Flatten(),  # (N, C H W)
            nn.Dropout(dropout),
            nn.Linear(pixels, first),
            nn.ReLU(),
            nn.Linear(first, second),
        )
        self.mean = nn.Linear(second, latent_size)
        self.log_variance = nn.Linear(second, latent_size)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, (N, latent_size) each, of images (N, C, H, W)."""
        features = self.layers(images)
        return self.mean(features), self.log_variance(features)


def build(image_shape: tuple[int, int, int], settings: LaisneyMLPSettings) -> tuple[nn.Module, nn.Module]:
    """Return encoder and decoder for stamps of any shape; the tables' sigmoid is the model's."""
    first, second = settings.hidden_sizes
    pixels = math.prod(image_shape)
    decoder = nn.Sequential(
        nn.Linear(settings.latent_size, second),
        nn.Linear(second, first),
        nn.ReLU(),
        nn.Linear(first, pixels),
        nn.Unflatten(1, image_shape),  # (N, C, H, W)
    )
    encoder = Encoder(pixels, settings.hidden_sizes, settings.latent_size, settings.dropout)
    return encoder, decoder
