"""The convolutional encoder and decoder of Danilov (2020), Tables 1 and 2."""

from collections.abc import Callable, Sequence
from typing import Final

from torch import Tensor, nn

from galforge.networks.danilov.settings import DanilovSettings
from galforge.networks.whole_convolutions import CoveringConv2d, PointConvTranspose2d

# Ours. With batch normalization its size is all but without effect.
CONSTANT: Final = 0.1


class Encoder(nn.Module):
    """Stamp to the mean and log variance of its latent posterior, Table 1.

    Parameters
    ----------
    channels : int
        Channels of a stamp; 1 in the paper.
    settings : DanilovSettings

    Notes
    -----
    36,834,176 parameters with one channel and 64 latents: the paper's "36 million". The convolutions
    have no bias and start He normal; the paper does not say how the dense layers start, so theirs is
    torch's default.
    """

    def __init__(self, channels: int, settings: DanilovSettings) -> None:
        super().__init__()
        latent_size, normal = settings.latent_size, _normalization(settings)
        self.layers = nn.Sequential(
            nn.Conv2d(channels, 64, 4, 2, 1, bias=False),  # (N, 64, 32, 32)
            nn.LeakyReLU(0.2),
            nn.Conv2d(64, 128, 4, 2, 1, bias=False),  # (N, 128, 16, 16)
            normal(128),
            nn.LeakyReLU(0.2),
            nn.Conv2d(128, 256, 4, 2, 1, bias=False),  # (N, 256, 8, 8)
            normal(256),
            nn.LeakyReLU(0.2),
            nn.Conv2d(256, 512, 4, 2, 1, bias=False),  # (N, 512, 4, 4)
            normal(512),
            nn.LeakyReLU(0.2),
            CoveringConv2d(512, 4096, 4, 2, 0, bias=False),  # (N, 4096, 1, 1)
            nn.LeakyReLU(0.2),
            nn.Flatten(),  # (N, 4096)
        )
        self.mean = nn.Linear(4096, latent_size)
        self.log_variance = nn.Linear(4096, latent_size)
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight)
        _start_constant([*self.layers], settings)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, (N, latent_size) each, of images (N, C, 64, 64)."""
        features = self.layers(images)
        return self.mean(features), self.log_variance(features)


class Decoder(nn.Module):
    """Latent to the logits of a stamp, Table 2; the table's sigmoid is applied by the model.

    The last convolution starts Xavier normal, the others He normal; none has a bias.
    """

    def __init__(self, channels: int, settings: DanilovSettings) -> None:
        super().__init__()
        normal = _normalization(settings)
        self.layers = nn.Sequential(
            PointConvTranspose2d(settings.latent_size, 512, 4, 2, 0, bias=False),  # (N, 512, 4, 4)
            normal(512),
            nn.LeakyReLU(0.2),
            nn.ConvTranspose2d(512, 256, 4, 2, 1, bias=False),  # (N, 256, 8, 8)
            normal(256),
            nn.LeakyReLU(0.2),
            nn.ConvTranspose2d(256, 128, 4, 2, 1, bias=False),  # (N, 128, 16, 16)
            normal(128),
            nn.LeakyReLU(0.2),
            nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False),  # (N, 64, 32, 32)
            normal(64),
            nn.LeakyReLU(0.2),
            nn.ConvTranspose2d(64, channels, 4, 2, 1, bias=False),  # (N, C, 64, 64)
        )
        convolutions = [layer for layer in self.layers if isinstance(layer, nn.ConvTranspose2d)]
        for layer in convolutions[:-1]:
            nn.init.kaiming_normal_(layer.weight)
        nn.init.xavier_normal_(convolutions[-1].weight)
        _start_constant(convolutions, settings)

    def forward(self, latents: Tensor) -> Tensor:
        """Return logits (N, C, 64, 64) of latents (N, latent_size)."""
        logits: Tensor = self.layers(latents[:, :, None, None])
        return logits


def build(image_shape: tuple[int, int, int], settings: DanilovSettings) -> tuple[nn.Module, nn.Module]:
    """Return encoder and decoder for stamps of shape (C, 64, 64)."""
    channels = image_shape[0]
    return Encoder(channels, settings), Decoder(channels, settings)


def _normalization(settings: DanilovSettings) -> Callable[[int], nn.Module]:
    return nn.BatchNorm2d if settings.batch_normalization else lambda channels: nn.Identity()


def _start_constant(layers: Sequence[nn.Module], settings: DanilovSettings) -> None:
    """Set all weights of convolutions to one value, if that is wanted; the paper does not say to which."""
    for layer in layers:
        if settings.initialization == "constant" and isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.constant_(layer.weight, CONSTANT)
