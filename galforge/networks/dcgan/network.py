"""Generator and discriminator of the DCGAN of Radford et al. (2016), at 64 or 128 px.

The ETH report says no more of its DCGAN than the name and 10,000 iterations. Layers and filters are those
of the example that comes with PyTorch: five 4 x 4 convolutions on either side, each with stride 2, batch
normalization between them, ReLU in the generator and leaky ReLU of slope 0.2 in the discriminator, weights
from N(0, 0.02). At 128 px both have one layer more at the narrow end.
"""

import math

from torch import Tensor, nn

from galforge.networks.dcgan.settings import DCGANSettings

SLOPE = 0.2
SPREAD = 0.02  # standard deviation of the weights at the start
NARROW = 4  # px, side of the smallest maps


class Generator(nn.Module):
    """Latents to the logits of a stamp; tanh of the half of them is the paper's output in [-1, 1]."""

    def __init__(self, image_shape: tuple[int, int, int], settings: DCGANSettings) -> None:
        super().__init__()
        filters = settings.filters
        depth = filters * image_shape[1] // (2 * NARROW)
        modules: list[nn.Module] = [
            nn.ConvTranspose2d(settings.latent_size, depth, NARROW, bias=False),  # (N, depth, 4, 4)
            nn.BatchNorm2d(depth),
            nn.ReLU(),
        ]
        while depth > filters:
            modules += [
                nn.ConvTranspose2d(depth, depth // 2, 4, 2, 1, bias=False),  # sides doubled
                nn.BatchNorm2d(depth // 2),
                nn.ReLU(),
            ]
            depth //= 2
        self.layers = nn.Sequential(
            *modules, nn.ConvTranspose2d(filters, image_shape[0], 4, 2, 1, bias=False)
        )
        self.apply(_start)

    def features(self, latents: Tensor) -> Tensor:
        """Return what the first layer makes of latents, (N, depth, 4, 4)."""
        maps: Tensor = self.layers[0](latents[:, :, None, None])
        return maps

    def forward(self, latents: Tensor) -> Tensor:
        """Return logits (N, C, S, S) of latents (N, latent_size)."""
        logits: Tensor = self.layers[1:](self.features(latents))
        return logits


class Discriminator(nn.Module):
    """Stamp in [-1, 1] to the logit of its being real."""

    def __init__(self, image_shape: tuple[int, int, int], filters: int) -> None:
        super().__init__()
        modules: list[nn.Module] = [
            nn.Conv2d(image_shape[0], filters, 4, 2, 1, bias=False),
            nn.LeakyReLU(SLOPE),
        ]
        depth = filters
        for _ in range(int(math.log2(image_shape[1] // (2 * NARROW)))):
            modules += [
                nn.Conv2d(depth, 2 * depth, 4, 2, 1, bias=False),  # sides halved
                nn.BatchNorm2d(2 * depth),
                nn.LeakyReLU(SLOPE),
            ]
            depth *= 2
        self.layers = nn.Sequential(*modules, nn.Conv2d(depth, 1, NARROW, bias=False), nn.Flatten(0))
        self.apply(_start)

    def features(self, images: Tensor) -> Tensor:
        """Return what the last layer sees of stamps (N, C, S, S), (N, depth, 4, 4)."""
        maps: Tensor = self.layers[:-2](images)
        return maps

    def forward(self, images: Tensor) -> Tensor:
        """Return (N,) of stamps (N, C, S, S)."""
        logits: Tensor = self.layers[-2:](self.features(images))
        return logits


def _start(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(layer.weight, 0.0, SPREAD)
    elif isinstance(layer, nn.BatchNorm2d):
        nn.init.normal_(layer.weight, 1.0, SPREAD)


def build(image_shape: tuple[int, int, int], settings: DCGANSettings) -> tuple[nn.Module, nn.Module]:
    """Return generator and discriminator for square stamps of 64 or 128 px."""
    return Generator(image_shape, settings), Discriminator(image_shape, settings.filters)
