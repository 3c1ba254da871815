"""The convolutional VAE of Laisney, Lalou & Marmet, Table III."""

from torch import Tensor, nn

from galforge.networks.laisney_cnn.settings import LaisneyCNNSettings

SIDE = 13  # px of the smallest map: 64 -> 60 -> 30 -> 26 -> 13


class Encoder(nn.Module):
    """Stamp to mean and log variance, the upper half of Table III."""

    def __init__(self, channels: int, latent_size: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Dropout(dropout),
            nn.Conv2d(channels, 16, 5),  # (N, 16, 60, 60)
            nn.ReLU(),
            nn.MaxPool2d(2),  # (N, 16, 30, 30)
            nn.Conv2d(16, 32, 5),  # (N, 32, 26, 26)
            nn.MaxPool2d(2),  # (N, 32, 13, 13)
            nn.ReLU(),
            nn.Flatten(),  # (N, 5408)
        )
        self.mean = nn.Linear(32 * SIDE * SIDE, latent_size)
        self.log_variance = nn.Linear(32 * SIDE * SIDE, latent_size)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, (N, latent_size) each, of images (N, C, 64, 64)."""
        features = self.layers(images)
        return self.mean(features), self.log_variance(features)


def build(image_shape: tuple[int, int, int], settings: LaisneyCNNSettings) -> tuple[nn.Module, nn.Module]:
    """Return encoder and decoder for stamps of shape (C, 64, 64); the sigmoid is the model's."""
    channels = image_shape[0]
    decoder = nn.Sequential(
        nn.Linear(settings.latent_size, 32 * SIDE * SIDE),
        nn.Unflatten(1, (32, SIDE, SIDE)),
        nn.ReLU(),
        nn.Upsample(scale_factor=2),  # (N, 32, 26, 26)
        nn.ConvTranspose2d(32, 16, 5),  # (N, 16, 30, 30)
        nn.ReLU(),
        nn.Upsample(scale_factor=2),  # (N, 16, 60, 60)
        nn.ConvTranspose2d(16, channels, 5),  # (N, C, 64, 64)
    )
    return Encoder(channels, settings.latent_size, settings.dropout), decoder
