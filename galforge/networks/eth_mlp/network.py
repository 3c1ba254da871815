"""The fully connected VAE of the ETH "Intergalactic Generators" report."""

import math

from torch import Tensor, nn

from galforge.networks.eth_mlp.settings import EthMLPSettings


class Encoder(nn.Module):
    """Stamp to mean and log variance.

    The report says "1,000 neurons in each hidden layer" and not how many layers; two on each side, and
    ReLU, are our choice.
    """

    def __init__(self, pixels: int, hidden_size: int, latent_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),  # (N, C H W)
            nn.Linear(pixels, hidden_size),
            nn.ReLU(),
            nn.Linear(hidden_size, hidden_size),
            nn.ReLU(),
        )
        self.mean = nn.Linear(hidden_size, latent_size)
        self.log_variance = nn.Linear(hidden_size, latent_size)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, (N, latent_size) each, of images (N, C, H, W)."""
        features = self.layers(images)
        return self.mean(features), self.log_variance(features)


def build(image_shape: tuple[int, int, int], settings: EthMLPSettings) -> tuple[nn.Module, nn.Module]:
    """Return encoder and decoder for stamps of any shape; the Bernoulli means' sigmoid is the model's."""
    hidden_size, latent_size = settings.hidden_size, settings.latent_size
    pixels = math.prod(image_shape)
    decoder = nn.Sequential(
        nn.Linear(latent_size, hidden_size),
        nn.ReLU(),
        nn.Linear(hidden_size, hidden_size),
        nn.ReLU(),
        nn.Linear(hidden_size, pixels),
        nn.Unflatten(1, image_shape),  # (N, C, H, W)
    )
    return Encoder(pixels, hidden_size, latent_size), decoder
